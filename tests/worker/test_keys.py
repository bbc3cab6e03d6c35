"""The worker's own programs: a signer process with the keys, and a worker, zygote and flows without them."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from liftgate_sandbox.argocd import Timings
from liftgate_sandbox.town import BOT, Town, token_of
from sandbox_tests.plain import eventually

from liftgate.domain.commits import signature
from liftgate.errors import Refused, Unavailable
from liftgate.integrations.git.repository import Repository
from liftgate.integrations.signing.client import RemoteKeyHolder
from liftgate.runtime import own_settings
from liftgate.runtime.project import python_path
from liftgate.runtime.worker_environment import HELD, without_keys
from liftgate.settings import from_variables
from tests.background import in_background
from tests.committing import commit
from tests.examples import SEED, WORKER, private_text, text
from tests.lab import Lab, configured, seed, variables
from tests.prefect_server import PrefectApi
from tests.ssh_server import ssh_server

SETTINGS = {
    "LIFTGATE_REPOSITORY__URL": "http://127.0.0.1:1/none.git",
    "LIFTGATE_REPOSITORY__TOKEN": "token-of-the-repository",
    "LIFTGATE_WORKER__SIGNING_KEY": private_text(WORKER),
    "LIFTGATE_WORKER__EMAIL": "liftgate@example.com",
}
LOOK = """
import json, os, pathlib
found, pid = {}, os.getpid()
while pid > 1:
    folder = pathlib.Path("/proc") / str(pid)
    found[pid] = [(folder / "cmdline").read_text().replace("\\0", " "), (folder / "environ").read_text()]
    pid = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
