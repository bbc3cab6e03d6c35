"""What people are called for when a rollback cannot do it: why, and the exact commands."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from shlex import quote

from liftgate.domain.announcement import Announcement
from liftgate.domain.ledger import Entry
from liftgate.domain.message import subject_of_rollback
from liftgate.domain.policy import Person
from liftgate.domain.promotion import Promotion


def commands(rollback: Promotion, branch: str, *, mainline: bool, as_file: bool) -> tuple[str, ...]:
    """For somebody's clone: what the worker would have pushed. `as_file`: the file as verified, not a revert;
    `mainline`: the commit to revert is a merge."""
    again = f"--to {quote(rollback.restores)}" if rollback.restores else f"--promotion {quote(rollback.reverts)}"
    work = f"rollback-{rollback.id[-12:]}"
    return (
        "git fetch origin",
        f"git switch --create {work} {quote(f'origin/{branch}')}",
        *(_as_file(rollback) if as_file else _revert(rollback, mainline=mainline)),
        f"git push origin {work}",
        f"# merge {work} into {branch}; then this verifies and records it:",
        f"liftgate rollback {quote(rollback.application)} --in {quote(rollback.environment)} {again}",
    )


def _as_file(rollback: Promotion) -> tuple[str, ...]:
    return (
        f"git restore --source={rollback.good} --staged --worktree -- {quote(rollback.path)}",
        f"git commit --message {quote(subject_of_rollback(rollback))}",
    )


def _revert(rollback: Promotion, *, mainline: bool) -> tuple[str, ...]:
    return (f"git revert --no-edit {'--mainline 1 ' if mainline else ''}{rollback.undo}",)


def stuck(rollback: Promotion, why: str, listed: Sequence[str], calls: Sequence[str], url: str) -> Announcement:
    """The rollback could not bring its commit to the branch."""
    said = f"🚨 not rolled back, {rollback.environment} is as it was: {why}. Somebody must do it by hand now"
    return _call(rollback, said, listed, calls, url)


def not_healed(rollback: Promotion, why: str, next_good: Entry | None, calls: Sequence[str], url: str) -> Announcement:
    """The commit is on the branch, and the environment is not well with it. `next_good` has other values."""
    hint = ""
    listed: tuple[str, ...] = ()
    if next_good:
        place = f"{quote(rollback.application)} --in {quote(rollback.environment)}"
        listed = (f"liftgate rollback {place} --to {next_good.promotion}",)
        hint = f"; {next_good.version or 'other values'} of promotion {next_good.promotion} can come back"
    return _call(rollback, f"🚨 {why}{hint}", listed, calls, url)


def in_words(announcement: Announcement) -> str:
    """For a terminal or a run's state: the sentence, and each command on its line."""
    return "\n".join([announcement.state.removeprefix("🚨 "), *announcement.commands])


def called(wanted: Sequence[str], people: Mapping[str, Person], account: Callable[[Person], str]) -> tuple[str, ...]:
    """Accounts of the people who are named, of everybody where no one is; without those who have none."""
    return tuple(filter(None, (account(people[name]) for name in wanted or people if name in people)))


def _call(rollback: Promotion, said: str, listed: Sequence[str], calls: Sequence[str], url: str) -> Announcement:
    return Announcement(
        promotion=f"{rollback.id}-call",
        title=rollback.title,
        state=said,
        facts=(("asked by", str(rollback.requester)), ("reason", rollback.reason)),
        url=url,
        commands=tuple(listed),
        calls=tuple(calls),
    )
