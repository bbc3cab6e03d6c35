"""Two hosts with a Postgres and a Redis in common: what one of them was doing when it was lost goes on at the other,
once; and what people do at one Liftgate server, the other knows.

Quick siblings are in tests/worker/test_two_hosts.py, tests/server/test_two_servers.py and tests/integrations/replay.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import pairwise
from typing import Any, Final

import pytest
from liftgate_sandbox.town import REPOSITORY, token_of
from sandbox_tests.plain import eventually, http

from tests.flows.faults import fault, heal
from tests.flows.test_kills import PUSH, check_once, is_doing, stall
from tests.two_hosts import WEBHOOKS, Hosts, two_hosts
from tests.up_program import Up

pytestmark = [pytest.mark.prefect, pytest.mark.long]
SECOND: Final = timedelta(seconds=1)
"""Git's times have no parts of seconds."""
FREE: Final[dict[str, Any]] = {"dev": {"start": "manual"}, "staging": {"start": "manual"}}
DECIDED: Final[dict[str, Any]] = FREE | {"dev": {"approvals": {"needed": 1}, "start": "manual"}}


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosts]:
    with two_hosts(tmp_path_factory.mktemp("hosts")) as hosts:
        yield hosts


@pytest.fixture
def hosts(started: Hosts) -> Iterator[Hosts]:
    """Both run, and a release waits in the base that no environment has."""
    started.both_run()
    started.release(FREE)
    yield started
    started.held.unlink(missing_ok=True)
    heal(started.lab)


def test_a_promotion_goes_on_at_the_other_host_and_what_was_used_up_at_one_is_at_both(hosts: Hosts) -> None:
    ticket = hosts.link("ada")
    assert [hosts.use(host, ticket) for host in hosts.both] == [303, 403]
    fault(hosts.lab, "argocd", "controller-down")
    run = hosts.start("promote", application="example-app", to="dev")
    assert eventually(lambda: is_doing(hosts.lab, run, "sync"), within=120)
    left = hosts.lose(hosts.of(run))
    heal(hosts.lab)
    print(hosts.goes_on(run, left))
    assert hosts.use(left, ticket) == 403


Prepare = Callable[[Hosts], None]


def at_task(task: str, *, listed: bool = False) -> Callable[[Hosts, str], bool]:
    """Whether the run is at the task, or, for one that takes no time, past its beginning."""
    if listed:
        return lambda hosts, run: any(each["name"] == task for each in hosts.lab.tasks(run))
    return lambda hosts, run: is_doing(hosts.lab, run, task)


def at_gate(hosts: Hosts, run: str) -> bool:
    return bool(hosts.lab.prefect.read(run)["state"]["name"] == "Suspended")


def at_record(hosts: Hosts, run: str) -> bool:
    """The checks are held until the next push is that of the outcome."""
    if hosts.held.exists() and is_doing(hosts.lab, run, "integration-test"):
        stall(hosts.lab, "forge", path=PUSH)
        hosts.held.unlink()
    return is_doing(hosts.lab, run, "record")


def with_gate(hosts: Hosts) -> None:
    hosts.release(DECIDED)


def slow_push(hosts: Hosts) -> None:
    """Nothing else is pushed before the commit."""
    stages = [{"name": "preview", "steps": [{"name": "generate-diff", "rendered": False}, "notify-reviewers"]}]
    hosts.release(FREE, pipeline={"stages": stages})
    stall(hosts.lab, "forge", path=PUSH)


def held_checks(hosts: Hosts) -> None:
    hosts.held.touch()


BOUNDARIES: Final[dict[str, tuple[Prepare, Callable[[Hosts, str], bool]]]] = {
    "begin": (lambda hosts: stall(hosts.lab, "forge", path="git-upload-pack"), at_task("begin")),
    "validate": (lambda _: None, at_task("json-lint", listed=True)),
    "preview": (lambda _: None, at_task("notify-reviewers", listed=True)),
    "gate": (with_gate, at_gate),
    "commit": (slow_push, at_task("commit")),
    "sync": (lambda hosts: fault(hosts.lab, "argocd", "controller-down"), at_task("sync")),
    "verify": (held_checks, at_task("integration-test")),
    "record": (held_checks, at_record),
    "conclude": (lambda hosts: stall(hosts.lab, "slack", path="chat.update"), at_task("tell the outcome")),
}


@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_a_promotion_goes_on_wherever_it_was_when_its_host_was_lost(hosts: Hosts, boundary: str) -> None:
    prepare, is_reached = BOUNDARIES[boundary]
    prepare(hosts)
    run = hosts.start("promote", application="example-app", to="dev")
    assert eventually(lambda: is_reached(hosts, run), within=180, every=0.1)
    left = hosts.lose(hosts.of(run))
    hosts.held.unlink(missing_ok=True)
    heal(hosts.lab)
    if boundary == "gate":
        hosts.decide(left, run, "grace")
    print(f"{boundary}: {hosts.goes_on(run, left)}")


