"""What a rollback aims at: one promotion to take back, or one to go back to; found again if it began before."""

from __future__ import annotations

from liftgate.domain import ledger, restore
from liftgate.domain.ledger import Entry
from liftgate.domain.message import RESTORES, REVERTS, is_rollback
from liftgate.domain.promotion import rollback_id
from liftgate.domain.value import Value
from liftgate.errors import Refused
from liftgate.integrations.git.history import Change, find_promotion_commit, history
from liftgate.integrations.git.tree import Tree
from liftgate.services import restore as restoring
from liftgate.wiring import Integrations


class Wish(Value):
    """What a run was asked for: one promotion to take back (empty: the newest), or one to go back to."""

    application: str
    environment: str
    promotion: str = ""
    back_to: str = ""
    reason: str = ""
    requested_by: str = ""


class Aim(Value):
    """The fields of a rollback's Promotion that say where it goes."""

    id: str
    reverts: str = ""
    undo: str = ""
    restores: str = ""
    took_back: tuple[str, ...] = ()
    good: str = ""
    revision: str = ""


def aim_at_good(at: Integrations, tree: Tree, wish: Wish, run: str) -> Aim:
    """Back to a chosen promotion. Raises Refused with the nearest right thing."""
    entries = at.entries()
    over = ledger.find(entries, run)
    if over:
        return Aim(id=run, restores=over.restores, took_back=over.took_back, revision=over.revision)
    begun = _begun(at, tree, wish, run)
    if begun:
        return _go_on(entries, begun)
    way = restoring.way_back(tree, entries, wish.application, wish.environment, wish.back_to)
    return Aim(id=run, restores=way.entry.promotion, took_back=way.took_back, good=way.entry.revision)


def _begun(at: Integrations, tree: Tree, wish: Wish, run: str) -> Change | None:
    """This run's commit; or that of another run to the same promotion which has no outcome: it is done once."""
    newest = next(history(tree.repository, tree.commit, path=tree.path(wish.application, wish.environment)), None)
    if (
        newest
        and restore.means(wish.back_to, newest.trailer(RESTORES))
        and not ledger.find(at.entries(wish.application), newest.promotion)
    ):
        return newest
    return find_promotion_commit(at.git, at.git.ref, run)


def _go_on(entries: list[Entry], begun: Change) -> Aim:
    restores = begun.trailer(RESTORES)
    chosen = ledger.find(entries, restores)
    return Aim(
        id=begun.promotion,
        restores=restores,
        took_back=begun.trailers.get(REVERTS, ()),
        good=chosen.revision if chosen else "",
        revision=begun.sha,
    )


def aim_at_bad(at: Integrations, tree: Tree, wish: Wish, *, by_hand: bool) -> Aim:
    """Take one promotion back. Raises Refused when there is none, or a person names one that is back already."""
    path = tree.path(wish.application, wish.environment)
    bad = bad_commit(tree, wish)
    reverts = bad.promotion
    identity = rollback_id(reverts)
    begun = find_promotion_commit(at.git, at.git.ref, identity)
    other = restoring.taker(at.git, bad.sha, tree.commit, path, reverts)
    if by_hand and other and other.promotion != identity:
        raise Refused(f"promotion {reverts} was taken back already, by rollback {other.promotion}")
    mine = ledger.of(at.entries(wish.application), wish.application, wish.environment)
    return Aim(
        id=identity,
        reverts=reverts,
        undo=bad.sha,
        good=restoring.last_good(at.git, f"{bad.sha}^1", path, mine) or at.git.resolve(f"{bad.sha}^1"),
        revision=begun.sha if begun else "",
    )


def bad_commit(tree: Tree, wish: Wish) -> Change:
    """The commit of the promotion that is named, else of the newest one there that nobody took back."""
    back: set[str] = set()
    for change in history(tree.repository, tree.commit, path=tree.path(wish.application, wish.environment)):
        back.update(change.trailers.get(REVERTS, ()))
        identity = change.promotion
        if is_rollback(change.trailers):
            _check_other(identity, wish)
        elif identity and (restore.means(wish.promotion, identity) if wish.promotion else identity not in back):
            return change
    named = f"promotion {wish.promotion}" if wish.promotion else "a promotion"
    raise Refused(f"there is no commit of {named} of {wish.application} in {wish.environment} to take back")


def _check_other(rollback: str, wish: Wish) -> None:
    if wish.promotion and restore.means(wish.promotion, rollback):
        raise Refused(
            f"{rollback} is itself a rollback, which cannot be taken back: choose the promotion whose values you want "
            f"(liftgate rollback {wish.application} --in {wish.environment} --to ID), or promote a release again"
        )
