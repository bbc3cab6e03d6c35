"""Where the flows lie, and the Python path their processes need."""

from __future__ import annotations

from pathlib import Path

import liftgate


def project_root() -> Path:
    """The checkout's root, or the folder of the installed wheel that carries flows and tasks."""
    package = Path(liftgate.__file__).resolve().parent
    carried = package / "_project"
    return carried if carried.exists() else package.parent


def python_path() -> str:
    """What PYTHONPATH must hold so that `flows`, `tasks` and `liftgate` import from one place."""
    return str(project_root())