def test_workers_of_two_hosts_promote_into_one_environment_one_after_the_other(hosts: Hosts) -> None:
    """More runs than one worker takes, all due at once."""
    changes = [{f"/application/features/f{number}": True} for number in range(4)]
    hosts.held.touch()
    runs = [hosts.start("update", application="example-app", environment="dev", changes=each) for each in changes]
    assert eventually(lambda: all(hosts.at(host, runs) for host in hosts.both), within=120), "both have some"
    hosts.held.unlink()
    assert [hosts.lab.ended(run)["name"] for run in runs] == ["Promoted"] * len(runs)
    finished = {entry.promotion: entry.times.finished for entry in hosts.lab.entries("dev") if entry.promotion in runs}
    commits = [change for change in reversed(hosts.lab.commits()) if change.promotion in runs]
    assert sorted(change.promotion for change in commits) == sorted(runs) == sorted(finished)
    for before, after in pairwise(commits):
        assert finished[before.promotion] <= after.when + SECOND, "the commit locks the environment until its outcome"


def test_a_vote_and_a_report_that_reach_both_servers_count_once(hosts: Hosts) -> None:
    dev = {"deliver": "pull-request", "approvals": {"needed": 2}, "start": "manual"}
    hosts.release(FREE | {"dev": dev})
    run = hosts.start("promote", application="example-app", to="dev")
    assert eventually(lambda: at_gate(hosts, run), within=180)
    for host in hosts.both:
        hosts.decide(host, run, "grace")
    review(hosts, run, "ada")
    assert [report(host, run) for host in (*hosts.both, *hosts.both)] == [202] * 4
    assert eventually(lambda: hosts.lab.prefect.read(run)["state"]["name"] == "Promoted", within=120)
    (entry,) = [each for each in hosts.lab.entries("dev") if each.promotion == run]
    assert sorted(entry.approved_by) == ["ada", "grace"]
    check_once(hosts.lab, run, "promoted")


def review(hosts: Hosts, run: str, person: str) -> None:
    """Approve the run's pull request at the forge."""
    pulls, by = f"{hosts.lab.town.urls['forge']}/api/v3/repos/{REPOSITORY}/pulls", f"Bearer {token_of(person)}"
    listed = http.get(pulls, headers={"Authorization": by}).json()
    (number,) = [each["number"] for each in listed if each["head"]["ref"] == f"liftgate/promotions/{run}"]
    review = {"event": "APPROVE", "body": "good"}
    http.post(f"{pulls}/{number}/reviews", json=review, headers={"Authorization": by}).raise_for_status()


def report(host: Up, run: str) -> int:
    """The forge says that the pull request was reviewed; the status of the answer."""
    body = json.dumps({"pull_request": {"head": {"ref": f"liftgate/promotions/{run}"}}}).encode()
    proof = "sha256=" + hmac.new(WEBHOOKS.encode(), body, hashlib.sha256).hexdigest()
    headers = {"x-hub-signature-256": proof, "x-github-event": "pull_request_review"}
    return http.post(f"{host.url}/webhooks/forge", content=body, headers=headers).status_code


def test_an_upgrade_of_one_host_after_the_other_keeps_open_gates_and_what_was_running_goes_on(hosts: Hosts) -> None:
    hosts.release(DECIDED)
    waiting = hosts.start("promote", application="example-app", to="dev")
    assert eventually(lambda: at_gate(hosts, waiting), within=180)
    running = []
    for number, host in enumerate(hosts.both):
        fault(hosts.lab, "argocd", "controller-down")
        changes = {f"/application/features/g{number}": True}
        run = hosts.start("update", application="example-app", environment="staging", changes=changes)
        running.append(run)
        upgrade_while_it_syncs(hosts, host, run)
        assert hosts.lab.ended(run)["name"] == "Promoted"
        assert at_gate(hosts, waiting)
    hosts.decide(hosts.both[0], waiting, "grace")
    assert hosts.lab.ended(waiting)["name"] == "Promoted"
    check_once(hosts.lab, waiting, "promoted")
    assert [entry.promotion for entry in hosts.lab.entries("staging") if entry.promotion in running] == running


def upgrade_while_it_syncs(hosts: Hosts, host: Up, run: str) -> None:
    """Stop the host, and start it again; people use the other one."""
    assert eventually(lambda: is_doing(hosts.lab, run, "sync"), within=180)
    hosts.lab.prefect = hosts.other(host).prefect
    host.stop()
    heal(hosts.lab)
    host.start()
