"""The commits that the three ways to merge a pull request make, with GitHub's words, people and dates."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from liftgate_sandbox.forge import history
from liftgate_sandbox.forge.bare import Bare
from liftgate_sandbox.forge.core import WEB_FLOW, now
from liftgate_sandbox.forge.history import Commit, Person
from liftgate_sandbox.forge.mergeability import merged_tree
from liftgate_sandbox.forge.model import Pull, Repository, User
from liftgate_sandbox.forge.openpgp import Key


class Wanted(NamedTuple):
    """`title` and `message` are None where the caller gives none; `by` presses the button, `author` opened it. `key` is
    the forge's own."""

    bare: Bare
    repository: Repository
    pull: Pull
    by: User
    author: User
    key: Key
    title: str | None
    message: str | None


def merge(wanted: Wanted) -> str | None:
    """A commit with two parents, by the person who merges; None where the two conflict."""
    pull, repository = wanted.pull, wanted.repository
    tree = merged_tree(wanted.bare, pull.base_sha, pull.head_sha)
    usual = f"Merge pull request #{pull.number} from {repository.owner}/{pull.head}"
    message = _message(usual if wanted.title is None else wanted.title, _or(wanted.message, pull.title))
    parents = (pull.base_sha, pull.head_sha)
    return tree and _signed(wanted, _commit(wanted.bare, tree, parents, message, _person(wanted.by), _web_flow()))


def squash(wanted: Wanted) -> str | None:
    """One commit, by the person who opened the pull request; the other authors are co-authors of it."""
    pull = wanted.pull
    tree = merged_tree(wanted.bare, pull.base_sha, pull.head_sha)
    if tree is None:
        return None
    commits = _commits(wanted)
    only = commits[0].message if len(commits) == 1 else ""
    subject, _, body = only.partition("\n\n")
    listed = body if only else "\n\n".join(f"* {each.message}" for each in commits)
    title = _or(wanted.title, f"{subject or pull.title} (#{pull.number})")
    message = _or(wanted.message, _with_co_authors(listed, commits, wanted.author))
    author = _person(wanted.author)
    return _signed(wanted, _commit(wanted.bare, tree, (pull.base_sha,), _message(title, message), author, _web_flow()))


def rebase(wanted: Wanted) -> str | None:
    """Each commit again on top of the base, by its author; the person who merges is the committer, unsigned."""
    tip = wanted.pull.base_sha
    for commit in _commits(wanted):
        tree = _picked(wanted.bare, commit, tip)
        if tree is None:
            return None
        tip = _commit(wanted.bare, tree, (tip,), commit.message, commit.author, _person(wanted.by))
    return tip


METHODS: Mapping[str, Callable[[Wanted], str | None]] = {"merge": merge, "squash": squash, "rebase": rebase}


def _commits(wanted: Wanted) -> list[Commit]:
    """Oldest first, without merges."""
    found = history.log(wanted.bare, f"{wanted.pull.base_sha}..{wanted.pull.head_sha}")
    return [each for each in found[::-1] if len(each.parents) < len(("base", "head"))]


def _picked(bare: Bare, commit: Commit, onto: str) -> str | None:
    """The tree of what the commit changes, made on another one. git 2.38 merges only commits with a common history."""
    before = bare.run("rev-parse", f"{commit.parents[0]}^{{tree}}")
    base = _bare_commit(bare, before)
    theirs, ours = (_bare_commit(bare, tree, base) for tree in (commit.tree, bare.run("rev-parse", f"{onto}^{{tree}}")))
    return merged_tree(bare, ours, theirs)


def _bare_commit(bare: Bare, tree: str, *parents: str) -> str:
    return _commit(bare, tree, parents, "", _web_flow(), _web_flow())


def _with_co_authors(text: str, commits: Iterable[Commit], author: User) -> str:
    named = {each.author.email: each.author.name for each in commits if each.author.email != author.email}
    trailers = "\n".join(f"Co-authored-by: {name} <{email}>" for email, name in named.items())
    if not trailers:
        return text
    return f"{text}\n\n---------\n\n{trailers}" if text else trailers


def _signed(wanted: Wanted, commit: str) -> str:
    """The commit with the forge's signature as its last header."""

    def with_signature(data: bytes) -> bytes:
        head, gap, text = data.partition(b"\n\n")
        armoured = wanted.key.sign(data, datetime.now(UTC)).rstrip("\n").replace("\n", "\n ")
        return head + f"\ngpgsig {armoured}".encode() + gap + text

    return wanted.bare.rewritten(commit, with_signature)


def _or(given: str | None, usual: str) -> str:
    return usual if given is None else given


def _message(title: str, body: str) -> str:
    return f"{title}\n\n{body}" if body else title


def _person(user: User) -> Person:
    return Person(user.name, user.email, now())


def _web_flow() -> Person:
    return _person(WEB_FLOW)


def _commit(bare: Bare, tree: str, parents: Iterable[str], message: str, author: Person, committer: Person) -> str:
    given = [option for each in parents for option in ("-p", each)]
    people = {
        f"GIT_{role}_{part}": value
        for role, who in (("AUTHOR", author), ("COMMITTER", committer))
        for part, value in zip(("NAME", "EMAIL", "DATE"), who, strict=True)
    }
    return bare.run("commit-tree", tree, *given, "-m", message, **people)
