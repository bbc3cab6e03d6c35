"""Folder and variables of a run's process: all of them are the worker's own, none come from Prefect."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from liftgate.runtime.project import project_root
from worker.skipped_requests import CHECKED
from worker.sources import HOME, RUN_ID

Variables = Callable[[str], dict[str, str]]
"""The variables for the process of the run of that id."""


def variables(run: str) -> dict[str, str]:
    """The worker's variables, and its settings of Prefect, which may come from a profile."""
    from prefect.settings.context import get_current_settings

    prefects = get_current_settings().to_environment_variables(exclude_unset=True)
    return dict(os.environ) | prefects | CHECKED | {RUN_ID: run}


def folder() -> Path:
    """The folder that contains the flows."""
    return Path(os.environ.get(HOME) or project_root())
