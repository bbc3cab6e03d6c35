"""The gate as the flow counts it and as the server shows it: one ballot, so one answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from liftgate.domain.approval.gate import Decision
from liftgate.domain.approval.sync_window import Closed, Windows
from liftgate.domain.promotion.attempt import Promotion
from liftgate.integrations.clock import SystemClock
from liftgate.services import approvals
from liftgate.services.choose_release import choose_release
from liftgate.services.recovery import Recovery
from liftgate.services.requests import who_asked
from liftgate.settings.sections import ArgoCD
from liftgate.wiring import Integrations
from tests.examples import entry
from tests.server.world import World

DAY = timedelta(days=1)
CLOSED = Windows(closed=(Closed(application="example-app-prod", windows=("deny 0 18 * * FRI for 62h",)),))
OPEN, AWAY = Windows(), Windows(unknown="Argo CD is away")


@dataclass
class SyncWindows:
    """What Argo CD says of them, as a test wants it."""

    said: Windows

    def ask(self, *_: Any, **__: Any) -> Windows:
        return self.said


class Later(SystemClock):
    def __init__(self, ahead: timedelta) -> None:
        self._ahead = ahead

    def now(self) -> datetime:
        return super().now() + self._ahead


def seen(world: World, *, days: int = 0, windows: Windows = OPEN, argocd: bool = True) -> Integrations:
    """Integrations of a process that looks so many days later."""
    at = world.at if argocd else world.another(argocd=ArgoCD())
    at.clock, at.__dict__["windows"] = Later(days * DAY), SyncWindows(windows)
    at.git.fetch()
    return at


def by_flow(world: World, at: Integrations, run: str) -> Decision:
    """As the worker counts it, which knows Argo CD."""
    tree, seen = at.tree(at.git.head), world.read(run)
    promotion = Promotion(
        id=run, kind="promote", application="example-app", environment="prod", argocd=(("example-app-prod",),),
        paths=("configs/prod/values.json",), head=tree.commit, requested_at=seen.created,
        requester=who_asked(at, tree, seen),
        release=choose_release(tree, [], "example-app", "prod", "1.4.2"),
    )  # fmt: skip
    return approvals.gate(at, promotion, world.plan())


def by_server(world: World, at: Integrations, run: str) -> Decision:
    return approvals.pending_approval(at, at.tree(at.git.head), world.read(run)).decision


def test_the_server_shows_what_the_flow_decides(world: World) -> None:
    """In one world, as each costs seconds: before staging verified it, then without votes, then with one."""
    run, plan = world.waiting(verified=False)

    def both(days: int, windows: Windows = OPEN) -> str:
        at = seen(world, days=days, windows=windows)
        flow = by_flow(world, at, run)
        world.suspended(run, until=flow.until or world.read(run).created + 3 * DAY)
        server = by_server(world, at, run)
        assert server.state == flow.state, (server, flow)
        return server.state

    assert (both(0), both(9, CLOSED)) == ("refused", "refused")
    world.record(entry(release=world.plan().release_id, source=world.plan().source))
    assert (both(0), both(9), both(9, CLOSED), both(9, AWAY)) == ("waiting", "expired", "waiting", "waiting")
    world.lab.vote(run, "ada", plan=plan)
    assert (both(9, CLOSED), both(9)) == ("waiting", "open")


def test_a_gate_that_a_sync_window_holds_past_its_deadline_is_not_woken_again_and_again(world: World) -> None:
    """Each time the flow would count the window, wait again, and refuse after 50 times."""
    run, _ = world.waiting()
    flow = by_flow(world, seen(world, days=9, windows=CLOSED), run)
    assert flow.waits
    world.suspended(run, until=flow.until)
    for argocd in (True, False):
        server = seen(world, days=10, windows=CLOSED, argocd=argocd)
        assert Recovery(server).look(world.read(run)).action == "leave alone", argocd
    assert world.resumes(run) == 0
