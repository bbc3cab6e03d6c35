"""On a real Prefect server: two installations share it, and several Liftgate servers of one do a thing once."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from liftgate.cli import connection, status
from liftgate.domain.approval.requester import AUTOMATIC, Origin, Requester
from liftgate.domain.promotion.attempt import Promotion
from liftgate.services import board as view
from liftgate.services import nightly, requests
from liftgate.services.record_vote import record_vote
from liftgate.settings import to_variables
from tests.examples import NOW, RELEASE, entry
from tests.prefect_server import PrefectApi
from tests.server.world import World, server_world

pytestmark = pytest.mark.prefect
SAME = "33333333-3333-4333-8333-333333333333"
Two = tuple[World, World]


@pytest.fixture
def two(tmp_path: Path, prefect_api: PrefectApi) -> Iterator[Two]:
    """Each with a name and a repository of its own."""
    with server_world(tmp_path / "a", prefect_api) as a, server_world(tmp_path / "b", prefect_api) as b:
        yield a, b


@pytest.mark.long
def test_neither_lists_shows_decides_nor_recovers_the_others_runs(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    a, b = two
    (waits, plan), crashed, theirs = a.waiting(), a.run(), b.run()
    a.put(crashed, "CRASHED")
    b.put(theirs, "RUNNING")
    assert underway(b, monkeypatch) == {theirs}
    assert underway(a, monkeypatch) == {waits, crashed}
    assert (shown(b), waits in b.board()) == ({theirs}, False)
    assert b.http("ada").get(f"/promotions/{waits}").status_code == 404
    answer = record_vote(b.at, promotion_id=waits, plan=plan, shown="", person="ada", decision="approve", through="api")
    assert answer.sentence == f"there is no promotion {waits}"
    assert (b.recovery().once(), a.read(crashed).state) == ([], "CRASHED")
    assert [need.action for need in a.recovery().once()] == ["go on"]
    assert a.read(crashed).state_name == "AwaitingRetry"
    assert shown(a) == {waits}


def test_what_one_starts_under_a_key_is_not_taken_for_the_others(two: Two) -> None:
    a, b = two
    for world in two:
        for _ in range(2):
            requests.start_next(world.at, promoted(world))
            nightly.Night(world.at, Origin(requester=AUTOMATIC, before=SAME), "dev", "by night").start("example-app")
    found = [{run.id: run.parameters["to"] for run in world.at.runs.find(flows=("promote",)).runs} for world in two]
    assert [sorted(runs.values()) for runs in found] == [["dev", "staging"]] * 2, "once in each"
    assert not found[0].keys() & found[1].keys()
    assert not any(a.at.runs.read(run) for run in found[1])
    assert not any(b.at.runs.read(run) for run in found[0])


def test_several_servers_let_a_crashed_run_begin_again_once(real_world: World) -> None:
    run = real_world.run()
    real_world.put(run, "CRASHED")
    sweeps = [real_world.recovery() for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda recovery: recovery.once(), sweeps))
    assert real_world.reruns(run) == 1


def test_a_decision_wakes_the_run_or_lets_it_begin_again_where_it_was_killed_too_early(real_world: World) -> None:
    runs = [real_world.waiting(), real_world.waiting(form=False)]
    for run, plan in runs:
        shown = real_world.shown(run, plan)
        record_vote(
            real_world.at, promotion_id=run, plan=plan, shown=shown, person="ada", decision="approve", through="api"
        )
    (asleep, _), (killed, _) = runs
    assert (real_world.resumes(asleep), real_world.read(asleep).state_name) == (1, "Resuming")
    assert [need.action for need in real_world.recovery().once()] == ["wake"]
    assert (real_world.resumes(killed), real_world.read(killed).state_name) == (0, "AwaitingRetry")


def underway(world: World, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """What the command line says."""
    for name, value in to_variables(world.at.settings).items():
        monkeypatch.setenv(name, value)
    connection.settings.cache_clear()
    going, _ = status.under_way(world.at.latest)
    return {each.promotion for each in going}


def shown(world: World) -> set[str]:
    """On the board."""
    return {run.id for run in view.runs_under_way(world.at).runs}


def promoted(world: World) -> Promotion:
    """The same promotion in every installation, as far as its id goes."""
    return Promotion(
        id=SAME, release=RELEASE, application="example-app", environment="dev", argocd=(("a",),),
        paths=("configs/dev/values.json",), head=world.at.git.fetch(), requester=Requester(name="rosa"),
        requested_at=NOW, entry=entry(promotion=SAME, environment="dev"),
    )  # fmt: skip