pathlib.Path(os.environ["LOOK_AT"]).write_text(json.dumps(found))
"""


@contextmanager
def signer(**more: str) -> Iterator[tuple[RemoteKeyHolder, subprocess.Popen[bytes]]]:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": python_path(), "LIFTGATE_HOME": python_path()}
    command = [sys.executable, "-m", "worker.signer", str(theirs.fileno())]
    with theirs:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, env=environment, pass_fds=[theirs.fileno()])
    assert process.stdin
    with process.stdin as secrets:
        secrets.write(json.dumps(SETTINGS | more).encode())
    holder = RemoteKeyHolder(ours.fileno())
    try:
        yield holder, process
    finally:
        holder.close()
        ours.close()
        process.wait(30)  # it ends by itself: nothing can ask any more


def test_the_signer_process_answers_refuses_and_ends_with_the_last_that_can_ask(tmp_path: Path) -> None:
    with signer(LIFTGATE_STATE=str(tmp_path)) as (holder, process):
        assert holder.public_half() == signature.public_bytes(WORKER)
        with pytest.raises(Refused, match="signs nothing"):
            holder.signature(b"anything", signature.VOTES)
        with pytest.raises(Refused):
            holder.signature(b"anything", signature.COMMITS)
        with pytest.raises(Refused, match="does not understand"):
            holder._ask("private_bytes_raw")
        assert b"token-of-the-repository" not in Path(f"/proc/{process.pid}/environ").read_bytes()
    assert process.returncode == 0


def test_who_asks_a_signer_process_that_was_killed_is_told_to_try_again(tmp_path: Path) -> None:
    with signer(LIFTGATE_STATE=str(tmp_path)) as (holder, process):
        holder.public_half()
        os.kill(process.pid, signal.SIGKILL)
        process.wait(30)
        with pytest.raises(Unavailable, match="has ended"):
            holder.fetch()


def test_a_wrong_key_is_one_sentence(tmp_path: Path) -> None:
    with signer(LIFTGATE_STATE=str(tmp_path), LIFTGATE_WORKER__SIGNING_KEY="no key") as (holder, process):
        with pytest.raises(Unavailable):
            holder.public_half()
        assert process.wait(30) == 1


def test_what_a_worker_passes_on_is_an_allow_list() -> None:
    more = {"LIFTGATE_WORKER__PASS_ON": '["STEP_KEY"]', "LIFTGATE_FORGE__TOKEN": "t", "LIFTGATE_FORGE__APP_KEY": "k"}
    settings = from_variables(SETTINGS | more)
    given = SETTINGS | more | {"PATH": "/bin", "AWS_SECRET_ACCESS_KEY": "x", "STEP_KEY": "y", "LC_ALL": "C"}
    given |= {"liftgate_worker__signing_key": "z", "LIFTGATE_WORKER": "{}", "PREFECT_API_URL": "u"}
    passed = without_keys(settings, given)
    ours = {name: value for name, value in own_settings.own("worker", settings).items() if name not in HELD}
    assert passed == {"PATH": "/bin", "STEP_KEY": "y", "LC_ALL": "C", "PREFECT_API_URL": "u"} | ours
    assert not {"z", "t", "k", "token-of-the-repository"} & set(passed.values())


def test_the_signer_process_alone_reaches_a_repository_over_ssh(tmp_path: Path) -> None:
    bare = tmp_path / "config.git"
    subprocess.run(["git", "init", "-q", "--bare", str(bare)], check=True)
    commit(bare, {"liftgate.json": text(SEED)}, "Start\n")
    with ssh_server(tmp_path / "server") as server:
        over_ssh = {
            "LIFTGATE_REPOSITORY__URL": f"{server.address}{bare}",
            "LIFTGATE_REPOSITORY__SSH_KEY": server.key,
            "LIFTGATE_REPOSITORY__KNOWN_HOSTS": server.known_hosts,
            "LIFTGATE_STATE": str(tmp_path / "state"),
        }
        with signer(**over_ssh) as (holder, process):
            assert holder.fetch() == Repository(bare).resolve("refs/heads/main")
            secret = server.key.splitlines()[1].encode()
            assert secret not in Path(f"/proc/{process.pid}/environ").read_bytes()
        passed = without_keys(from_variables(SETTINGS | over_ssh), over_ssh)
        assert passed["LIFTGATE_REPOSITORY__KNOWN_HOSTS"] == server.known_hosts
        assert server.key not in passed.values()


@pytest.mark.prefect
def test_neither_key_nor_token_is_in_the_processes_of_a_flow_and_a_worker_in_the_background_ends_at_sigint(
    prefect_api: PrefectApi, own_pool: str, tmp_path: Path
) -> None:
    """A whole promotion to dev, whose test command reads the environment of every process above it."""
    seen = tmp_path / "seen"
    with Town(tmp_path / "town", timings=Timings.fast()) as town:
        lab = Lab(replace(prefect_api, pool=own_pool), town, tmp_path)
        seed(lab, configured(lab, policy={"staging": {"start": "manual"}}))
        town.deploy("example-app")
        look = f"import os; os.environ['LOOK_AT'] = {str(seen)!r}\n{LOOK}"
        commands = json.dumps({"smoke": [sys.executable, "-c", look]})
        with in_a_script(lab, variables(lab, LIFTGATE_WORKER__COMMANDS=commands)) as worker:
            flow = prefect_api.deploy("flows.promote.promote", pool=own_pool)
            run = prefect_api.run(flow, application="example-app", to="dev")
            assert lab.ended(run)["type"] == "COMPLETED", lab.logs(run)
            above = json.loads(seen.read_text())
            worker.send_signal(signal.SIGINT)
            assert worker.wait(60) == 0, said(lab)
        tree = {pid: above[pid] for pid in list(above)[: list(above).index(str(worker.pid)) + 1]}
        assert len(tree) == 5, "the command, the flow, its keeper, the zygote and the worker"
        secret = private_text(WORKER).splitlines()[1]
        for command, environment in tree.values():
            assert secret not in environment, command
            assert token_of(BOT) not in environment, command
        assert lab.version("dev") == "1.4.2"
        assert [entry.outcome for entry in lab.entries("dev")] == ["promoted"]


@contextmanager
def in_a_script(lab: Lab, settings: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """`liftgate worker` of the lab's pool, as a script starts it with `&`; it is ready."""
    command = in_background([sys.executable, "-m", "liftgate.cli.main", "worker"])
    environment = lab.prefect.environment | settings | {"PYTHONPATH": python_path()}
    with (lab.folder / "out").open("w") as out:
        worker = subprocess.Popen(command, env=environment, stdout=out, stderr=out)
    with worker:
        try:
            assert eventually(lambda: bool(lab.prefect.runs_of(lab.prefect.pool).workers()), within=90.0), said(lab)
            yield worker
        finally:
            worker.kill()  # else one that does not end is waited for without a limit


def said(lab: Lab) -> str:
    return (lab.folder / "out").read_text()
