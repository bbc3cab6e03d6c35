"""Takes a person's own commit over as a promotion: what its run begins with, and what people are told first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Protocol

from liftgate.domain.common.words import first_of
from liftgate.domain.ledger import ledger
from liftgate.domain.ledger.by_hand import ByHand
from liftgate.domain.promotion import manual_recovery
from liftgate.domain.promotion.announcement import Announcement
from liftgate.domain.promotion.attempt import TakeOver
from liftgate.domain.promotion.take_over import HandMade
from liftgate.integrations.git.config_snapshot import ConfigSnapshot
from liftgate.services import notifications
from liftgate.services.begin import rollback_reason
from liftgate.services.by_hand import by_hand, release_at, requester_of, values_trouble
from liftgate.services.commit_plan import check_key
from liftgate.services.hand_made import find_hand_made_commit, paths_with
from liftgate.services.in_force import in_force, seen_by
from liftgate.services.known_names import tree_that_knows
from liftgate.services.notifications import post_once, tell, tell_unusable
from liftgate.services.ports import CanCommit, HasDeployer, HasForge, HasPages
from liftgate.services.taken_out import is_taken_out


class Ports(notifications.Ports, CanCommit, HasForge, HasDeployer, HasPages, Protocol):
    """What these use cases need."""


NAMED: Final = 5
"""Changes by hand that the message names besides the newest: it has no room for many; the page names all of them."""


def begin_take_over(at: Ports, run_id: str, hand: HandMade) -> TakeOver:
    """How far it came if it began before: its rollback, or its outcome. What the run says is checked in Git.

    Raises Refused when there is nothing to take over, Misconfigured, Unavailable.
    """
    at = in_force(at)
    tree = at.tree(at.git.fetch())
    check_key(at, tree)
    run = at.runs.read(run_id)
    since = run.created if run else at.clock.now()
    if entry := ledger.find_entry(at.entries(hand.application), hand.promotion):
        tree = tree_that_knows(at, tree.commit, hand.commit, hand.application, hand.environment)
        return _taken(at, tree, hand, run=run_id, since=since, found=entry.by_hand).over(entry)
    taken = taken_over(at, tree, hand, run=run_id, since=since)
    return taken.copy_with(back=_back(at, tree, run_id, hand))


def taken_over(at: Ports, tree: ConfigSnapshot, hand: HandMade, *, run: str, since: datetime) -> TakeOver:
    """The commit as a promotion, whose message is that of `run`. Raises Refused when there is nothing to take over."""
    change = find_hand_made_commit(at, tree, hand)
    before = release_at(tree, hand, change.parents[0])
    taken = _taken(at, tree, hand, run=run, since=since)
    return taken.copy_with(previous=before.version if before else "")


def _taken(
    at: Ports, tree: ConfigSnapshot, hand: HandMade, *, run: str, since: datetime, found: ByHand | None = None
) -> TakeOver:
    found = found or by_hand(at, hand)
    return TakeOver(
        id=hand.promotion,
        run=run,
        application=hand.application,
        environment=hand.environment,
        argocd=tree.argocd(hand.application, hand.environment),
        paths=paths_with(tree, hand),
        head=_looks_from(tree, hand),
        requester=requester_of(found),
        requested_at=since,
        revision=hand.commit,
        by_hand=found,
    )


def _looks_from(tree: ConfigSnapshot, hand: HandMade) -> str:
    """The branch's head, if the commit is still the newest of the values: what came with it in other files counts."""
    paths = tree.pathspecs(hand.application, hand.environment)
    newest = tree.repository.log(tree.commit, paths=paths, limit=1)
    return tree.commit if newest and newest[0].sha == hand.commit else hand.commit


def _back(at: Ports, tree: ConfigSnapshot, run_id: str, hand: HandMade) -> str:
    """Why it is rolled back, if its rollback began, recovery says so, or no release can be read of the values. An
    application that was taken out of the environment stays out."""
    if begun := rollback_reason(at, tree.commit, hand.promotion, run=run_id):
        return begun
    trouble = values_trouble(tree, hand)
    return "" if trouble and is_taken_out(at, tree, hand) else trouble


def announce(at: Ports, taken: TakeOver) -> None:
    """The message of the run, sent once and then kept up to date; and where gates were bypassed another one, which
    calls the approvers and stays."""
    found = taken.by_hand
    facts = [("commit", taken.revision[:12]), ("before", taken.previous or "nothing yet")]
    facts += [("pull request", found.pull_request)] if found.pull_request else []
    facts += [("approved by", ", ".join(found.reviewers))] if found.reviewers else []
    facts += [("together with", "; ".join(first_of(found.earlier, NAMED)))] if found.earlier else []
    said = _announcement(at, taken, facts)
    tell(at, taken, said.copy_with(state=f"✋ {found.sentence} Liftgate syncs and verifies it."))
    tell_unusable(at, taken, taken.head)
    call_approvers(at, taken, facts)


def call_approvers(at: Ports, taken: TakeOver, facts: Sequence[tuple[str, str]] = ()) -> None:
    """Where gates were bypassed; once, however often it is called."""
    found = taken.by_hand
    if found.bypassed:
        alert = {"promotion": f"{taken.id}-bypassed", "state": f"⚠️ {found.sentence}", "calls": _calls(at, taken)}
        post_once(at, _announcement(at, taken, facts).copy_with(**alert), taken.requested_at)


def _announcement(at: Ports, taken: TakeOver, facts: Sequence[tuple[str, str]]) -> Announcement:
    url = at.page(taken.message_of)
    return Announcement(promotion=taken.message_of, title=taken.title, state="", facts=tuple(facts), url=url)


def _calls(at: Ports, taken: TakeOver) -> tuple[str, ...]:
    configuration = seen_by(at, taken).tree(taken.head).configuration
    approvals = configuration.policy_of(taken.environment).approvals
    return manual_recovery.called(approvals.people if approvals else (), configuration.people, at.chat.account)
