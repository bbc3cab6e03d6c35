"""Two hosts with a Postgres and a Redis in common: what one of them was doing when it was lost goes on at the other,
once; and what people do at one Liftgate server, the other knows."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from pkgutil import iter_modules
from typing import Any, TypeGuard

import prefect_redis
import pytest
from liftgate_sandbox.town import REPOSITORY, token_of
from prefect.settings.base import PrefectBaseSettings
from prefect_redis.cleanup_queue import RedisWorkerCleanupQueueSettings
from prefect_redis.client import RedisMessagingSettings
from sandbox_tests.plain import eventually, http

from liftgate.errors import Misconfigured
from liftgate.runtime.several_hosts import shared_variables
from liftgate.settings import from_variables
from tests.flows.faults import fault, heal
from tests.flows.test_kills import PUSH, check_once, is_doing, stall
from tests.two_hosts import WEBHOOKS, Hosts, two_hosts
from tests.up_program import Up

SECOND = timedelta(seconds=1)
"""Git's times have no parts of seconds."""
REDIS = "redis://liftgate:hunter2@redis.example.com/0"
SHARED = {
    "LIFTGATE_PREFECT__REDIS": REDIS,
    "LIFTGATE_PREFECT__DATABASE": "postgresql+asyncpg://postgres.example.com/prefect",
    "LIFTGATE_SERVER__DATABASE": "postgresql://postgres.example.com/liftgate",
}
FREE: dict[str, Any] = {"dev": {"start": "manual"}, "staging": {"start": "manual"}}
DECIDED: dict[str, Any] = {"dev": {"approvals": {"needed": 1}, "start": "manual"}, "staging": {"start": "manual"}}


def test_one_setting_says_where_the_events_of_all_prefect_servers_go() -> None:
    made = shared_variables(from_variables(SHARED))
    assert made["PREFECT_SERVER_DOCKET_URL"] == REDIS
    for each in (RedisMessagingSettings, RedisWorkerCleanupQueueSettings):
        assert made[f"{each.model_config['env_prefix']}URL"] == REDIS, "otherwise it looks on its own host"
    assert shared_variables(from_variables({})) == {}


def test_prefect_has_no_other_settings_with_an_address_of_redis() -> None:
    modules = [import_module(f"prefect_redis.{found.name}") for found in iter_modules(prefect_redis.__path__)]
    found = {each for module in modules for each in vars(module).values() if is_settings(each)}
    assert {each for each in found if "url" in each.model_fields} == {
        RedisMessagingSettings,
        RedisWorkerCleanupQueueSettings,
    }


def is_settings(value: object) -> TypeGuard[type[PrefectBaseSettings]]:
    return isinstance(value, type) and issubclass(value, PrefectBaseSettings)


@pytest.mark.parametrize("missing", ["LIFTGATE_PREFECT__DATABASE", "LIFTGATE_SERVER__DATABASE"])
@pytest.mark.parametrize("value", ["", "sqlite"])
def test_all_hosts_need_the_same_databases(missing: str, value: str) -> None:
    """Else a sign-in link could be used once at each, or a run be known to one only."""
    with pytest.raises(Misconfigured, match=f"set {missing} to its address"):
        shared_variables(from_variables(SHARED | {missing: value}))


def test_everything_that_is_wrong_is_said_at_once_and_shows_no_password() -> None:
    with pytest.raises(Misconfigured) as refused:
        shared_variables(from_variables({"LIFTGATE_PREFECT__REDIS": "http://hunter2@redis"}))
    assert [name in str(refused.value) for name in SHARED] == [True] * 3
    assert "hunter2" not in str(refused.value)


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosts]:
    with two_hosts(tmp_path_factory.mktemp("hosts")) as hosts:
        yield hosts


@pytest.fixture
def hosts(started: Hosts, tmp_path: Path) -> Iterator[Hosts]:
    """Both run, and a release waits in the base that no environment has."""
    started.both_run()
    started.release(FREE)
    yield started
    heal(started.lab)


@pytest.mark.prefect
def test_a_promotion_goes_on_at_the_other_host_and_what_was_used_up_at_one_is_at_both(hosts: Hosts) -> None:
    ticket = hosts.link("ada")
    assert [hosts.use(host, ticket) for host in hosts.both] == [303, 403]
    fault(hosts.lab, "argocd", "controller-down")
    run = hosts.start("promote", application="example-app", to="dev")
    assert eventually(lambda: is_doing(hosts.lab, run, "sync"), within=120)
    left = hosts.lose(hosts.of(run))
    heal(hosts.lab)
    hosts.goes_on(run)
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


BOUNDARIES: dict[str, tuple[Prepare, Callable[[Hosts, str], bool]]] = {
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


@pytest.mark.long
@pytest.mark.prefect
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
    print(f"{boundary}: it was over {hosts.goes_on(run):.0f} s after the loss of its host")


@pytest.mark.long
@pytest.mark.prefect
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


@pytest.mark.long
@pytest.mark.prefect
def test_a_vote_and_a_report_that_reach_both_servers_count_once(hosts: Hosts) -> None:
    dev = {"deliver": "pull-request", "approvals": {"needed": 2}, "start": "manual"}
    hosts.release(FREE | {"dev": dev})
    run = hosts.start("promote", application="example-app", to="dev")
    assert eventually(lambda: at_gate(hosts, run), within=180)
    a, b = hosts.both
    for host in (a, b):
        hosts.decide(host, run, "grace")
    review(hosts, run, "ada")
    assert [report(host, run) for host in (a, b)] == [202, 202]
    assert eventually(lambda: hosts.lab.prefect.read(run)["state"]["name"] == "Promoted", within=120)
    (entry,) = [each for each in hosts.lab.entries("dev") if each.promotion == run]
    assert entry.approved_by == ("ada", "grace")
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
