"""What a rollback takes back, or goes back to: it stays the same however often its run begins again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from liftgate.domain.common.value import Value
from liftgate.domain.ledger import ledger, restorable
from liftgate.domain.ledger.ledger import Entry
from liftgate.domain.promotion.attempt import rollback_id
from liftgate.domain.promotion.message import RESTORES, REVERTS, is_rollback
from liftgate.domain.promotion.run_request import RunRequest
from liftgate.errors import Refused
from liftgate.integrations.git.authorship import contains
from liftgate.integrations.git.config_snapshot import ConfigSnapshot
from liftgate.integrations.git.history import Change, find_promotion_commit, history, place_commits
from liftgate.services import rollback_target
from liftgate.services.begin import reached
from liftgate.services.merge_base import named_entries
from liftgate.services.notes import Notes
from liftgate.services.ports import HasBranch, HasRuns
from liftgate.services.rollback_target import hand_made_change
from liftgate.services.take_overs import run_of_take_over


class Ports(HasBranch, HasRuns, Protocol):
    """What these use cases need."""


class RollbackTarget(Value):
    """The fields of a Rollback that say where it goes."""

    id: str
    reverts: str = ""
    undo: str = ""
    restores: str = ""
    took_back: tuple[str, ...] = ()
    good: str = ""
    by_hand: bool = False
    run: str = ""
    revision: str = ""
    entry: Entry | None = None
    """Its outcome, when it is finished."""


def begun_before(at: Ports, head: str, asked: RunRequest, run: str) -> Change | None:
    """The commit that an earlier start of the rollback made."""
    reverts = asked.promotion or Notes(at.runs, run).kept_reverts()
    found = (find_promotion_commit(at.git, head, each) for each in (run, rollback_id(reverts) if reverts else ""))
    return next((commit for commit in found if commit), None)


def fixed(at: Ports, tree: ConfigSnapshot, asked: RunRequest, run: str) -> RunRequest:
    """The request with the promotion that its run takes back: once that is taken back, another one is the newest."""
    if asked.promotion or asked.back_to:
        return asked

    def newest() -> str:
        return bad_change(tree, asked, named_entries(at, tree, asked.application, asked.environment))[1]

    return asked.copy_with(promotion=Notes(at.runs, run).reverts(newest))


def target_by_chosen_promotion(at: Ports, tree: ConfigSnapshot, asked: RunRequest, run: str) -> RollbackTarget:
    """Back to a chosen promotion. Raises Refused with the nearest right thing."""
    entries = at.entries()
    before = reached(at, run, entries)
    if over := before.entry:
        return RollbackTarget(
            id=run, restores=over.restores, took_back=over.took_back, revision=over.revision, entry=over
        )
    if begun := _of_another_run(tree, entries, asked) or before.commit:
        return _go_on(entries, begun)
    way = rollback_target.restore_plan(tree, entries, asked.application, asked.environment, asked.back_to)
    return RollbackTarget(id=run, restores=way.entry.promotion, took_back=way.took_back, good=way.entry.revision)


def _of_another_run(tree: ConfigSnapshot, entries: list[Entry], asked: RunRequest) -> Change | None:
    """The newest commit, if it goes back to the same promotion and has no outcome yet: it must not be done twice."""
    paths = tree.pathspecs(asked.application, asked.environment)
    newest = next(history(tree.repository, tree.commit, paths=paths), None)
    if (
        newest
        and restorable.means(asked.back_to, newest.trailer(RESTORES))
        and not ledger.find_entry(entries, newest.promotion)
    ):
        return newest
    return None


def _go_on(entries: list[Entry], begun: Change) -> RollbackTarget:
    restores = begun.trailer(RESTORES)
    chosen = ledger.find_entry(entries, restores)
    return RollbackTarget(
        id=begun.promotion,
        restores=restores,
        took_back=begun.trailers.get(REVERTS, ()),
        good=chosen.revision if chosen else "",
        revision=begun.sha,
    )


def target_by_reverting(at: Ports, tree: ConfigSnapshot, asked: RunRequest, *, has_own_run: bool) -> RollbackTarget:
    """Take one promotion back. Raises Refused when there is none, or a person names one that was taken back already."""
    mine = named_entries(at, tree, asked.application, asked.environment)
    bad, reverts = bad_change(tree, asked, mine)
    identity = rollback_id(reverts)
    before = reached(at, identity, mine)
    other = rollback_target.taker(at.git, bad.sha, tree.commit, reverts)
    if has_own_run and other and other.promotion != identity:
        raise Refused(f"promotion {reverts} was taken back already, by rollback {other.promotion}")
    return RollbackTarget(
        id=identity,
        reverts=reverts,
        undo=bad.sha,
        took_back=_others_of(mine, bad.sha, reverts),
        by_hand=not bad.promotion,
        run="" if bad.promotion else run_of_take_over(at, reverts),
        good=rollback_target.last_good(at.git, f"{bad.sha}^1", mine) or at.git.resolve(f"{bad.sha}^1"),
        revision=before.revision,
        entry=before.entry,
    )


def _others_of(mine: Sequence[Entry], commit: str, reverts: str) -> tuple[str, ...]:
    """Other promotions that verified the same commit: their outcome goes with it."""
    return tuple(each.promotion for each in mine if each.good and each.revision == commit and each.promotion != reverts)


def bad_change(tree: ConfigSnapshot, asked: RunRequest, mine: Sequence[Entry]) -> tuple[Change, str]:
    """The commit to take back, and its promotion: also a person's own commit that is named, or that was taken over
    after the newest promotion."""
    try:
        bad = bad_commit(tree, asked)
    except Refused:
        if by_hand := hand_made_change(tree, asked, mine):
            return by_hand
        raise
    by_hand = None if asked.promotion else hand_made_change(tree, asked, mine)
    return by_hand if by_hand and contains(tree.repository, by_hand[0].sha, bad.sha) else (bad, bad.promotion)


def bad_commit(tree: ConfigSnapshot, asked: RunRequest) -> Change:
    """The commit of the promotion that is named, else of the newest one there that was not rolled back."""
    back: set[str] = set()
    for change in place_commits(tree.repository, tree.commit, tree.names(asked.application), asked.environment):
        back.update(change.trailers.get(REVERTS, ()))
        identity = change.promotion
        if is_rollback(change.trailers):
            _check_other(identity, asked)
        elif identity and (restorable.means(asked.promotion, identity) if asked.promotion else identity not in back):
            return change
    named = f"promotion {asked.promotion}" if asked.promotion else "a promotion"
    raise Refused(f"there is no commit of {named} of {asked.application} in {asked.environment} to take back")


def _check_other(rollback: str, asked: RunRequest) -> None:
    if asked.promotion and restorable.means(asked.promotion, rollback):
        raise Refused(
            f"{rollback} is itself a rollback, which cannot be taken back: choose the promotion whose values you want "
            f"(liftgate rollback {asked.application} --in {asked.environment} --to ID), or promote a release again"
        )
