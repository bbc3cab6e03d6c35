"""How a promotion's commit can fare: each makes the commit, and says how the wait may end, and by when it must."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from tests.integrations.deployer.histories import troubles

if TYPE_CHECKING:
    from tests.integrations.deployer.histories.generator import History

Ending: TypeAlias = "Callable[[History], tuple[set[str], float]]"
GOOD = {"version": "2.0.0"}
DEADLINE = 180.0


def plain(history: History) -> tuple[set[str], float]:
    history.ours = history.world.push(GOOD)
    return {"deployed"}, DEADLINE


def among_others(history: History) -> tuple[set[str], float]:
    """Commits to other environments come before and after ours."""
    history.world.commits.push({"configs/dev/values.json": {"n": 0}})
    history.ours = history.world.push(GOOD)
    for number in range(history.random.randint(1, 3)):
        push = {"configs/dev/values.json": {"n": number + 1}}
        history.later((0, 6), "another environment's commit", partial(history.world.commits.push, push))
    return {"deployed"}, DEADLINE


def changes_nothing(history: History) -> tuple[set[str], float]:
    """The environment's tree is another one, what is deployed is not: no operation comes of it."""
    history.ours = history.world.commits.push({"configs/prod/README.md": b"read me"})
    return {"deployed"}, DEADLINE


def after_a_failed_one(history: History) -> tuple[set[str], float]:
    """The commit before ours cannot be applied, and with auto-sync is tried again and again."""
    history.world.push({"version": "1.5.0"}, selector="other")
    if history.automated:
        history.simulation.advance(history.random.uniform(0.5, 30))
        history.world.refresh()
    else:
        history.world.sync()
    history.simulation.advance(history.random.uniform(0.3, 6))
    history.ours = history.world.push(GOOD)
    return {"deployed"}, DEADLINE


def into_a_new_application(history: History) -> tuple[set[str], float]:
    """An ApplicationSet makes the Application only after the commit."""
    history.ours = history.world.push(GOOD)
    history.later((0, 170), "the Application is made", history.world.create)
    return {"deployed"}, 300.0


def without_an_application(history: History) -> tuple[set[str], float]:
    history.ours = history.world.push(GOOD)
    return {"failed"}, 300.0


def ill(history: History) -> tuple[set[str], float]:
    """Its pods do not get ready: Degraded after the Deployment's own deadline."""
    history.ours = history.world.push(GOOD | {"ill": "no database"})
    return {"failed"}, DEADLINE


def crash_looping(history: History) -> tuple[set[str], float]:
    """Kubernetes would say so only after ten minutes."""
    crashing = {"command": ["sh", "-c", "exit 1"]}
    history.ours = history.world.push(GOOD, pod=crashing, progressDeadlineSeconds=None)
    return {"failed"}, DEADLINE


def not_rendering(history: History) -> tuple[set[str], float]:
    history.ours = history.world.commits.push({"configs/prod/app.json": b"{broken", "configs/prod/values.json": GOOD})
    return {"failed"}, DEADLINE


def not_applicable(history: History) -> tuple[set[str], float]:
    """The API server refuses it, at the dry run or at the real one."""
    broken = {"broken": 7} if history.random.random() < 0.5 else {"selector": "other"}
    history.ours = history.world.push(GOOD, **broken)
    return {"failed"}, DEADLINE


def failing_its_test(history: History) -> tuple[set[str], float]:
    """The PostSync Job fails: Synced and Healthy all the while."""
    failing = {"test": "sleep 2; exit 1"} if history.tested else {"ill": "no test, so its pods"}
    history.ours = history.world.push(GOOD | failing)
    return {"failed"}, DEADLINE


def changing_only_its_test(history: History) -> tuple[set[str], float]:
    """A PostSync Job is no part of the comparison: Synced at once, and no operation comes of it."""
    history.ours = history.world.push(history.world.first, test="sleep 2; echo more")
    return {"deployed"}, DEADLINE


def failing_only_its_test(history: History) -> tuple[set[str], float]:
    history.ours = history.world.push(history.world.first, test="sleep 2; exit 1")
    return {"failed"}, DEADLINE


def mending_only_its_test(history: History) -> tuple[set[str], float]:
    """What the commit before ours changed is there already, and its test failed."""
    _bring_what_fails_its_test(history)
    history.ours = history.world.push(GOOD, test="sleep 1")
    return {"deployed"}, DEADLINE


