"""Asking Argo CD whether a sync may start: its answer, its silence, and how often it is asked; and a token refused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from liftgate.errors import Misconfigured
from liftgate.integrations.deployer.argocd_reads import ArgoCDReads
from liftgate.integrations.deployer.patient import Patient
from liftgate.integrations.deployer.wait import Wait
from liftgate.integrations.deployer.windows import KEPT, TRIES, SyncWindows
from tests.integrations.deployer.histories.generator import START
from tests.integrations.deployer.histories.simulation import VirtualAdapter
from tests.integrations.deployer.histories.world import AUTOMATED, NAME, World
from tests.integrations.deployer.test_pods import deployed


@pytest.fixture
def world() -> Iterator[World]:
    yield from deployed(World(START, policy=AUTOMATED))


@pytest.fixture
def windows(world: World) -> SyncWindows:
    return SyncWindows(world.adapter, world.simulation)


def test_open_and_closed(world: World, windows: SyncWindows) -> None:
    assert windows.ask([NAME]).verdict.passed
    world.windows("deny")
    assert f"blocks {NAME} (deny * * * * * for 24h)" in windows.ask([NAME]).verdict.reason
    world.windows("allow", "deny")
    assert windows.ask([NAME]).verdict.pending
    world.windows("allow")
    assert windows.ask([NAME]).verdict.passed


def test_an_application_that_is_not_there_yet_has_no_window(windows: SyncWindows) -> None:
    assert windows.ask(["new-prod"]).verdict.passed


def test_the_end_is_known_where_the_project_can_be_read(world: World, windows: SyncWindows) -> None:
    begin = datetime.fromtimestamp(START, UTC)
    window = {"kind": "deny", "schedule": f"{begin.minute} {begin.hour} * * *", "duration": "2h", "applications": ["*"]}
    world.argocd.state.projects["promo"]["spec"]["syncWindows"] = [window]
    assert windows.ask([NAME]).until == begin.replace(second=0, microsecond=0) + timedelta(hours=2)
    token = world.argocd.account("bot", ["p, bot, applications, get, promo/*, allow"])
    account = VirtualAdapter(world.simulation, world.argocd, token, "promo")
    found = SyncWindows(account, world.simulation).ask([NAME])
    account.transport.close()
    assert (found.verdict.pending, found.until) == (True, None)


def test_a_moments_absence_is_not_waited_out_in_vain(world: World, windows: SyncWindows) -> None:
    world.argocd.faults.add({"fault": "status-503", "times": 2})
    assert windows.ask([NAME], tries=TRIES).verdict.passed


def test_one_that_stays_away_is_said_and_refuses_nothing(world: World, windows: SyncWindows) -> None:
    world.argocd.faults.add({"fault": "status-503"})
    assert "503" in windows.ask([NAME], tries=TRIES).unknown
    world.argocd.faults.clear()
    assert windows.ask([NAME], tries=TRIES).verdict.passed


def test_however_often_it_is_looked_argo_cd_is_asked_every_few_seconds(world: World, windows: SyncWindows) -> None:
    calls = world.adapter.transport.calls
    for _ in range(60):
        windows.ask([NAME], within=KEPT)
        world.simulation.advance(1)
    assert world.adapter.transport.calls - calls <= 60 / KEPT + 1
    world.argocd.faults.add({"fault": "status-503"})
    world.simulation.advance(KEPT)
    calls = world.adapter.transport.calls
    for number in range(20):
        assert windows.ask([f"{NAME}-{number}"], within=KEPT).unknown
    assert world.adapter.transport.calls - calls == 1


@pytest.mark.parametrize(("lasts", "state"), [(45.0, "deployed"), (300.0, "refused")])
def test_a_token_refused_in_mid_run_is_asked_again_for_a_minute(world: World, lasts: float, state: str) -> None:
    role = world.argocd.state.projects["promo"]["spec"]["roles"][0]
    tokens, role["jwtTokens"] = role["jwtTokens"], []
    began = world.simulation.time
    world.simulation.at(began + lasts, lambda: role.update({"jwtTokens": tokens}))
    ours = world.push({"version": "2.0.0"})
    wait = Wait(world.adapter, world.simulation, NAME, "p-1", lambda one: world.standing(ours, one))
    if state == "deployed":
        assert wait.until(300).state == "deployed"
    else:
        with pytest.raises(Misconfigured):
            wait.until(300)
        assert 60 <= world.simulation.time - began < 75


@pytest.mark.parametrize(("lasts", "is_read"), [(45.0, True), (300.0, False)])
def test_verification_too_asks_again_for_a_minute(world: World, lasts: float, is_read: bool) -> None:
    role = world.argocd.state.projects["promo"]["spec"]["roles"][0]
    tokens, role["jwtTokens"] = role["jwtTokens"], []
    began = world.simulation.time
    world.simulation.at(began + lasts, lambda: role.update({"jwtTokens": tokens}))
    reads = ArgoCDReads("http://argocd.test", world.token, "promo", transport=world.adapter.transport)
    live = Patient(reads, world.simulation)
    if is_read:
        assert [one.name for one in live.held(NAME, "values.json")] == ["app-config"]
    else:
        with pytest.raises(Misconfigured):
            live.held(NAME, "values.json")
        assert 60 <= world.simulation.time - began < 65
