"""What a bad day brings and takes away again: none of it may change how a promotion ends."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from tests.integrations.deployer.histories.world import NAME

if TYPE_CHECKING:
    from tests.integrations.deployer.histories.generator import History


def refreshes_dropped(history: History) -> None:
    _fault(history, (0, 3), "drop-refresh", times=history.random.randint(1, 3), application=NAME)


def stream_cut(history: History) -> None:
    _fault(history, (0, 5), "stream-cut", times=history.random.randint(1, 5))


def server_errors(history: History) -> None:
    _fault(history, (0, 8), "status-503", times=history.random.randint(1, 6))


def answers_lost(history: History) -> None:
    _fault(history, (0, 5), "lost-answer", times=history.random.randint(1, 3))


def slow_answers(history: History) -> None:
    _fault(history, (0, 5), "slow", times=history.random.randint(1, 4), seconds=history.random.uniform(0.5, 12))


def controller_down_for_a_while(history: History) -> None:
    _fault(history, (0, 5), "controller-down", lasts=history.random.uniform(1, 20))


def git_away_for_a_while(history: History) -> None:
    _fault(history, (0, 5), "git-unavailable", lasts=history.random.uniform(1, 20))


def scaled_up_and_down(history: History) -> None:
    for _ in range(history.random.randint(1, 6)):
        replicas = history.random.randint(1, 5)
        history.later((0, 15), f"scaled to {replicas}", partial(history.world.scale, replicas))


def somebody_syncs(history: History) -> None:
    history.later((0, 4), "somebody syncs", history.world.sync)


def somebody_tries_a_dry_run(history: History) -> None:
    history.later((0, 4), "a dry run", lambda: history.world.sync(dryRun=True))


def somebody_refreshes(history: History) -> None:
    for _ in range(history.random.randint(1, 4)):
        history.later((0, 4), "somebody refreshes", history.world.refresh)


def window_closed_for_a_moment(history: History) -> None:
    began = history.later((0, 3), "a window closes", lambda: history.world.windows("deny"))
    history.later((began + 0.5, began + 6), "the window opens", history.world.windows)


def webhook_fails_once(history: History) -> None:
    """An admission webhook of the cluster is being restarted."""
    said = 'Internal error occurred: failed calling webhook "check.example.com": connection refused'
    _fault(history, (0, 0), "sync-fails", times=1, application=NAME, message=said)


def changed_by_hand(history: History) -> None:
    """Self-heal puts it right, where it is on."""
    if history.automated:
        history.by_hand = True
        history.later((0, 6), "changed by hand", history.world.drift)


def made_again(history: History) -> None:
    """An ApplicationSet deletes the Application, with everything, and makes it again."""
    if history.automated:
        after = history.later((0, 6), "the Application is deleted", history.world.delete)
        history.later((after + 0.1, after + 3), "it is made again", history.world.create_again)


def _fault(history: History, within: tuple[float, float], name: str, lasts: float = 0.0, **more: Any) -> None:
    fault = {"fault": name} | more
    faults = history.world.argocd.faults
    began = history.later(within, f"{name} {more or ''}", lambda: faults.add(fault))
    if lasts:
        history.later((began + lasts, began + lasts), f"{name} ends", lambda: faults.end(fault))


ALL: list[Callable[[History], None]] = [
    *[refreshes_dropped, stream_cut, server_errors, answers_lost, slow_answers],
    *[controller_down_for_a_while, git_away_for_a_while, scaled_up_and_down],
    *[somebody_syncs, somebody_tries_a_dry_run, somebody_refreshes, window_closed_for_a_moment],
    *[webhook_fails_once, changed_by_hand, made_again],
]
