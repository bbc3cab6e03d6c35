"""The folder of the flows, the Python path of their processes, and Prefect's step that enters the folder."""

from __future__ import annotations

import os
from pathlib import Path

import liftgate


def project_root() -> Path:
    """The checkout's root, or the folder in the installed wheel that contains flows and tasks."""
    package = Path(liftgate.__file__).resolve().parent
    carried = package / "_project"
    return carried if carried.exists() else package.parent


def python_path() -> str:
    """The PYTHONPATH with which `flows`, `tasks` and `liftgate` are imported from one place."""
    return str(project_root())


def enter_project() -> dict[str, str]:
    """The pull step of prefect.yaml: a flow's process enters the folder with the flows of its own Liftgate."""
    os.chdir(project_root())
    return {"directory": python_path()}
