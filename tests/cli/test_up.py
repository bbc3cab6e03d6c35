"""`up` in the background of a script: all runs with its own settings, a second call finds it, nothing is left."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from sandbox_tests.plain import eventually, http

from liftgate.integrations.runs.registration import Registry
from liftgate.runtime import prefect_secret, record
from liftgate.runtime.own_settings import PROGRAMS, Program
from liftgate.runtime.ports import free_port, is_listening
from liftgate.runtime.project import project_root
from liftgate.runtime.worker_environment import HELD
from tests.background import in_background
from tests.cli.conftest import Said, made_in
from tests.examples import SERVER, WORKER, private_text

pytestmark = pytest.mark.prefect
FLOWS = ("promote", "update", "rollback", "nightly", "take-over")
LIFTGATE = [sys.executable, "-m", "liftgate.cli.main"]
RUNNING: dict[str, Program] = {"prefect-server": "Prefect server", "worker": "worker", "server": "server"}
MISSPELLED = "LIFTGATE_SERVER_SIGNING_KEY"
NOWHERE = "http://127.0.0.1:9"
SPECIAL = {
    "LIFTGATE_WORKER__SIGNING_KEY": private_text(WORKER),
    "LIFTGATE_WORKER__COMMANDS": '{"smoke": ["true"]}',
    "LIFTGATE_SERVER__SIGNING_KEY": private_text(SERVER),
    "LIFTGATE_SERVER__TRUSTED_PROXIES": '["192.0.2.1"]',
    "LIFTGATE_FORGE__KIND": "git",
    "LIFTGATE_REPOSITORY__BRANCH": "main",
    "LIFTGATE_ARGOCD__INSECURE": "False",
    "LIFTGATE_ARGOCD__SUSPENDED": "wait",
    "LIFTGATE_PREFECT__DATABASE": "sqlite",
    "LIFTGATE_PREFECT__NAME": "shop",
    "LIFTGATE_PREFECT__REDIS": "",
    "LIFTGATE_PREFECT__LIMIT": "9",
    "LIFTGATE_PREFECT__RETENTION_DAYS": "30",
    "LIFTGATE_WORKER__LIMIT": "4",
    "LIFTGATE_SOPS__PASS_ON": '["VAULT_TOKEN"]',
    "LIFTGATE_WORKER__PASS_ON": '["STEP_KEY"]',
    "LIFTGATE_SERVER__SESSION_HOURS": "7",
    "LIFTGATE_SERVER__DATABASE": "",
    "LIFTGATE_SERVER__OIDC__ISSUER": "https://sign-in.invalid",
    "LIFTGATE_SERVER__OIDC__SCOPES": '["openid"]',
}
"""Settings of which not every text is one."""
TOLD_BY_UP = {"LIFTGATE_PREFECT__API_URL", "LIFTGATE_PREFECT__AUTH_STRING"}


@dataclass(frozen=True)
class Up:
    process: subprocess.Popen[bytes]
    environment: dict[str, str]
    """All settings there are, and keys beside them."""
    out: Path
    folder: Path
    prefect: int
    server: int

    @property
    def api(self) -> str:
        return f"http://127.0.0.1:{self.prefect}/api"

    @property
    def secret(self) -> str:
        return prefect_secret.read_secret(self.folder)

    def call(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """In a second terminal."""
        return subprocess.run([*LIFTGATE, *arguments], env=self.environment, capture_output=True, text=True, check=True)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(60)


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    folder = tmp_path_factory.mktemp("up")
    prefect, server, out = free_port(), free_port(), folder / "out"
    environment = everything(folder)
    ports = ["--prefect-port", str(prefect), "--server-port", str(server)]
    with out.open("wb") as file:
        process = subprocess.Popen(in_background([*LIFTGATE, "up", *ports]), env=environment, stdout=file, stderr=file)
    up = Up(process, environment, out, folder / "state" / "up", prefect, server)
    try:
        assert eventually(lambda: "ssh -L" in out.read_text() or process.poll() is not None, within=300)
        assert process.poll() is None, out.read_text()
        yield up
    finally:
        if process.poll() is None:
            up.stop()


def everything(folder: Path) -> dict[str, str]:
    """Variables that set each setting, each secret to a text of its own."""
    plain = {k: v for k, v in os.environ.items() if not k.startswith(("PREFECT_", "LIFTGATE_"))}
    texts = {name: f"the text of {name.lower()}" for name in PROGRAMS if name not in SPECIAL}
    urls = {name: NOWHERE for name in PROGRAMS if name.endswith("__URL")}
    numbers = {name: "7" for name in PROGRAMS if name.endswith(("_SECONDS", "_DEADLINE"))}
    here = {"LIFTGATE_REPOSITORY__URL": str(made_in(folder).path), "LIFTGATE_STATE": str(folder / "state")}
    found = plain | texts | urls | numbers | SPECIAL | here
    found |= {
        "VAULT_TOKEN": "the text of vault",
        MISSPELLED: "the text of a mistake",
        "PYTHONPATH": str(project_root()),
    }
    return {name: value for name, value in found.items() if name not in TOLD_BY_UP | {"DISPLAY", "WAYLAND_DISPLAY"}}


def variables_of(process: int) -> dict[str, str]:
    lines = Path(f"/proc/{process}/environ").read_text().split("\0")
    return dict(line.split("=", 1) for line in lines if line)


def processes() -> Iterator[tuple[int, int, int]]:
    """Each process with its parent and its group."""
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it ended meanwhile
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
            yield int(entry.name), int(fields[1]), int(fields[2])


def arguments() -> bytes:
    """Of all processes of the machine."""
    found = b""
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            found += (entry / "cmdline").read_bytes()
    return found


def test_the_flows_are_registered_and_a_second_call_finds_it(up: Up) -> None:
    assert Registry(up.api, up.secret, "shop").missing(FLOWS) == []
    again = up.call("up").stdout
    assert again.startswith("already running:")
    assert f"http://127.0.0.1:{up.server}" in again
    assert str(prefect_secret.path(up.folder)) in again


@pytest.mark.parametrize("name", RUNNING)
def test_each_program_sees_its_own_settings_and_no_others(up: Up, name: str) -> None:
    program = RUNNING[name]
    leader = record.read_record(up.folder, name)
    assert leader is not None
    own = {setting for setting, programs in PROGRAMS.items() if program in programs}
    own -= set(HELD) if program == "worker" else set()
    for process in [pid for pid, _, group in processes() if group == leader.pid]:
        seen = variables_of(process)
        assert seen.keys() & PROGRAMS.keys() == own
        foreign = {value for setting, value in SPECIAL.items() if "KEY" in setting and program not in PROGRAMS[setting]}
        assert not foreign & set(seen.values())
        assert MISSPELLED not in seen
        assert ("VAULT_TOKEN" in seen) == (program == "worker")


def test_what_up_starts_to_watch_over_them_sees_no_settings(up: Up) -> None:
    leaders = {record.read_record(up.folder, name).pid for name in RUNNING}  # type: ignore[union-attr]
    beside = [pid for pid, parent, _ in processes() if parent == up.process.pid and pid not in leaders]
    assert beside
    assert not [name for pid in beside for name in variables_of(pid) if name.startswith(("LIFTGATE_", "VAULT"))]


def test_prefects_secret_is_asked_for_and_stands_in_its_file_alone(up: Up) -> None:
    assert http.get(f"{up.api}/admin/version").status_code == 401
    file = prefect_secret.path(up.folder)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert str(file) in up.out.read_text()
    password = up.secret.partition(":")[2].encode()
    assert [text for text in [up.out, *up.folder.glob("*.log")] if password in text.read_bytes()] == []
    assert password not in arguments()


def test_a_second_terminal_that_knows_the_address_needs_no_secret(
    up: Up, tmp_path: Path, liftgate: Callable[..., Said]
) -> None:
    clone = str(made_in(tmp_path).path)
    settings = {name: value for name, value in up.environment.items() if name.startswith("LIFTGATE_")}

    def not_known(address: str, **more: str) -> list[str]:
        given = settings | {"LIFTGATE_PREFECT__API_URL": address} | more
        said = liftgate("status", "--repo", clone, "--json", **given)
        return [line for line in said.data["unreachable"] if "in progress" in line]

    assert not_known(up.api) == []
    assert not_known(up.api.replace("127.0.0.1", "localhost")) == []
    assert "401" in not_known(up.api, LIFTGATE_STATE=str(tmp_path))[0]


def test_ctrl_c_leaves_nothing_behind(up: Up) -> None:
    assert up.stop() == 0
    assert not is_listening(up.prefect)
    assert not is_listening(up.server)
    assert processes_of(up.folder) == []


def processes_of(folder: Path) -> list[str]:
    """Command lines of processes that still work in the folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if str(folder) in str((entry / "cwd").readlink()):
                found.append((entry / "cmdline").read_text())
        except OSError:
            continue
    return found
