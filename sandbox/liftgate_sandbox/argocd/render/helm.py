"""Charts, rendered as Argo CD does it: by the `helm` program, over the files of the commit."""

from __future__ import annotations

import os
import posixpath
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import yaml

from liftgate_sandbox.argocd.kube import Object
from liftgate_sandbox.argocd.render.directory import RenderError, items_of
from liftgate_sandbox.argocd.repository import Files

_CACHE = "<path to cached source>"
_WITHIN = 90.0
"""Seconds a rendering may take, as with Argo CD (ARGOCD_EXEC_TIMEOUT)."""
_KUBERNETES = "1.36.1"
_KNOWN = {"releaseName", "valueFiles", "values", "valuesObject", "parameters", "ignoreMissingValueFiles"}


class Chart(NamedTuple):
    """The chart in `folder` of a commit; `references` are the files of the sources that values files name."""

    files: Files
    folder: str
    options: Object
    references: Mapping[str, Files]


def render_chart(chart: Chart, application: str, namespace: str) -> list[Object]:
    """The objects of a chart; RenderError says it in Helm's words."""
    program = shutil.which("helm")
    if program is None:
        raise RenderError("this stand-in renders charts by the helm program, which is not on its PATH")
    for unknown in sorted(chart.options.keys() - _KNOWN):
        raise RenderError(f"this stand-in does not know helm.{unknown}")
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        _lay(place / "source", chart.files)
        for name, files in chart.references.items():
            _lay(place / name, files)
        name = str(chart.options.get("releaseName") or application)
        wanted = ["--name-template", name, "--namespace", namespace, "--kube-version", _KUBERNETES]
        arguments = ["template", ".", *wanted, *_values(chart, place), "--include-crds"]
        return _objects(_run(program, arguments, place, chart.folder))


def _lay(place: Path, files: Files) -> None:
    for name, content in files.items():
        file = place / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)


def _values(chart: Chart, place: Path) -> Iterator[str]:
    for name in chart.options.get("valueFiles") or []:
        file = place / _values_file(str(name), chart)
        if file.exists() or not chart.options.get("ignoreMissingValueFiles"):
            yield from ("--values", str(file))
    inline = chart.options.get("valuesObject") or chart.options.get("values")
    if inline:
        file = place / "inline-values"
        file.write_text(inline if isinstance(inline, str) else yaml.safe_dump(inline))
        yield from ("--values", str(file))
    for one in chart.options.get("parameters") or []:
        yield from ("--set-string" if one.get("forceString") else "--set", f"{one['name']}={one.get('value', '')}")


def _values_file(name: str, chart: Chart) -> str:
    """Where a values file was laid, by the name in `valueFiles`: from the chart's folder, the root, or `$REF`."""
    failed = "error resolving helm value files: error resolving value file path"
    reference, _, rest = name.partition("/")
    if reference.startswith("$"):
        if reference[1:] not in chart.references:
            raise RenderError(f"{failed}: source referenced {reference!r}, but no source has a 'ref' of that name")
        return posixpath.normpath(f"{reference[1:]}/{rest}")
    path = posixpath.normpath(name[1:] if name.startswith("/") else f"{chart.folder}/{name}")
    if path.startswith(".."):
        raise RenderError(f"{failed}: file '{name}' resolved to outside repository root")
    return f"source/{path}"


def _run(program: str, arguments: list[str], place: Path, folder: str) -> str:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("HELM_", "KUBE"))}
    homes = {f"HELM_{what}_HOME": str(place / "helm" / what.lower()) for what in ("CACHE", "CONFIG", "DATA")}
    command, inside = [program, *arguments], place / "source" / folder
    said = f"`helm {' '.join(arguments)}` failed"
    try:
        done = subprocess.run(
            command, cwd=inside, env=inherited | homes, capture_output=True, text=True, check=False, timeout=_WITHIN
        )
    except subprocess.TimeoutExpired:
        raise RenderError(f"failed to execute helm template command: {said} timeout after 1m30s") from None
    if done.returncode:
        told = f"{said} exit status {done.returncode}: {done.stderr.strip()}"
        for name in ("source", *(one.name for one in place.iterdir())):
            told = told.replace(str(place / name), _CACHE)
        raise RenderError(f"failed to execute helm template command: failed running helm: {told}")
    return done.stdout


def _objects(text: str) -> list[Object]:
    return [item for one in yaml.safe_load_all(text) if one for item in items_of(one)]
