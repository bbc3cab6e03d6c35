"""How a person's own commit came to the branch, and which gates were not open then: from Git, the forge and the ledger.

The flow and the signer process find the same; nothing is taken from the commit's words but the name of who pushed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Final, Protocol

from liftgate.domain.approval import review as reviews
from liftgate.domain.approval.author import Authors, Directory, authors_of
from liftgate.domain.approval.change_gates import NO_SIGNATURES, HandChange, each_gate, verified_upstream
from liftgate.domain.approval.pause import Pause
from liftgate.domain.approval.policy import Policy
from liftgate.domain.approval.requester import Requester
from liftgate.domain.commits.judged_commit import not_signed
from liftgate.domain.common.verdict import Verdict, failed, passed
from liftgate.domain.common.words import in_words
from liftgate.domain.ledger.by_hand import ByHand
from liftgate.domain.planning.release import Release
from liftgate.domain.promotion.attempt import Attempt, GatedChange, TakeOver
from liftgate.domain.promotion.take_over import HandMade
from liftgate.errors import LiftgateError, Misconfigured, Refused
from liftgate.integrations.forge import MergedPull
from liftgate.integrations.git import authorship
from liftgate.integrations.git.config_snapshot import ConfigSnapshot
from liftgate.integrations.git.history import Change, find_change
from liftgate.services.entry_release import release_left
from liftgate.services.hand_made import find_hand_made_commit, paths_with
from liftgate.services.hand_span import MOST_LOOKED_AT, Brought, commits_with, together
from liftgate.services.in_force import in_force
from liftgate.services.merge_base import named_entries
from liftgate.services.ports import HasBranch, HasForge
from liftgate.services.signatures import judge_hand_made


class Ports(HasBranch, HasForge, Protocol):
    """What these use cases need."""


_LONGEST: Final = 100
"""Characters of a name that only the commit says."""
TOO_MANY: Final = f"of the commits by hand since the verified values, only the newest {MOST_LOOKED_AT} were looked at"
UNREAD: Final = "the policy of the commit before cannot be read"
UNKNOWABLE: Final = "approvals cannot be known: this repository has no pull requests, and the policy needs them"


def by_hand(at: Ports, hand: HandMade) -> ByHand:
    """Of a commit of the branch. The policy and the people are those before it: no change decides about itself. What
    came before it by hand since the verified values is taken over with it, so the gates of that count too.

    Raises Unavailable, Misconfigured.
    """
    at = in_force(at)
    change = find_change(at.git, hand.commit)
    commits = commits_with(at, _rules_before(at, change, hand)[0], hand, change)
    looked_at = [(each, _merged_with(at, each)) for each in commits[:MOST_LOOKED_AT]]
    newest, *earlier = together(looked_at)
    base, merged = looked_at[-1][0].parents[0], newest.merged
    directory, named, reasons = _judged(at, hand, newest, base)
    before = [(each, *_judged(at, hand, each, "")) for each in earlier]
    also = [f"commit {each.newest.sha[:12]}: {why}" for each, *_, whys in before for why in whys if why not in reasons]
    also += [TOO_MANY] if len(commits) > MOST_LOOKED_AT else []
    with_it = tuple(_change(each, then, who) for each, then, who, _ in before)
    found = ByHand(how="pushed", by=named, bypassed=(*reasons, *also), earlier=with_it)
    if merged is None:
        return found
    given = reviews.counted(merged.reviews, head=merged.pull.head, author=merged.pull.author)
    return found.copy_with(
        how="merged",
        by=_person(directory, merged.by),
        author=_person(directory, merged.pull.author),
        pull_request=merged.pull.url,
        reviewers=tuple(_person(directory, each.login) for each in given if each.state == "approved"),
    )


def _change(brought: Brought, directory: Directory, named: str) -> str:
    """One of several, in words."""
    if brought.merged:
        return f"{brought.merged.pull.url}, merged by {_person(directory, brought.merged.by) or 'unknown'}"
    return f"commit {brought.newest.sha[:12]}, pushed by {named or 'unknown'}"


def _judged(at: Ports, hand: HandMade, brought: Brought, base: str) -> tuple[Directory, str, tuple[str, ...]]:
    """The people then, who wrote it, and why gates were not open. With a base, the release's values that changed since
    then must be verified upstream: a commit between may have had half of them."""
    before, unread = _rules_before(at, brought.oldest, hand)
    directory = Directory.of(before.configuration.people, at.forge.login)
    authors = _authors(at, before, directory, hand, brought)
    policy = before.configuration.policy_of(hand.environment)
    facts = _facts(at, before, authors, hand, brought, base)
    closed = each_gate(facts, policy, directory, brought.newest.when)
    are_unknowable = not at.forge.has_pull_requests and policy.approvals and policy.approvals.needed
    reasons = (*unread, *_reasons(closed, UNKNOWABLE if are_unknowable else ""))
    return directory, _named(authors, brought.newest), reasons


def requester_of(found: ByHand) -> Requester:
    """The forge proves who merged; who pushed is only what the commit claims."""
    return Requester(name=found.by, proof="forge" if found.how == "merged" and found.by else "claimed")


def seen_again(at: Ports, attempt: Attempt) -> Attempt:
    """A commit that is taken over, as the forge and Git show it now: reviews may have been withdrawn since the run
    began, or one values file become several. Any other attempt as it is."""
    if not isinstance(attempt, TakeOver):
        return attempt
    found, tree = by_hand(at, attempt.hand), at.tree(at.git.head)
    now = {"head": tree.commit, "paths": paths_with(tree, attempt.hand)}
    return attempt.copy_with(by_hand=found, requester=requester_of(found), **now)


def by_hand_of(at: Ports, attempt: Attempt) -> ByHand | None:
    """For the entry of the attempt: None for a promotion's own commit, and for what was there before the first one."""
    if isinstance(attempt, TakeOver):
        return attempt.by_hand
    if isinstance(attempt, GatedChange) and attempt.found:
        return by_hand_if_new(at, attempt.application, attempt.environment, attempt.revision)
    return None


