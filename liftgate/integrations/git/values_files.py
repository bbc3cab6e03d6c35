"""Where an application's values files are at a commit: in an environment, and where its releases come from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress

from liftgate.domain.common.names import is_path
from liftgate.domain.common.plain import one_line, printable
from liftgate.domain.config.application import BASE, Application
from liftgate.domain.config.configuration import FILE, Configuration
from liftgate.domain.config.files import MARK, is_glob, name_of, pathspec
from liftgate.domain.config.places import shared_file
from liftgate.errors import LiftgateError, Misconfigured
from liftgate.integrations.git.repository import Repository

Paths = dict[str, str]
"""Path of each values file by its name, which is the same in all environments; the only file's name is empty."""


class ValuesFiles:
    """Of one application by one configuration, at any commit."""

    def __init__(
        self, repository: Repository, name: str, application: Application, configuration: Configuration
    ) -> None:
        self._repository, self._name = repository, name
        self._application, self._roots = application, configuration.environments

    def in_environment(self, commit: str, environment: str) -> Paths:
        """Those that the list names, there or not, and those that a glob finds. Raises Misconfigured for a file that
        is reached twice."""
        found = self._below(commit, self._roots[environment], environment)
        if any(map(is_glob, self._application.patterns)):
            for other, root in self._roots.items():
                theirs = {} if other == environment else self._below(commit, root, other)
                if both := sorted({*found.values()} & {*theirs.values()}):
                    where = f"{FILE}: applications.{self._name}.values"
                    raise Misconfigured(f"{where}: {shared_file(both[0], environment, other)}")
        return found

    def of_sources(self, commit: str) -> tuple[Paths, ...]:
        """Where releases come from: the base values, if they have a place, before the first environment's."""
        base = self._application.base_root(tuple(self._roots.values()))
        below_base = {} if base is None else self._below(commit, base, BASE)
        return below_base, self.in_environment(commit, next(iter(self._roots)))

    def sources_there(self, commit: str) -> Paths:
        """Those of these places that has a file at the commit; the last if none has."""
        base, first = self.of_sources(commit)
        return base if self.there(commit, base) else first

    def there(self, commit: str, paths: Mapping[str, str]) -> Paths:
        """Those that exist at the commit."""
        return {file: path for file, path in paths.items() if self._repository.object_id(commit, path)}

    def pathspecs(self, paths: Mapping[str, str], place: str = "") -> tuple[str, ...]:
        """For Git's history: also finds commits that removed a file which a glob means. `place`: the environment of the
        paths, which may be none."""
        globs = [each for each in self._application.patterns if is_glob(each)]
        roots = [(BASE, self._application.base_root(tuple(self._roots.values()))), *self._roots.items()]
        found = [
            self._application.below(root, glob, environment)
            for environment, root in roots
            for glob in globs
            if root is not None
            and (environment == place or any(self._is_below(path, root, glob, environment) for path in paths.values()))
        ]
        return tuple(dict.fromkeys([*paths.values(), *map(pathspec, found)]))

    def known(self, commit: str) -> Iterator[Paths]:
        """All places: of the base values and of each environment. A place that cannot be listed is left out."""
        with suppress(LiftgateError):
            yield from self.of_sources(commit)
        for environment in self._roots:
            with suppress(LiftgateError):
                yield self.in_environment(commit, environment)

    def _is_below(self, path: str, root: str, glob: str, environment: str) -> bool:
        prefix = self._application.below(root, "", environment)
        return bool(name_of(glob, path.removeprefix(f"{prefix}/" if prefix else ""), environment))

    def _below(self, commit: str, root: str, environment: str) -> Paths:
        patterns = self._application.patterns
        if not patterns:
            return {"": self._application.path(root, environment)} if self._application.file(environment) else {}
        folder = self._application.below(root, "", environment)
        listed = [path for path, _ in self._repository.paths(commit, folder)] if any(map(is_glob, patterns)) else []
        plain = (path for path in listed if not path.startswith(".git/"))
        below = sorted(path.removeprefix(f"{folder}/") if folder else path for path in plain)
        found: Paths = {}
        for pattern in patterns:
            names = [name for each in below if (name := name_of(pattern, each, environment))]
            for name in names if is_glob(pattern) else [pattern]:
                path = self._application.path(root, environment, name)
                if path in found.values():
                    raise Misconfigured(f"{FILE}: applications.{self._name}.values: reaches {path} twice")
                if not is_path(path) or one_line(path) != path:
                    said = f"reaches {printable(path)[:80]!r}, a name that cannot stand in a commit's message"
                    raise Misconfigured(f"{FILE}: applications.{self._name}.values: {said}; rename the file")
                found[name] = path
        return found


def names_now(application: Application, then: Mapping[str, str], known: Mapping[str, str]) -> Paths:
    """Recorded files under the names that the application's files have now: `then` is the name that each path had (it
    may be empty), `known` what today's configuration calls a path. What has no name now is left out."""
    if not application.patterns:
        only = next((path for path in then if len(then) == 1 or path in known), "")
        return {"": only} if only else {}
    found: Paths = {}
    for path, name in then.items():
        is_known = bool(name) and any(name_of(pattern, name, MARK) for pattern in application.patterns)
        if now := name if is_known else known.get(path, ""):
            found[now] = path
    return found
