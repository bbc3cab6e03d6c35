"""Where environments and applications have their files: paths that are none, and files that two environments reach."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from liftgate.domain.common.names import is_name, is_path
from liftgate.domain.common.nearest import nearest
from liftgate.domain.config.application import Application
from liftgate.domain.config.files import MARK, is_glob, may_match
from liftgate.domain.config.mistakes import Keys, Mistake
from liftgate.domain.json_text.pointer import split
from liftgate.domain.planning.rules import VERSION
from liftgate.errors import Refused


def shared_files(environments: Mapping[str, str], applications: Mapping[str, Application]) -> Iterator[Mistake]:
    """A file of two environments would change in the second one without its gates."""
    patterns = {name: one.patterns for name, one in applications.items()}
    lacking = {
        name: [] if patterns[name] else [each for each in environments if not one.file(each)]
        for name, one in applications.items()
    }
    for name, without in lacking.items():
        if without:
            lacks = f"names no file for {', '.join(without)}"
            fix = "write the path that it would have; the file need not exist"
            yield Mistake(("applications", name, "values"), f"{lacks}; {fix}")
    reached: dict[str, tuple[str, str]] = {}
    for environment, root in environments.items():
        for name, application in applications.items():
            files = () if lacking[name] else patterns[name] or ("",)
            for path in [application.path(root, environment, file) for file in files if not is_glob(file)]:
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
    files = {("folder",): application.folder, **_each("values", application.values)}
    for keys, path in (files | _each("schema", application.schema_path)).items():
        if path and not is_path(path.replace(MARK, "x").replace("*", "x")):
            yield Mistake((name, *keys), f"{path[:80]!r} is not a path in the repository")
    if not application.values:
        yield Mistake((name, "values"), "must name a file")
    twice = [each for each, times in Counter(application.patterns).items() if times > 1]
    if twice:
        yield Mistake((name, "values"), f"names {twice[0]} twice")
    yield from _wrong_version(name, application.version_pointer)
    yield from _wrong_schemas(name, application)


def _wrong_version(name: str, pointer: str) -> Iterator[Mistake]:
    try:
        if not split(pointer):
            yield Mistake((name, "version"), f"must name one value, like {VERSION}")
        elif "*" in pointer:
            yield Mistake((name, "version"), f"must name one value, without *, like {VERSION}")
    except Refused as refused:
        yield Mistake((name, "version"), str(refused))


def _each(key: str, written: str | Sequence[str] | Mapping[str, str]) -> dict[Keys, str]:
    """Each path with its place."""
    if isinstance(written, str):
        return {(key,): written}
    below = written.items() if isinstance(written, Mapping) else enumerate(written)
    return {(key, each): path for each, path in below}


def _wrong_schemas(name: str, application: Application) -> Iterator[Mistake]:
    if isinstance(application.schema_path, str):
        return
    if not application.patterns:
        said = "must be one path: only an application with several values files has several schemas"
        yield Mistake((name, "schema"), said)
        return
    for file in application.schema_path:
        if wrong := unknown_file(file, {name: application}):
            yield Mistake((name, "schema", file), wrong)


def unknown_file(file: str, applications: Mapping[str, Application]) -> str:
    """Why no application can have a file of this name, or that this glob means; empty if one can."""
    known = dict.fromkeys(each for one in applications.values() for each in _names(one))
    if not known or any(may_match(file, each) for each in known):
        return ""
    return f'no application has a values file "{file[:80]}"; {nearest(file, known)}'


def _names(application: Application) -> Sequence[str]:
    values = application.values
    return application.patterns or ((values,) if isinstance(values, str) else ())


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
