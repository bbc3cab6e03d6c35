"""Rollbacks: what one aims at (one promotion to take back, or one to go back to), its commit, and whom it needs."""

from __future__ import annotations

from typing import Protocol

from liftgate.domain import by_hand, ledger, message, plain, restore
from liftgate.domain.announcement import Announcement
from liftgate.domain.ledger import Entry
from liftgate.domain.message import RESTORES, REVERTS, is_rollback
from liftgate.domain.plan import Plan
from liftgate.domain.promotion import AUTOMATIC, Promotion, rollback_id
from liftgate.domain.value import Value
from liftgate.domain.waves import names
from liftgate.errors import Misconfigured, Refused, Unavailable
from liftgate.integrations.git.history import Change, find_promotion_commit, history
from liftgate.integrations.git.tree import Tree
from liftgate.services import checks as of_files
from liftgate.services import notifications
from liftgate.services import restore as restoring
from liftgate.services.begin import reached
from liftgate.services.beside import beside
from liftgate.services.changes import push_onto
from liftgate.services.notifications import post_once, told_at
from liftgate.services.ports import CanCommit, HasDeployer, HasPages, HasWindows
from liftgate.services.requests import who_asked
from liftgate.services.restore import overlaps, tree_back, values_back


class Ports(notifications.Ports, CanCommit, HasDeployer, HasWindows, HasPages, Protocol):
    """What these use cases need."""


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
    entry: Entry | None = None
    """Its outcome, when it is over."""


def begin(at: Ports, run_id: str, wish: Wish) -> Promotion:
    """What a rollback takes back, and how far it came if it began before.

    Raises Refused when there is nothing to take back, or to go back to.
    """
    plain.check(wish.model_dump())
    if wish.promotion and wish.back_to:
        raise Refused("a rollback takes one promotion back, or goes back to one: name either, not both")
    tree = at.tree(at.git.fetch())
    tree.environment(wish.environment)
    run = at.runs.read(run_id)
    by_hand = run is not None and bool(run.deployment)
    requester = who_asked(at, tree, run, wish.requested_by, "") if run and by_hand else AUTOMATIC
    aim = aim_at_good(at, tree, wish, run_id) if wish.back_to else aim_at_bad(at, tree, wish, by_hand=by_hand)
    rollback = Promotion(
        kind="rollback",
        application=wish.application,
        environment=wish.environment,
        argocd=tree.argocd(wish.application, wish.environment),
        path=tree.path(wish.application, wish.environment),
        head=tree.commit,
        requester=requester,
        requested_at=run.created if run else at.clock.now(),
        reason=plain.one_line(wish.reason) or f"rolled back by {requester}",
        **dict(aim),
    )
    rollback = rollback.model_copy(update={"previous": _version(at, tree, rollback)})
    if by_hand:
        beside("the run keeps its name", lambda: at.runs.rename(run_id, rollback.title))
    return rollback


def aim_at_good(at: Ports, tree: Tree, wish: Wish, run: str) -> Aim:
    """Back to a chosen promotion. Raises Refused with the nearest right thing."""
    entries = at.entries()
    before = reached(at, run, entries)
    if over := before.entry:
        return Aim(id=run, restores=over.restores, took_back=over.took_back, revision=over.revision, entry=over)
    if begun := _of_another_run(tree, entries, wish) or before.commit:
        return _go_on(entries, begun)
    way = restoring.way_back(tree, entries, wish.application, wish.environment, wish.back_to)
    return Aim(id=run, restores=way.entry.promotion, took_back=way.took_back, good=way.entry.revision)


def _of_another_run(tree: Tree, entries: list[Entry], wish: Wish) -> Change | None:
    """The newest commit, where it goes back to the same promotion and has no outcome: it is done once."""
    newest = next(history(tree.repository, tree.commit, path=tree.path(wish.application, wish.environment)), None)
    if newest and restore.means(wish.back_to, newest.trailer(RESTORES)) and not ledger.find(entries, newest.promotion):
        return newest
    return None


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