def by_hand_if_new(at: Ports, application: str, environment: str, commit: str) -> ByHand | None:
    """None where the ledger has the commit already, or nothing before it."""
    at, hand = in_force(at), HandMade(application=application, environment=environment, commit=commit)
    try:
        find_hand_made_commit(at, at.tree(at.git.head), hand)
    except Refused:
        return None
    return by_hand(at, hand)


def values_trouble(tree: ConfigSnapshot, hand: HandMade) -> str:
    """Why no release can be read of the values at the commit; empty if one can."""
    try:
        if not tree.files_in(hand.application, hand.environment, hand.commit):
            return f"all values of {hand.application} were removed from {hand.environment}"
        release_left(tree, hand.application, hand.environment, hand.commit)
    except Refused as error:
        return f"the values cannot be read: {error}"
    return ""


def release_at(tree: ConfigSnapshot, hand: HandMade, commit: str) -> Release | None:
    """What the environment's values make up at a commit; None where they cannot be read."""
    with suppress(Refused):
        return release_left(tree, hand.application, hand.environment, commit)
    return None


def _rules_before(at: Ports, change: Change, hand: HandMade) -> tuple[ConfigSnapshot, tuple[str, ...]]:
    """The policy and the people of the commit before; where they cannot be read, the change's own, or else those of
    today, and a sentence for what counts as bypassed then."""
    for commit in (change.parents[0], change.sha):
        tree = at.tree(commit)
        with suppress(LiftgateError):
            tree.environment(hand.environment)
            tree.paths(hand.application, hand.environment)
            return tree, (() if commit == change.parents[0] else (UNREAD,))
    return at.tree(at.git.head), (UNREAD,)


def _merged_with(at: Ports, change: Change) -> MergedPull | None:
    """As the forge says, if Git shows that merge too: it is in the branch's history, and has the commit in its own."""
    found = at.forge.merged_with(change.sha, at.git.branch) if at.forge.has_pull_requests else None
    merge = at.git.resolve(found.pull.merge_commit) if found and found.pull.merge_commit else ""
    if not merge or not at.git.is_ancestor(merge, at.git.ref):
        return None
    return found if at.git.is_ancestor(change.sha, merge) else None


