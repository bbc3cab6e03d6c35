"""An application: its values files in each environment, its schemas and checks."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile
from typing import Any, Final

from pydantic import Field, field_validator

from liftgate.domain.argocd.sync_waves import SyncWaves
from liftgate.domain.common.value import Value
from liftgate.domain.config.files import MARK, is_glob, matches_name
from liftgate.domain.config.pipeline import StepName
from liftgate.domain.planning.rules import VERSION, VersionPointer

BASE: Final = "base"
"""Takes the place of an environment for the values that releases come from."""


class Application(Value):
    argocd: SyncWaves = (("{application}-{environment}",),)
    """The Argo CD Application by name, or a list of them (regions) in order; those of an inner list are synced
    side by side. `{application}` and `{environment}` are filled in."""
    values: str | tuple[str, ...] | dict[str, str] = "values.json"
    """The values file below the environment's folder, with `{environment}` filled in. A list, or a glob
    (`values/*.json`), for several files that are promoted together; or an object with a file for each environment by
    its name."""
    schema_path: str | dict[str, str] = Field(default="", alias="schema")
    """JSON Schema in the repository; empty: the built-in one. With several files, one for all, or an object with a
    schema for each file or glob, of which the last counts; a file without one may hold any object."""
    version_pointer: VersionPointer = Field(default=VERSION, alias="version")
    """JSON pointer of the version in the values, which is promoted. Plans, messages and the board show it, and a
    release is chosen by it."""
    checks: dict[StepName, dict[str, Any]] = Field(default_factory=dict)
    """Settings of verification steps by name."""
    folder: str = ""
    """Folder below each environment's path, if many applications share the environments."""
    was: str | tuple[str, ...] = ()
    """An earlier name of the application, or a list of them: what was promoted under it counts for this one."""

    @field_validator("values", mode="before")
    @classmethod
    def _one_is_one(cls, values: Any) -> Any:
        """A list of one file is that file."""
        is_list = isinstance(values, list | tuple) and len(values) == 1
        return values[0] if is_list and isinstance(values[0], str) and not is_glob(values[0]) else values

    @property
    def earlier_names(self) -> tuple[str, ...]:
        return (self.was,) if isinstance(self.was, str) else self.was

    @property
    def patterns(self) -> tuple[str, ...]:
        """The files of an application that has several; empty if it has one."""
        values = self.values
        if isinstance(values, tuple):
            return values
        return (values,) if isinstance(values, str) and is_glob(values) else ()

    def file(self, environment: str) -> str:
        """The only values file below the environment's path and the folder; empty if there is none."""
        if isinstance(self.values, str) and not self.patterns:
            return self.values.replace(MARK, environment)
        return self.values.get(environment, "") if isinstance(self.values, dict) else ""

    @property
    def varies(self) -> bool:
        """Whether the environment is part of the file's path below the environment's own."""
        written = (self.values,) if isinstance(self.values, str) else self.values
        return isinstance(written, dict) or any(MARK in each for each in written)

    def below(self, root: str, file: str, environment: str) -> str:
        """Path of something below the environment's path and the folder; `{environment}` is filled in."""
        return "/".join(filter(None, (root, self.folder, file.replace(MARK, environment))))

    def path(self, root: str, environment: str, file: str = "") -> str:
        """Path of a values file by its name; without a name, of the only one."""
        return self.below(root, file or self.file(environment), environment)

    def own_folder(self, root: str, environment: str) -> str:
        """The folder below which all its files for an environment with this path are."""
        if not self.varies:
            return self.below(root, "", environment)
        files = self.patterns or (self.file(environment),)
        above = [each.partition("*")[0].rpartition("/")[0].split("/") for each in files]
        common = takewhile(lambda parts: len({*parts}) == 1, zip(*above, strict=False))
        return self.below(root, "/".join(parts[0] for parts in common), environment)

    def base_root(self, roots: Sequence[str]) -> str | None:
        """Below which folder base values would be, for environments with these paths in their order; None if
        nowhere."""
        if not self.patterns and not self.file(BASE):
            return None
        beside = f"{roots[0].rpartition('/')[0]}/{BASE}".lstrip("/")
        return roots[0] if self.varies and len({*roots}) == 1 else beside

    def schema_of(self, file: str) -> str:
        """Path of the JSON Schema of a file; empty if it has none of its own."""
        if isinstance(self.schema_path, str):
            return self.schema_path
        found = [schema for pattern, schema in self.schema_path.items() if matches_name(pattern, file)]
        return found[-1] if found else ""

    @property
    def schemas(self) -> tuple[str, ...]:
        """Paths of all its JSON Schemas."""
        written = self.schema_path
        return tuple(filter(None, (written,))) if isinstance(written, str) else tuple(dict.fromkeys(written.values()))

    def is_file(self, pattern: str, file: str) -> bool:
        """Whether a rule or pin for this pattern holds for the file; the only file is known by its path."""
        return matches_name(pattern, file or (self.values if isinstance(self.values, str) else ""))
