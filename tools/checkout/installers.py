"""The programs that create the environment and download its packages: uv if installed, else venv and pip."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Protocol

from tools.checkout.step import NotPossible, runs, step

OLDEST_GIT = (2, 38)
LOCKED = ("--require-hashes", "--no-deps")
"""A lock lists every package. Without --no-deps, pip would resolve extras again and install the newest versions."""


class Installer(Protocol):
    def check(self) -> None:
        """Raises NotPossible when this machine lacks what `create` needs."""

    def create(self, folder: Path) -> None:
        """Create an empty environment in a new folder."""

    def install(self, python: Path, lock: Path) -> list[str]:
        """The command that installs a lock file's packages for this Python."""


class Uv:
    def __init__(self, program: str) -> None:
        self._program = program

    def check(self) -> None:
        """uv needs no other program."""

    def create(self, folder: Path) -> None:
        step(
            "creating the environment with uv",
            [self._program, "venv", "-q", "--python", sys.executable, str(folder)],
        )

    def install(self, python: Path, lock: Path) -> list[str]:
        return [self._program, "pip", "install", *LOCKED, "--python", str(python), "-r", str(lock)]


class Pip:
    """The environment's own pip, or the system's pip, because Debian ships ensurepip in a separate package."""

    def check(self) -> None:
        if not runs(sys.executable, "-c", "import venv"):
            raise NotPossible(f"{sys.executable} cannot create an environment: install the package python3-venv")
        if not runs(sys.executable, "-c", "import ensurepip") and not runs(sys.executable, "-m", "pip", "--version"):
            raise NotPossible(f"{sys.executable} has neither ensurepip nor pip: install the package python3-venv")

    def create(self, folder: Path) -> None:
        venv = [sys.executable, "-m", "venv"]
        if runs(*venv, folder):
            return
        shutil.rmtree(folder, ignore_errors=True)
        step("creating the environment without its own pip", [*venv, "--without-pip", str(folder)])

    def install(self, python: Path, lock: Path) -> list[str]:
        own = runs(python, "-m", "pip", "--version")
        pip = [str(python), "-m", "pip"] if own else [sys.executable, "-m", "pip", "--python", str(python)]
        quiet = ["--disable-pip-version-check", "--no-input", "--progress-bar=off", "--no-compile"]
        return [*pip, "install", *quiet, *LOCKED, "-r", str(lock)]


def installer() -> Installer:
    uv = shutil.which("uv")
    return Uv(uv) if uv and runs(uv, "--version") else Pip()


def need_git() -> None:
    """Raises NotPossible when git is missing or too old."""
    needed = ".".join(map(str, OLDEST_GIT))
    if not shutil.which("git"):
        raise NotPossible(f"git is not installed; Liftgate needs {needed} or newer: install the package git")
    answer = subprocess.run(["git", "--version"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"(\d+)\.(\d+)", answer)
    if found is None or (int(found[1]), int(found[2])) < OLDEST_GIT:
        raise NotPossible(f"Liftgate needs git {needed} or newer; this is {answer.strip() or 'an unknown one'}")
