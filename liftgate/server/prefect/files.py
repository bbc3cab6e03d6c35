"""The files of Prefect's two user interfaces, from the Prefect package that is installed beside Liftgate."""

from __future__ import annotations

import mimetypes
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from liftgate.domain.common.value import Value

BASE: Final = "/prefect"
SECOND: Final = "v2/"
"""The newer interface is below this path."""
INDEX: Final = "index.html"
_PLACEHOLDER: Final = b"/PREFECT_UI_SERVE_BASE_REPLACE_PLACEHOLDER"
"""Prefect's own server replaces it with the path below which it serves them."""
_TEXTS: Final = (".html", ".js", ".css")


class File(Value):
    data: bytes
    kind: str
    """The media type."""
    is_index: bool
    """The page that starts an interface; all its paths show it."""


def find_file(path: str) -> File | None:
    """The file at this path below `/prefect/`; the index for a path of the interface itself, None without one."""
    second = path.startswith(SECOND)
    folder, below = _folder(second=second), path.removeprefix(SECOND) if second else path
    if folder is None:
        return None
    found = (folder / below).resolve() if below and "\0" not in below else folder / INDEX
    if not found.is_relative_to(folder):
        return None
    if found.is_file():
        return _read(found, f"{BASE}/{SECOND.rstrip('/')}" if second else BASE)
    return None if below.startswith("assets/") else find_file(SECOND if second else "")


@lru_cache(maxsize=2)
def _folder(*, second: bool) -> Path | None:
    """Found without an import of Prefect, which takes seconds."""
    package = find_spec("prefect")
    if package is None or not package.submodule_search_locations:
        return None
    folder = Path(package.submodule_search_locations[0], "server", "ui-v2" if second else "ui").resolve()
    return folder if (folder / INDEX).is_file() else None


@lru_cache(maxsize=32)
def _read(path: Path, base: str) -> File:
    data = path.read_bytes()
    if path.suffix in _TEXTS:
        data = data.replace(_PLACEHOLDER, base.encode())
    kind = "text/javascript" if path.suffix == ".js" else mimetypes.guess_type(path.name)[0]
    return File(data=data, kind=kind or "application/octet-stream", is_index=path.name == INDEX)
