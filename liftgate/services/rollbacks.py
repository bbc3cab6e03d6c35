"""Rollbacks: the aim (one promotion to take back, or one to go back to), the commit, and the people to call."""

from __future__ import annotations

from typing import Protocol

from liftgate.domain.approval.requester import AUTOMATIC
from liftgate.domain.argocd.sync_waves import names
from liftgate.domain.common import plain
from liftgate.domain.ledger import ledger
from liftgate.domain.ledger.ledger import Entry
from liftgate.domain.planning.plan import Plan
from liftgate.domain.promotion import manual_recovery, message
from liftgate.domain.promotion.announcement import Announcement
from liftgate.domain.promotion.attempt import Rollback
from liftgate.domain.promotion.message import APPLICATION
from liftgate.domain.promotion.run_request import RunRequest
from liftgate.errors import Misconfigured, Refused, Unavailable
from liftgate.integrations.git.config_snapshot import ConfigSnapshot
from liftgate.integrations.git.history import find_promotion_commit
from liftgate.services import checks as of_files
from liftgate.services import notifications, rollback_target
from liftgate.services.best_effort import beside
from liftgate.services.commit_plan import push_onto
from liftgate.services.in_force import in_force, snapshot_in_force
from liftgate.services.known_names import current_name, tree_that_knows
from liftgate.services.notifications import post_once, tell_unusable
from liftgate.services.ports import CanCommit, HasDeployer, HasPages, HasWindows
from liftgate.services.requests import own_origin
from liftgate.services.rollback_aim import begun_before, fixed, target_by_chosen_promotion, target_by_reverting
from liftgate.services.rollback_target import overlaps, rolled_back_tree, values_at, values_back


class Ports(notifications.Ports, CanCommit, HasDeployer, HasWindows, HasPages, Protocol):
    """What these use cases need."""


def begin_rollback(at: Ports, run_id: str, asked: RunRequest) -> Rollback:
    """What a rollback takes back, and how far it came if it started before.

    Raises Refused when there is nothing to take back, or to go back to.
    """
    if asked.promotion and asked.back_to:
        raise Refused("a rollback takes one promotion back, or goes back to one: name either, not both")
    at = in_force(at)
    head = at.git.fetch()
    run = at.runs.read(run_id)
    has_own_run = run is not None and bool(run.deployment)
    requester = own_origin(at, at.tree(head), run_id, run, asked).requester if has_own_run else AUTOMATIC
    begun = begun_before(at, head, asked, run_id)
    name = begun.trailer(APPLICATION) if begun else current_name(at.tree(head), asked.application)
    asked = asked.copy_with(application=name)
    tree = tree_that_knows(at, head, begun.sha if begun else "", name, asked.environment)
    if has_own_run:
        asked = fixed(at, tree, asked, run_id)
    aim = (
        target_by_chosen_promotion(at, tree, asked, run_id)
        if asked.back_to
        else target_by_reverting(at, tree, asked, has_own_run=has_own_run)
    )
    rollback = Rollback(
        application=asked.application,
        environment=asked.environment,
        argocd=tree.argocd(asked.application, asked.environment),
        paths=rollback_target.paths_of(tree, asked.application, asked.environment, aim.good),
        head=tree.commit,
        requester=requester,
        requested_at=run.created if run else at.clock.now(),
        reason=plain.one_line(asked.reason) or f"rolled back by {requester}",
        notice=snapshot_in_force(tree).in_force.notice,
        **dict(aim),
    )
    rollback = rollback.copy_with(previous=_version(at, tree, rollback))
    if has_own_run:
        beside("the run keeps its name", lambda: at.runs.rename(run_id, rollback.title))
    return rollback


def _version(at: Ports, tree: ConfigSnapshot, rollback: Rollback) -> str:
    """The version of the values after the rollback, for people."""
    restored = rollback.revision
    files = values_at(at, tree.commit, restored, rollback) if restored else values_back(at, tree.commit, rollback)
    return rollback_target.version_of_files(tree, rollback.application, files)


def revert_once(at: Ports, rollback: Rollback) -> Rollback:
    """The rollback with the commit that restored the values, on top of what others added since.

    Raises Refused when the branch does not let the worker push: people must act, and are called.
    """
    at = in_force(at)
    head = at.git.fetch()
    begun = find_promotion_commit(at.git, head, rollback.id)
    # The file may have been broken, or mended, since the rollback began.
    rollback = rollback.copy_with(notice=tell_unusable(at, rollback, begun.sha if begun else head))
    if begun:
        return rollback.committed(begun.sha)
    rollback = _with_all_it_takes_back(at, head, rollback)
    return rollback.committed(_written(at, head, rollback))