def _facts(
    at: Ports, before: ConfigSnapshot, authors: Authors, hand: HandMade, brought: Brought, base: str
) -> HandChange:
    policy, change, merged = before.configuration.policy_of(hand.environment), brought.newest, brought.merged
    new = release_at(before, hand, change.sha) or _release_moved(at, before, hand, change)
    return HandChange(
        environment=hand.environment,
        head=merged.pull.head if merged else "",
        author=merged.pull.author if merged else "",
        authors=authors,
        reviews=merged.reviews if merged else (),
        pause=_pause_then(at.pauses(), hand.environment, change),
        version=new.version if new else "",
        verified=_verified(at, before, hand, policy, change, (base, new.id if new else "")) if base else {},
        signatures=_signatures(at, policy, hand),
    )


def _signatures(at: Ports, policy: Policy, hand: HandMade) -> Verdict:
    """Without an answer for a mistake in the keys' files: it must not keep a bad commit from being rolled back."""
    if policy.signatures != "required":
        return NO_SIGNATURES
    tree = at.tree(at.git.head)
    try:
        entries = named_entries(at, tree, hand.application, hand.environment)
        bad = not_signed(judge_hand_made(tree, at.forge, entries, hand))
    except (Misconfigured, Refused) as error:
        bad = f"the signatures cannot be checked: {error}"
    return failed(bad) if bad else passed("all commits are signed")


def _release_moved(at: Ports, before: ConfigSnapshot, hand: HandMade, change: Change) -> Release | None:
    """Where the values are by the change's own configuration: it may move the folder."""
    with suppress(Refused, Misconfigured):
        files = at.tree(change.sha).files(hand.application, hand.environment)
        return before.release_of(hand.application, change.sha, files) if files else None
    return None


def _verified(
    at: Ports, before: ConfigSnapshot, hand: HandMade, policy: Policy, change: Change, span: tuple[str, str]
) -> dict[str, datetime | None]:
    """For each upstream environment, as of the commit. `span` is the commit before, and the release's id afterwards."""
    old = release_at(before, hand, span[0])
    entries, name = at.entries(hand.application), hand.application
    upstream = verified_upstream(entries, name, policy, before=old.id if old else "", after=span[1])
    return {name: since if since and since <= change.when else None for name, since in upstream.items()}


def _pause_then(pauses: Sequence[Pause], environment: str, change: Change) -> Pause | None:
    """One that is in force, and was when the commit was made."""
    there = (each for each in pauses if each.environment in ("", environment) and each.since <= change.when)
    return next(there, None)


def _authors(at: Ports, tree: ConfigSnapshot, directory: Directory, hand: HandMade, brought: Brought) -> Authors:
    paths = tree.pathspecs(hand.application, hand.environment)
    found = authorship.written(tree.repository, brought.oldest.parents[0], brought.newest.sha, paths, tree.signers)
    if brought.merged and _is_rebased(at, brought.merged):
        found = tuple(each.copy_with(credits=each.credits and each.credits.without_committer()) for each in found)
    return authors_of(found, directory, at.forge.account, at.forge.own_login)


def _is_rebased(at: Ports, merged: MergedPull) -> bool:
    """Whether the forge made its commits anew. Their committer is then the person who merged, who wrote nothing."""
    head = at.git.resolve(merged.pull.head)
    return not head or not at.git.is_ancestor(head, merged.pull.merge_commit)


def _person(directory: Directory, login: str) -> str:
    """The name in `people`; a login is never taken for one."""
    return directory.by_login(login) or (f"{login} (not in people)" if login else "")


def _named(authors: Authors, change: Change) -> str:
    return in_words(authors.people) or change.author[:_LONGEST]


def _reasons(gates: Mapping[str, Verdict], approvals: str = "") -> tuple[str, ...]:
    """Of the gates that were not open; `approvals` takes the place of that gate's sentence."""
    return tuple(
        approvals if name == "approvals" and approvals else verdict.reason
        for name, verdict in gates.items()
        if not verdict.passed
    )
