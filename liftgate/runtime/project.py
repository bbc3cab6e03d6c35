"""Where the flows lie, the Python path their processes need, and the step by which Prefect goes there."""

from __future__ import annotations

import os
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


def enter_project() -> dict[str, str]:
    """The pull step of prefect.yaml: the process of a flow goes where the flows of its own Liftgate are."""
    os.chdir(project_root())
    return {"directory": python_path()}