def taking_only_its_test_back(history: History) -> tuple[set[str], float]:
    """The test is the old one again, and has never run on what the commit before ours brought."""
    _bring_what_fails_its_test(history)
    history.ours = history.world.push(GOOD)
    return {"deployed"}, DEADLINE


def _bring_what_fails_its_test(history: History) -> None:
    history.world.push(GOOD, test="exit 1")
    if history.automated:
        history.world.refresh()
    else:
        history.world.sync()
    history.simulation.advance(history.random.uniform(0.3, 30))


def superseded_soon(history: History) -> tuple[set[str], float]:
    """A person's commit to the same environment comes before ours can be there; theirs is good or bad."""
    history.ours = history.world.push(GOOD)
    history.later((0, 0.1), "a later commit", lambda: history.world.push({"version": "3.0.0"}))
    return {"superseded"}, DEADLINE


def superseded_sometime(history: History) -> tuple[set[str], float]:
    history.ours = history.world.push(GOOD)
    history.later((0, 10), "a later commit", lambda: history.world.push({"version": "3.0.0"}))
    return {"deployed", "superseded"}, DEADLINE


def ended_by_a_person(history: History) -> tuple[set[str], float]:
    """Whoever ends an operation wants it not to go on; where it is too late, it is deployed."""
    history.ours = history.world.push(GOOD)
    history.later((0.2, 4), "the operation is ended", history.world.terminate)
    return {"deployed", "failed"}, DEADLINE


def behind_a_closed_window(history: History) -> tuple[set[str], float]:
    history.world.windows("deny")
    history.ours = history.world.push(GOOD)
    return {"failed"}, DEADLINE


def without_git(history: History) -> tuple[set[str], float]:
    """The repository is away for Argo CD all the time."""
    history.ours = history.world.push(GOOD)
    history.world.argocd.faults.add({"fault": "git-unavailable"})
    return {"timed out"}, 60.0


def without_a_controller(history: History) -> tuple[set[str], float]:
    history.ours = history.world.push(GOOD)
    history.world.argocd.faults.add({"fault": "controller-down"})
    return {"timed out"}, 60.0


def with_a_leftover(history: History) -> tuple[set[str], float]:
    """Without pruning what the commit takes away stays, and the Application OutOfSync."""
    history.world.never_prunes()
    history.world.push({"version": "1.1.0"}, extra=True)
    history.world.refresh()
    history.simulation.advance(1)
    history.world.sync()
    history.simulation.advance(20)
    history.ours = history.world.push(GOOD)
    return {"failed"}, DEADLINE


def with_a_partial_sync(history: History) -> tuple[set[str], float]:
    """Somebody syncs one object of our commit only."""
    history.ours = history.world.push(GOOD)
    one = [{"group": "", "kind": "ConfigMap", "name": "app-config"}]
    history.later((0, 2), "one object is synced", lambda: history.world.sync(resources=one))
    return {"deployed"}, DEADLINE


ALL: list[Ending] = [
    *[plain, among_others, changes_nothing, after_a_failed_one, into_a_new_application, without_an_application],
    *[ill, not_rendering, not_applicable, failing_its_test, superseded_soon, superseded_sometime, ended_by_a_person],
    *[behind_a_closed_window, without_git, without_a_controller, with_a_leftover, with_a_partial_sync],
    *[plain, among_others, after_a_failed_one],
    crash_looping,
    *[changing_only_its_test, failing_only_its_test, mending_only_its_test, taking_only_its_test_back],
]
WITHOUT_APPLICATION: list[Ending] = [into_a_new_application, without_an_application]
UNDONE_BY: dict[Ending, tuple[Callable[[History], None], ...]] = {
    behind_a_closed_window: (troubles.window_closed_for_a_moment,),
    without_git: (troubles.git_away_for_a_while,),
    without_a_controller: (troubles.controller_down_for_a_while, troubles.made_again),
    with_a_leftover: (troubles.made_again,),
    not_applicable: (troubles.made_again,),
    without_an_application: (troubles.made_again,),
    ill: (troubles.changed_by_hand,),
    crash_looping: (troubles.scaled_up_and_down,),
    failing_its_test: (troubles.changed_by_hand,),
}
"""Troubles that would take the ending away with them. What was well for a moment and falls ill without a new rollout is
Progressing for good."""