def _with_all_it_takes_back(at: Ports, head: str, rollback: Rollback) -> Rollback:
    """Another promotion may have come since it started."""
    mine = at.entries(rollback.application, rollback.environment)
    chosen = ledger.find_entry(mine, rollback.restores)
    if chosen is None:
        return rollback
    took_back = rollback_target.taken_back_by(at.tree(head), chosen, mine)
    return rollback.copy_with(took_back=took_back)


def _written(at: Ports, head: str, rollback: Rollback) -> str:
    """When the values are restored already, writes nothing and leaves a running operation: it may deploy them.

    Otherwise ends the operation before the push: its retries of the bad release would delay the revert.
    """
    tree = rolled_back_tree(at, head, rollback)
    if tree == at.git.object_id(head, ""):
        return head
    for application in names(rollback.argocd):
        _end_operation(at, application)
    subject, trailers = message.subject_of_rollback(rollback), message.trailers_of_rollback(rollback)
    text = message.compose(subject, rollback.reason, trailers, note=_note(rollback))
    sha = at.git.commit_tree(tree, [head], text, at.clock.now(), at.author, at.worker_key)
    return push_onto(at, head, sha)


def _note(rollback: Rollback) -> str:
    notice = f" {rollback.notice}." if rollback.notice else ""
    return _done(rollback) + notice


def _done(rollback: Rollback) -> str:
    if rollback.restores or rollback.by_hand:
        said = "it was" if len(rollback.paths) == 1 else "they were"
        return f"This restores {', '.join(rollback.paths)} as {said} verified at commit {rollback.good}."
    return f"This reverts commit {rollback.undo}."


def _end_operation(at: Ports, application: str) -> None:
    try:
        at.deployer.terminate(application)
    except (Unavailable, Refused, Misconfigured) as error:
        print(f"the operation under way could not be ended: {error}")


def difference(at: Ports, rollback: Rollback) -> tuple[Plan, list[str]]:
    """What changes, and what does not fit today's checks: from the commit before the rollback's own, or from
    the head while it has none."""
    at = in_force(at)
    before = at.git.resolve(f"{rollback.revision}^1") if rollback.revision else rollback.head
    tree, files = at.tree(before), values_back(at, before, rollback)
    plan = rollback_target.plan_back(tree, rollback.application, rollback.environment, files)
    misfits = of_files.misfits(tree, rollback.application, rollback.environment, files)
    return plan, of_files.in_words(misfits)


def call_people(at: Ports, rollback: Rollback, why: str) -> str:
    """Call people once, in a separate message; returns its text for runs without a chat."""
    at = in_force(at)
    said = _not_healed(at, rollback, why) if rollback.revision else _stuck(at, rollback, why)
    post_once(at, said, rollback.requested_at)
    return manual_recovery.in_words(said)


def _stuck(at: Ports, rollback: Rollback, why: str) -> Announcement:
    undo = at.git.log(rollback.undo, limit=1)[0] if rollback.undo else None
    listed = manual_recovery.commands(
        rollback,
        at.git.branch,
        mainline=undo is not None and len(undo.parents) > 1,
        as_file=undo is None or rollback.by_hand or overlaps(at, at.git.head, rollback),
    )
    return manual_recovery.stuck(rollback, why, listed, _calls(at, rollback), at.page(rollback.message_of))


def _not_healed(at: Ports, rollback: Rollback, why: str) -> Announcement:
    return manual_recovery.not_healed(
        rollback, why, _other(at, rollback), _calls(at, rollback), at.page(rollback.message_of)
    )


def _other(at: Ports, rollback: Rollback) -> Entry | None:
    """The newest verified promotion whose values differ from the current ones; None where `liftgate.json` does not say
    where they are: people are called without it."""
    name, environment = rollback.application, rollback.environment
    tree = at.tree(at.git.head)
    try:
        now = values_at(at, at.git.head, rollback.revision, rollback)
    except (Refused, Misconfigured):
        return None
    past = reversed(ledger.restorable(at.entries(name, environment)))
    return next((e for e in past if rollback_target.as_verified(tree, name, environment, e.revision) != now), None)


def _calls(at: Ports, rollback: Rollback) -> tuple[str, ...]:
    configuration = at.tree(rollback.head).configuration
    approvals = configuration.policy_of(rollback.environment).approvals
    return manual_recovery.called(approvals.people if approvals else (), configuration.people, at.chat.account)
