"""The checkout's Python environment: created on first use, repaired after an interruption, else unchanged."""

from __future__ import annotations

import hashlib
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path

from tools.checkout.installers import installer, need_git
from tools.checkout.step import runs, step


@dataclass(frozen=True)
class Environment:
    """A virtual environment at `folder` for the checkout at `root`.

    It contains the packages of requirements.lock, and for development also those of requirements-dev.lock.
    A stamp with the locks' digest is written last. If it is missing or differs, they are installed again.
    """

    folder: Path
    root: Path

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    def prepared(self, *, development: bool) -> Path:
        """The environment's Python; installs missing packages and reports that. Raises NotPossible."""
        if not self._is_ready(development=development):
            with self._alone():
                if not self._is_ready(development=development):
                    self._set_up(development=development)
        return self.python

    def _is_ready(self, *, development: bool) -> bool:
        """The development packages include the others, so their stamp is enough for both."""
        wanted = {True} if development else {True, False}
        return self.python.exists() and any(_text(self._stamp(kind)) == self._digest(kind) for kind in wanted)

    def _set_up(self, *, development: bool) -> None:
        need_git()
        tool, is_there = installer(), runs(self.python, "-c", "pass")
        if not is_there:
            tool.check()
        began = time.monotonic()
        print(f"Setting up {self.folder}; this happens only once", flush=True)
        for kind in (True, False):
            self._stamp(kind).unlink(missing_ok=True)
        if not is_there:
            shutil.rmtree(self.folder, ignore_errors=True)
            tool.create(self.folder)
        for lock in self._locks(development):
            step(f"installing {lock.name}", tool.install(self.python, lock))
        self._link_checkout()
        step(
            "compiling",
            [str(self.python), "-m", "compileall", "-q", "-j", "0", str(self.folder / "lib")],
            may_fail=True,
        )
        self._stamp(development).write_text(self._digest(development))
        print(f"Set up in {time.monotonic() - began:.0f} s", flush=True)

    def _link_checkout(self) -> None:
        """The environment's programs, such as prefect, import the checkout from any folder."""
        for packages in (self.folder / "lib").glob("python3*/site-packages"):
            (packages / "liftgate-checkout.pth").write_text(f"{self.root}\n{self.root / 'sandbox'}\n")

    def _locks(self, development: bool) -> list[Path]:
        names = ["requirements.lock", *(["requirements-dev.lock"] if development else [])]
        return [self.root / name for name in names]

    def _digest(self, development: bool) -> str:
        return hashlib.sha256(b"".join(lock.read_bytes() for lock in self._locks(development))).hexdigest()

    def _stamp(self, development: bool) -> Path:
        return self.folder / ("installed-development" if development else "installed")

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One setup at a time; a second `./dev` waits for the first and then uses its result."""
        with self.folder.with_suffix(".lock").open("w") as lock:
            try:
                flock(lock, LOCK_EX | LOCK_NB)
            except BlockingIOError:
                print("Another ./dev is setting up; waiting for it", flush=True)
                flock(lock, LOCK_EX)
            yield


def _text(path: Path) -> str:
    return path.read_text() if path.exists() else ""
