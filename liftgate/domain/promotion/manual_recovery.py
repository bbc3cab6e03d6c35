"""The call for people when a rollback fails: why, and the exact commands."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from shlex import quote

from liftgate.domain.approval.policy import Person
from liftgate.domain.ledger.ledger import Entry
from liftgate.domain.promotion.announcement import Announcement, notices
from liftgate.domain.promotion.attempt import Rollback
from liftgate.domain.promotion.message import subject_of_rollback


def commands(rollback: Rollback, branch: str, *, mainline: bool, as_file: bool) -> tuple[str, ...]:
    """Commands for a clone that push what the worker could not. `as_file`: restore the verified file instead of a
    revert; `mainline`: the commit to revert is a merge."""
    again = f"--to {quote(rollback.restores)}" if rollback.restores else f"--promotion {quote(rollback.reverts)}"
    work = f"rollback-{rollback.id[-12:]}"
    return (
        "git fetch origin",
        f"git switch --create {work} {quote(f'origin/{branch}')}",
        *(_as_file(rollback) if as_file else _revert(rollback, mainline=mainline)),
        f"git push origin {work}",
        f"# merge {work} into {branch}; then verify and record it:",
        f"liftgate rollback {quote(rollback.application)} --in {quote(rollback.environment)} {again}",
    )


def _as_file(rollback: Rollback) -> tuple[str, ...]:
    paths = " ".join(map(quote, rollback.paths))
    return (
        f"git restore --source={rollback.good} --staged --worktree -- {paths}",
        f"git commit --message {quote(subject_of_rollback(rollback))}",
    )


def _revert(rollback: Rollback, *, mainline: bool) -> tuple[str, ...]:
    return (f"git revert --no-edit {'--mainline 1 ' if mainline else ''}{rollback.undo}",)


def stuck(rollback: Rollback, why: str, listed: Sequence[str], calls: Sequence[str], url: str) -> Announcement:
    """The rollback could not bring its commit to the branch."""
    said = f"🚨 not rolled back, {rollback.environment} is unchanged: {why}. Roll it back manually now"
    return _call(rollback, said, listed, calls, url)


def not_healed(rollback: Rollback, why: str, next_good: Entry | None, calls: Sequence[str], url: str) -> Announcement:
    """The commit is on the branch, but the environment is unhealthy. `next_good` has other values."""
    hint = ""
    listed: tuple[str, ...] = ()
    if next_good:
        place = f"{quote(rollback.application)} --in {quote(rollback.environment)}"
        listed = (f"liftgate rollback {place} --to {next_good.promotion}",)
        hint = f"; {next_good.version or 'other values'} of promotion {next_good.promotion} can be restored"
    return _call(rollback, f"🚨 {why}{hint}", listed, calls, url)


def in_words(announcement: Announcement) -> str:
    """For a terminal or a run's state: the sentence, and one command per line."""
    return "\n".join([announcement.state.removeprefix("🚨 "), *announcement.commands])


def called(wanted: Sequence[str], people: Mapping[str, Person], account: Callable[[Person], str]) -> tuple[str, ...]:
    """The accounts of the wanted people, or of all if none is wanted; people without an account are left out."""
    return tuple(filter(None, (account(people[name]) for name in wanted or people if name in people)))


def _call(rollback: Rollback, said: str, listed: Sequence[str], calls: Sequence[str], url: str) -> Announcement:
    return Announcement(
        promotion=f"{rollback.id}-call",
        title=rollback.title,
        state=said,
        facts=(("requested by", str(rollback.requester)), ("reason", rollback.reason), *notices(rollback)),
        url=url,
        commands=tuple(listed),
        calls=tuple(calls),
    )
