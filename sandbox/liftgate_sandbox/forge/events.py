"""The three kinds of webhook payloads, in GitHub's shape."""

from __future__ import annotations

from typing import Any

from liftgate_sandbox.forge import history
from liftgate_sandbox.forge.core import Core
from liftgate_sandbox.forge.history import Commit
from liftgate_sandbox.forge.mergeability import Mergeability
from liftgate_sandbox.forge.model import Pull, Repository, Review, User
from liftgate_sandbox.forge.outbox import is_heard
from liftgate_sandbox.forge.receipts import ZERO, Change
from liftgate_sandbox.forge.shapes.people import html, repository, user
from liftgate_sandbox.forge.shapes.pulls import full_pull, pull, review


def pull_changed(core: Core, of: Repository, this: Pull, sender: User, action: str, **more: Any) -> None:
    """`pull_request`: opened, synchronize (with `before` and `after`), closed, edited …"""
    if not is_heard(of.hooks, "pull_request"):
        return
    shape = full_pull(core, of, this, Mergeability(None, "unknown"))
    payload = {"action": action, "number": this.number, "pull_request": shape, **more}
    _tell(core, of, sender, "pull_request", payload)


def reviewed(core: Core, of: Repository, this: Pull, sender: User, given: Review, action: str) -> None:
    """`pull_request_review`: submitted or dismissed; the state is in small letters here, as on GitHub."""
    if not is_heard(of.hooks, "pull_request_review"):
        return
    shape = review(core, of, this, given)
    payload = {
        "action": action,
        "review": shape | {"state": given.state.lower()},
        "pull_request": pull(core, of, this),
    }
    _tell(core, of, sender, "pull_request_review", payload)


def pushed(core: Core, of: Repository, sender: User, change: Change) -> None:
    """`push`: one ref from before to after, with the commits in between (oldest first)."""
    if not is_heard(of.hooks, "push"):
        return
    bare = core.bare(of)
    deleted = change.new == ZERO
    range_ = change.new if change.old == ZERO else f"{change.old}..{change.new}"
    commits = [] if deleted else [_commit(core, of, each) for each in history.log(bare, range_, limit=20)]
    payload = {
        "ref": change.ref,
        "before": change.old,
        "after": change.new,
        "created": change.old == ZERO,
        "deleted": deleted,
        "forced": ZERO not in (change.old, change.new) and not bare.is_ancestor(change.old, change.new),
        "base_ref": None,
        "compare": f"{html(core, of)}/compare/{change.old[:12]}...{change.new[:12]}",
        "commits": commits[::-1],
        "head_commit": commits[0] if commits else None,
        "pusher": {"name": sender.login, "email": sender.email},
    }
    _tell(core, of, sender, "push", payload)


def _commit(core: Core, of: Repository, this: Commit) -> dict[str, Any]:
    return {
        "id": this.sha,
        "tree_id": this.tree,
        "distinct": True,
        "message": this.message,
        "timestamp": this.committer.date,
        "url": f"{html(core, of)}/commit/{this.sha}",
        "author": {"name": this.author.name, "email": this.author.email},
        "committer": {"name": this.committer.name, "email": this.committer.email},
        **core.bare(of).touched(this.sha),
    }


def _tell(core: Core, of: Repository, sender: User, event: str, payload: dict[str, Any]) -> None:
    about = {"repository": repository(core, of), "sender": user(core, sender)}
    core.outbox.send(of.hooks, event, payload | about)
