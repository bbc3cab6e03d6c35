"""Debian's own Redis, in memory, started by the test on a free port; a test is skipped where it is not installed."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest
from sandbox_tests.plain import eventually

from liftgate.runtime.ports import LOOPBACK, free_port, is_listening

PACKAGE: Final = "redis-server"


class Redis:
    """It keeps nothing on the disk."""

    def __init__(self, folder: Path) -> None:
        program = shutil.which(PACKAGE)
        if not program:
            pytest.skip(f"there is no {PACKAGE} here: install Debian's package {PACKAGE}")
        self.port = free_port()
        self.url = f"redis://{LOOPBACK}:{self.port}/0"
        self._command = [program, "--bind", LOOPBACK, "--port", str(self.port), "--save", "", "--dir", str(folder)]
        self._log = folder / "redis.log"
        self.start()

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log)
        assert eventually(lambda: is_listening(self.port), within=30), self._log.read_text()

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()


@contextmanager
def redis_server(folder: Path) -> Iterator[Redis]:
    folder.mkdir(exist_ok=True)
    redis = Redis(folder)
    try:
        yield redis
    finally:
        redis.kill()
