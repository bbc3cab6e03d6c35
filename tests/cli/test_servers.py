"""The commands that ask servers: a whole small world of them, and what is said when one is not there."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from sandbox_tests.plain import NO_CERTIFICATES

from liftgate.integrations.ledger.git_branch import REF
from liftgate.runtime.environment import scrubbed
from liftgate.runtime.ports import free_port, is_listening
from liftgate.runtime.project import python_path
from tests.background import in_background
from tests.cli.conftest import Folder, Said
from tests.examples import NOW, WORKER, private_text
from tests.flows.conftest import lab
from tests.integrations.conftest import AUTHOR
from tests.lab import Lab, variables
from tests.server.conftest import running
from tests.server.world import World, wait_until
from tests.services.course import course_of

__all__ = ["lab", "running"]
Liftgate = Callable[..., Said]


def nowhere() -> str:
    """An address at which nobody listens."""
    return f"http://127.0.0.1:{free_port()}/api"


@pytest.mark.prefect
def test_an_update_is_followed_to_its_end_and_stands_in_the_history_and_so_is_the_way_back(
    lab: Lab, liftgate: Liftgate, tmp_path: Path
) -> None:
    settings = lab.variables | {"LIFTGATE_SERVER__URL": "https://gate.example.com"}
    change = ("--set", "/application/features/search=false", "--reason", "try it")
    said = liftgate("update", "example-app", "--in", "dev", *change, "--wait", "--json", **settings)
    assert said.code == 0, said.err
    data = said.data
    assert data["page"] == f"https://gate.example.com/promotions/{data['promotion']}"
    assert data["reason"].startswith("Updated dev in ")
    assert "running" in said.err
    assert lab.json("dev")["application"]["features"]["search"] is False
    clone = cloned(lab, tmp_path)
    entries = liftgate("history", "--repo", str(clone), "--json").data["entries"]
    assert [each["promotion"] for each in entries] == [data["promotion"]]
    board = liftgate("status", "--repo", str(clone), "--json").data["board"]
    assert {cell["environment"]: cell["state"] for cell in board}["dev"] == "verified"
    too_early = liftgate("promote", "example-app", "--to", "prod", "--release", "1.4.2", "--wait")
    assert too_early.code == 3
    assert "not verified in staging" in too_early.out
    check_the_way_back(lab, liftgate)


def check_the_way_back(lab: Lab, liftgate: Liftgate) -> None:
    """It is shown, started and followed to its end."""
    course = course_of(lab)
    first, second = course.past("1.4.2"), course.past("1.4.3")
    command = ("rollback", "example-app", "--in", "dev", "--to", first[:20], "--wait", "--json")
    said = liftgate(*command)
    assert said.code == 0, said.err
    assert said.data["reason"].startswith("Rolled dev back to 1.4.2 in ")
    assert said.data["took_back"] == [second]
    assert '"1.4.3" → "1.4.2"' in said.err
    assert lab.version("dev") == "1.4.2"
    again = liftgate(*command)
    assert again.code == 3
    assert "nothing to do" in again.err


@pytest.mark.prefect
def test_status_says_who_is_waited_for_and_the_doctor_what_is_not_well(
    lab: Lab, liftgate: Liftgate, tmp_path: Path
) -> None:
    settings = lab.variables
    change = ("--set", "/application/features/search=false")
    run = liftgate("update", "example-app", "--in", "prod", *change, "--json", **settings).data["promotion"]
    healthy = liftgate("doctor", "--json")
    others = {name: state for name, state in states(healthy).items() if state != "passed"}
    assert others == dict.fromkeys(("sign-in", "signatures", "forge: protection"), "not configured"), healthy.out
    lab.suspended(run)
    clone = str(cloned(lab, tmp_path))
    (waiting,) = going(liftgate("status", "--repo", clone, "--json"), "prod")
    assert (waiting["promotion"], waiting["activity"]) == (run, "waiting")
    assert "anyone but the requester" in waiting["sentence"]
    lab.prefect.call("POST", f"/flow_runs/{run}/set_state", {"state": {"type": "CRASHED"}, "force": True})
    (crashed,) = going(liftgate("status", "--repo", clone, "--json"), "prod")
    assert (crashed["promotion"], crashed["activity"]) == (run, "stopped")
    swapped = {"LIFTGATE_WORKER__SIGNING_KEY": lab.variables["LIFTGATE_SERVER__SIGNING_KEY"]}
    said = liftgate("doctor", "--json", **swapped, LIFTGATE_ARGOCD__URL=nowhere())
    assert said.code == 1
    assert {name for name, state in states(said).items() if state == "failed"} == {"worker's key", "Argo CD"}
    assert ".liftgate/allowed_signers" in said.out
    mirror, path = lab.mirror("somebody", "ada"), "entries/example-app/prod/deep.json"
    mirror.fetch()
    sha = mirror.write(mirror.resolve(REF), {path: b"[" * 200_000}, "by hand\n", NOW, AUTHOR, None)
    assert mirror.push(sha, REF, mirror.resolve(REF)) == "pushed"
    (ledger,) = [each for each in liftgate("doctor", "--json").data["checks"] if each["check"] == "ledger"]
    assert (ledger["state"], path in ledger["reason"]) == ("failed", True), ledger


def going(said: Said, environment: str) -> list[dict[str, Any]]:
    return next(cell["going"] for cell in said.data["board"] if cell["environment"] == environment)


def test_prefect_that_is_not_there_is_one_sentence(clone: Folder, liftgate: Liftgate) -> None:
    url = nowhere()
    for command in (("promote", "example-app", "--to", "dev"), ("rollback", "example-app", "--in", "dev"), ("deploy",)):
        said = liftgate(*command, "--repo", str(clone.path), LIFTGATE_PREFECT__API_URL=url)
        assert said.code == 4
        assert said.err.startswith("liftgate: Prefect is not reachable at 127.0.0.1")


def test_without_an_address_of_prefect_the_setting_is_named(clone: Folder, liftgate: Liftgate) -> None:
    said = liftgate("promote", "example-app", "--to", "dev", "--repo", str(clone.path))
    assert said.code == 5
    assert "LIFTGATE_PREFECT__API_URL" in said.err


def test_a_wrong_setting_is_named_without_its_value(liftgate: Liftgate) -> None:
    said = liftgate("deploy", LIFTGATE_SERVER__RECOVERY_SECONDS="hunter2")
    assert said.code == 5
    assert "LIFTGATE_SERVER__RECOVERY_SECONDS" in said.err
    assert "hunter2" not in said.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("promote", "example-app", "--to", "prd"), 'did you mean "prod"?'),
        (("promote", "example-ap", "--to", "prod"), 'did you mean "example-app"?'),
        (("rollback", "example-app", "--in", "stging"), 'did you mean "staging"?'),
    ],
)
def test_names_are_checked_before_anything_is_asked(
    arguments: tuple[str, ...], words: str, clone: Folder, liftgate: Liftgate
) -> None:
    said = liftgate(*arguments, "--repo", str(clone.path), LIFTGATE_PREFECT__API_URL=nowhere())
    assert said.code == 3
    assert words in said.err


def test_an_update_of_nothing_is_a_wrong_call(liftgate: Liftgate) -> None:
    assert liftgate("update", "example-app", "--in", "dev").code == 2


def test_status_without_prefect_shows_what_git_knows(clone: Folder, liftgate: Liftgate) -> None:
    said = liftgate("status", "--repo", str(clone.path), "--json", LIFTGATE_PREFECT__API_URL=nowhere())
    assert said.code == 0
    assert {cell["version"] for cell in said.data["board"]} == {"1.4.1"}
    assert any("not reachable" in line for line in said.data["unreachable"])
    assert any("cannot check for drift: no Argo CD" in line for line in said.data["unreachable"])
    assert {cell["drift"] for cell in said.data["board"]} == {""}


def test_status_while_liftgate_json_is_broken_shows_the_same_and_says_so(clone: Folder, liftgate: Liftgate) -> None:
    asked = ("status", "--repo", str(clone.path), "--json")
    before = liftgate(*asked, LIFTGATE_PREFECT__API_URL=nowhere()).data
    clone.put("liftgate.json", b"{")
    broken = clone.commit()
    said = liftgate(*asked, LIFTGATE_PREFECT__API_URL=nowhere())
    assert (said.code, said.data["board"]) == (0, before["board"])
    assert f"liftgate.json cannot be used since commit {broken[:12]}" in said.data["unreachable"][0]


def test_status_shows_what_was_changed_behind_gits_back(running: World, liftgate: Liftgate, tmp_path: Path) -> None:
    lab = running.lab
    lab.variables = variables(lab, LIFTGATE_PREFECT__API_URL=nowhere())
    headers = {"Authorization": f"Bearer {lab.town.argocd.admin_token()}"}
    with httpx.Client(
        verify=NO_CERTIFICATES, base_url=lab.town.urls["argocd"], headers=headers, trust_env=False
    ) as admin:
        path = "/api/v1/applications/example-app-prod"
        wait_until(lambda: admin.get(path).json().get("status", {}).get("history"), 30)
        spec = admin.get(path).json()["spec"] | {"syncPolicy": None}
        admin.put(f"{path}/spec", json=spec).raise_for_status()
        wait_until(lambda: "operation" not in admin.get(path).json(), 30)
        web = {"group": "apps", "kind": "Deployment", "name": "example-app", "namespace": "prod"}
        admin.post("/sandbox/drift", json=web | {"patch": {"spec": {"replicas": 4}}}).raise_for_status()
        wait_until(lambda: admin.get(path).json()["status"]["sync"]["status"] == "OutOfSync", 30)
    clone = str(cloned(lab, tmp_path))
    told = "changed in the cluster, not in Git: Deployment/example-app: spec.replicas"
    board = liftgate("status", "--repo", clone, "--json", **lab.variables).data["board"]
    assert {cell["environment"]: cell["drift"] for cell in board} == {"dev": "", "staging": "", "prod": told}
    assert f"drift: {told}" in liftgate("status", "--repo", clone, **lab.variables).out


@pytest.mark.parametrize("option", ["--prefect-port", "--server-port"])
def test_a_port_that_is_taken_is_named(option: str, bare: str, tmp_path: Path, liftgate: Liftgate) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        free = {"--prefect-port": str(free_port()), "--server-port": str(free_port())} | {option: str(port)}
        said = liftgate("up", *(word for pair in free.items() for word in pair), **up_settings(bare, tmp_path))
    assert said.code == 5
    assert f"another program uses port {port}" in said.err
    assert option in said.err


def test_a_server_in_the_background_of_a_script_ends_at_sigint(bare: str, tmp_path: Path) -> None:
    port = free_port()
    variables = up_settings(bare, tmp_path) | {"LIFTGATE_PREFECT__API_URL": nowhere()}
    environment = scrubbed(os.environ) | variables | {"PYTHONPATH": python_path()}
    command = in_background([sys.executable, "-m", "liftgate.cli.main", "server", "--port", str(port)])
    log = tmp_path / "out"
    with log.open("w") as out, subprocess.Popen(command, env=environment, stdout=out, stderr=out) as server:
        wait_until(lambda: is_listening(port), 60)
        server.send_signal(signal.SIGINT)
        assert server.wait(60) in (0, 130), log.read_text()


def test_up_needs_a_repository_and_a_key_before_it_starts_anything(
    bare: str, tmp_path: Path, liftgate: Liftgate
) -> None:
    state = {"LIFTGATE_STATE": str(tmp_path / "state")}
    assert "LIFTGATE_REPOSITORY__URL" in liftgate("up", **state).err
    said = liftgate("up", LIFTGATE_REPOSITORY__URL=bare, **state)
    assert said.code == 5
    assert "LIFTGATE_WORKER__SIGNING_KEY" in said.err


@pytest.fixture
def bare(clone: Folder, tmp_path: Path) -> str:
    """A remote with the clone's content."""
    path = tmp_path / "remote.git"
    subprocess.run(["git", "clone", "-q", "--bare", str(clone.path), str(path)], check=True)
    return str(path)


def up_settings(bare: str, tmp_path: Path) -> dict[str, str]:
    return {
        "LIFTGATE_REPOSITORY__URL": bare,
        "LIFTGATE_STATE": str(tmp_path / "state"),
        "LIFTGATE_WORKER__SIGNING_KEY": private_text(WORKER),
    }


def cloned(lab: Lab, folder: Path) -> Path:
    """A person's clone."""
    path = folder / "clone"
    url = lab.town.repository_url.replace("http://", f"http://bot:{lab.variables['LIFTGATE_REPOSITORY__TOKEN']}@")
    subprocess.run(["git", "clone", "-q", url, str(path)], check=True)
    return path


def states(said: Said) -> dict[str, Any]:
    return {check["check"]: check["state"] for check in said.data["checks"]}