def aim_at_bad(at: Ports, tree: Tree, wish: Wish, *, by_hand: bool) -> Aim:
    """Take one promotion back. Raises Refused when there is none, or a person names one that is back already."""
    path = tree.path(wish.application, wish.environment)
    bad = bad_commit(tree, wish)
    reverts = bad.promotion
    identity = rollback_id(reverts)
    entries = at.entries(wish.application)
    before = reached(at, identity, entries)
    other = restoring.taker(at.git, bad.sha, tree.commit, path, reverts)
    if by_hand and other and other.promotion != identity:
        raise Refused(f"promotion {reverts} was taken back already, by rollback {other.promotion}")
    mine = ledger.of(entries, wish.application, wish.environment)
    return Aim(
        id=identity,
        reverts=reverts,
        undo=bad.sha,
        good=restoring.last_good(at.git, f"{bad.sha}^1", path, mine) or at.git.resolve(f"{bad.sha}^1"),
        revision=before.revision,
        entry=before.entry,
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


def _version(at: Ports, tree: Tree, rollback: Promotion) -> str:
    """What people call the values that are there afterwards."""
    file = at.git.file(rollback.revision, rollback.path) if rollback.revision else None
    data = (file.data if file else b"") if rollback.revision else values_back(at, tree.commit, rollback)
    return restoring.version_of(tree, rollback.application, rollback.environment, data or b"")


def revert_once(at: Ports, rollback: Promotion) -> Promotion:
    """The rollback with the commit that restored the values, on top of what others added since.

    Raises Refused when the branch does not let the worker push: people must act, and are told.
    """
    head = at.git.fetch()
    if begun := find_promotion_commit(at.git, head, rollback.id):
        return rollback.committed(begun.sha)
    rollback = _with_all_it_takes_back(at, head, rollback)
    return rollback.committed(_written(at, head, rollback))


def _with_all_it_takes_back(at: Ports, head: str, rollback: Promotion) -> Promotion:
    """Another promotion may have come since it began."""
    mine = at.entries(rollback.application, rollback.environment)
    chosen = ledger.find(mine, rollback.restores)
    if chosen is None:
        return rollback
    took_back = restoring.taken_back_by(at.tree(head), chosen, mine)
    return rollback.model_copy(update={"took_back": took_back})


def _written(at: Ports, head: str, rollback: Promotion) -> str:
    """Nothing is written where the values are back already, and no operation ended: it may be what brings them.

    Before a push one is: retrying what is taken back, it would hold the revert up.
    """
    tree = tree_back(at, head, rollback)
    if tree == at.git.object_id(head, ""):
        return head
    for application in names(rollback.argocd):
        _end_operation(at, application)
    subject, trailers = message.subject_of_rollback(rollback), message.trailers_of_rollback(rollback)
    text = message.compose(subject, rollback.reason, trailers, note=_done(rollback))
    sha = at.git.commit_tree(tree, [head], text, at.clock.now(), at.author, at.worker_key)
    return push_onto(at, head, sha)


def _done(rollback: Promotion) -> str:
    if rollback.restores:
        return f"This restores {rollback.path} as it was verified at commit {rollback.good}."
    return f"This reverts commit {rollback.undo}."


def _end_operation(at: Ports, application: str) -> None:
    try:
        at.deployer.terminate(application)
    except (Unavailable, Refused, Misconfigured) as error:
        print(f"the operation under way could not be ended: {error}")


def difference(at: Ports, rollback: Promotion) -> tuple[Plan, list[str]]:
    """What changes, and what of it does not fit today's checks: from the commit before the rollback's own, or
    the head as long as it has none."""
    before = at.git.resolve(f"{rollback.revision}^1") if rollback.revision else rollback.head
    tree, data = at.tree(before), values_back(at, before, rollback)
    plan = restoring.plan_back(tree, rollback.application, rollback.environment, data or b"")
    misfits = of_files.misfits(tree, rollback.application, rollback.environment, data) if data else ()
    return plan, of_files.in_words(misfits)


def call(at: Ports, rollback: Promotion, why: str) -> str:
    """People, by a message of its own, once; and what they were told, for where there is no chat."""
    said = _not_healed(at, rollback, why) if rollback.revision else _stuck(at, rollback, why)
    post_once(at, said, rollback.requested_at)
    return by_hand.in_words(said)


def _stuck(at: Ports, rollback: Promotion, why: str) -> Announcement:
    undo = at.git.log(rollback.undo, limit=1)[0] if rollback.undo else None
    listed = by_hand.commands(
        rollback,
        at.git.branch,
        mainline=undo is not None and len(undo.parents) > 1,
        as_file=undo is None or overlaps(at, at.git.head, rollback),
    )
    return by_hand.stuck(rollback, why, listed, _calls(at, rollback), at.page(told_at(rollback)))


def _not_healed(at: Ports, rollback: Promotion, why: str) -> Announcement:
    return by_hand.not_healed(rollback, why, _other(at, rollback), _calls(at, rollback), at.page(told_at(rollback)))


def _other(at: Ports, rollback: Promotion) -> Entry | None:
    """The newest verified promotion whose values are not those that are there now."""
    name, environment = rollback.application, rollback.environment
    tree, file = at.tree(at.git.head), at.git.file(rollback.revision, rollback.path)
    now = file.data if file else None
    past = reversed(ledger.restorable(at.entries(name, environment)))
    return next((e for e in past if restoring.as_verified(tree, name, environment, e.revision) != now), None)


def _calls(at: Ports, rollback: Promotion) -> tuple[str, ...]:
    configuration = at.tree(rollback.head).configuration
    approvals = configuration.policy_of(rollback.environment).approvals
    return by_hand.called(approvals.people if approvals else (), configuration.people, at.chat.account)
