"""What generators find: the parameters of each application, from directories or files in Git, or from a list."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import Any

import yaml

from liftgate_sandbox.argocd.kube import Object
from liftgate_sandbox.argocd.render.directory import yaml_problem
from liftgate_sandbox.argocd.repository import Files, GitError
from liftgate_sandbox.argocd.sets.errors import ParamsError
from liftgate_sandbox.argocd.sources import Sources


def params_of(sources: Sources, spec: Object) -> list[Object]:
    """One set of parameters for each application that the set is to have."""
    return [one for generator in spec.get("generators") or [] for one in _generated(sources, generator)]


def _generated(sources: Sources, generator: Object) -> list[Object]:
    if "list" in generator:
        return [dict(one) for one in generator["list"].get("elements") or []]
    if "git" not in generator:
        kinds = ", ".join(sorted(generator.keys() - {"selector"}))
        raise ParamsError(f"this stand-in has the generators git and list, not {kinds}")
    git = generator["git"]
    if git.get("directories"):
        return _directories(_files(sources, git, "error getting directories from repo"), git["directories"])
    return list(_from_files(_files(sources, git, "error getting files from repo"), git))


def _files(sources: Sources, git: Object, failed: str) -> Files:
    what = "Git Directories" if "directories" in failed else "Git Files"
    try:
        sha = sources.resolve(git, str(git.get("revision", "")), "")
        return sources.repository(git["repoURL"]).files(sha)
    except GitError as error:
        problem = f"rpc error: code = Internal desc = unable to resolve git revision : {error}"
        raise ParamsError(f"error generating params from git: {failed}: error retrieving {what}: {problem}") from error


def _directories(files: Files, wanted: list[Object]) -> list[Object]:
    folders = sorted({folder for name in files for folder in _folders(name)})
    return [{"path": _path(one)} for one in folders if _is_wanted(one, wanted)]


def _folders(name: str) -> Iterator[str]:
    folder = posixpath.dirname(name)
    while folder:
        yield folder
        folder = posixpath.dirname(folder)


def _is_wanted(name: str, wanted: list[Object]) -> bool:
    fits = [one for one in wanted if _matches(name, str(one["path"]))]
    return bool(fits) and not any(one.get("exclude") for one in fits)


def _matches(name: str, pattern: str) -> bool:
    """A `*` stays within one part of the path, `**` does not."""
    parts = [".*" if part == "**" else re.escape(part).replace(r"\*", "[^/]*") for part in pattern.split("/")]
    return re.fullmatch("/".join(parts), name) is not None


def _path(name: str) -> Object:
    base = posixpath.basename(name)
    return {"path": name, "basename": base, "basenameNormalized": _normalized(base), "segments": name.split("/")}


def _normalized(name: str) -> str:
    return re.sub(r"[^a-z0-9-]", "-", name.lower())[:253].strip("-")


def _from_files(files: Files, git: Object) -> Iterator[Object]:
    wanted = git.get("files") or []
    for name in sorted(one for one in files if _is_wanted(one, wanted)):
        base = posixpath.basename(name)
        path = _path(posixpath.dirname(name)) | {"filename": base, "filenameNormalized": _normalized(base)}
        for found in _objects(name, files[name], git["repoURL"]):
            yield found | {"path": path}


def _objects(name: str, content: bytes, url: str) -> list[Object]:
    try:
        read: Any = yaml.safe_load(content)
    except yaml.YAMLError as error:
        problem = f"unable to parse file: {yaml_problem(error)}"
        where = f"unable to process file '{name}' from repository '{url}'"
        raise ParamsError(f"error generating params from git: {where}: {problem}") from error
    return [dict(one) for one in (read if isinstance(read, list) else [read]) if isinstance(one, dict)]
