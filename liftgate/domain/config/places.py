"""Where environments and applications have their files: paths that are none, and files that two environments reach."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from liftgate.domain.common.names import is_name, is_path
from liftgate.domain.config.mistakes import Keys, Mistake
from liftgate.domain.config.pipeline import Application


def shared_files(environments: Mapping[str, str], applications: Mapping[str, Application]) -> Iterator[Mistake]:
    """A file of two environments would change in the second one without its gates."""
    lacking = {name: [each for each in environments if not one.file(each)] for name, one in applications.items()}
    for name, without in lacking.items():
        if without:
            yield Mistake(("applications", name, "values"), f"names no file for {', '.join(without)}")
    reached: dict[str, tuple[str, str]] = {}
    for environment, root in environments.items():
        for name, application in applications.items():
            if lacking[name]:
                continue
            path = application.place(root, environment)[1]
            other, owner = reached.setdefault(path, (environment, name))
            if other != environment:
                yield Mistake(("applications", owner), shared_file(path, other, environment))


def shared_file(path: str, one: str, other: str) -> str:
    """The sentence for a file that two environments reach."""
    return (
        f"{one} and {other} share the file {path}, so a change in {one} would also change {other}; "
        "give each environment its own path, or write {environment} into applications.NAME.values"
    )


def wrong_paths(environments: Mapping[str, str]) -> Iterator[Mistake]:
    for name, path in environments.items():
        if not is_name(name):
            yield Mistake((name,), f"{name[:40]!r} cannot name an environment; use letters, digits, dots and dashes")
        elif path != "/" and not is_path(path.replace("{environment}", name)):
            yield Mistake((name,), f"the path of {name} must be a folder in the repository, like /configs/{name}")


def wrong_place(name: str, application: Application) -> Iterator[Mistake]:
    if not is_name(name):
        yield Mistake((name,), f"{name[:40]!r} cannot name an application; use letters, digits, dots and dashes")
    values = application.values
    files: dict[Keys, str] = {("schema",): application.schema_path, ("folder",): application.folder}
    files |= (
        {("values",): values} if isinstance(values, str) else {("values", key): each for key, each in values.items()}
    )
    for keys, path in files.items():
        if path and not is_path(path.replace("{environment}", "x")):
            yield Mistake((name, *keys), f"{path[:80]!r} is not a path in the repository")


def wrong_earlier_names(applications: Mapping[str, Application]) -> Iterator[Mistake]:
    """Names in `was` that an application has now, or that two of them had."""
    had: dict[str, str] = {}
    for name, application in applications.items():
        for earlier in application.earlier_names:
            if not is_name(earlier):
                yield Mistake((name, "was"), f"{earlier[:40]!r} cannot name an application")
            elif earlier in applications:
                said = f'"{earlier}" is the name of an application now; write only earlier names'
                yield Mistake((name, "was"), said)
            elif had.setdefault(earlier, name) != name:
                yield Mistake((name, "was"), f'"{earlier}" is an earlier name of {had[earlier]} already')
