"""What a changed branch means for pull requests: new commits, stale approvals, merged or closed."""

from __future__ import annotations

from liftgate_sandbox.forge import events
from liftgate_sandbox.forge.core import Core, now
from liftgate_sandbox.forge.model import Protection, Pull, Repository, User
from liftgate_sandbox.forge.receipts import ZERO, Change
from liftgate_sandbox.forge.rulesets import dismisses_stale


def follow(core: Core, repository: Repository, sender: User, changes: list[Change]) -> None:
    """Tell webhooks of each push and bring the open pull requests up to date."""
    with core.store.lock:
        for change in changes:
            events.pushed(core, core.again(repository), sender, change)
            branch = change.ref.removeprefix("refs/heads/")
            for pull in core.again(repository).pulls:
                if pull.state == "open" and branch == pull.head:
                    _head_moved(core, repository, pull, sender, change)
                elif pull.state == "open" and branch == pull.base:
                    _base_moved(core, repository, pull, sender, change)


def fresh(core: Core, repository: Repository, pull: Pull) -> Pull:
    """An open pull request with its branches' heads of this moment; a closed one as it ended."""
    if pull.state == "closed":
        return pull
    bare = core.bare(repository)
    heads = {
        "head_sha": bare.branch(pull.head) or pull.head_sha,
        "base_sha": bare.branch(pull.base) or pull.base_sha,
    }
    return pull.model_copy(update=heads)


def close(core: Core, repository: Repository, pull: Pull, sender: User) -> Pull:
    """Close without merging."""
    closed = fresh(core, repository, pull).model_copy(update={"state": "closed", "closed_at": now()})
    _put(core, repository, closed, sender, "closed")
    return closed


def finish(core: Core, repository: Repository, pull: Pull, sender: User, commit: str) -> Pull:
    """Record that `commit` merged it."""
    when = now()
    done = {"state": "closed", "closed_at": when, "merged_at": when, "merged_by": sender.login}
    merged = pull.model_copy(update={**done, "merge_commit_sha": commit})
    _put(core, repository, merged, sender, "closed")
    return merged


def _put(core: Core, repository: Repository, pull: Pull, sender: User, action: str) -> None:
    events.pull_changed(core, core.put_pull(repository, pull), pull, sender, action)


def _head_moved(core: Core, repository: Repository, pull: Pull, sender: User, change: Change) -> None:
    if change.new == ZERO:
        close(core, repository, pull, sender)
        return
    moved = pull.model_copy(update={"head_sha": change.new})
    core.bare(repository).update_ref(f"refs/pull/{pull.number}/head", change.new)
    changed = core.put_pull(repository, moved)
    events.pull_changed(core, changed, moved, sender, "synchronize", before=change.old, after=change.new)
    classic = changed.protections.get(pull.base, Protection(dismiss_stale=False)).dismiss_stale
    if classic or dismisses_stale(changed, pull.base):
        _dismiss(core, repository, moved, sender)


def _dismiss(core: Core, repository: Repository, pull: Pull, sender: User) -> None:
    """Approvals of an older head become DISMISSED."""
    reviews = core.again(repository).reviews
    stale = [review for review in reviews if review.pull == pull.number and review.state == "APPROVED"]
    dismissed = {review.id: review.model_copy(update={"state": "DISMISSED"}) for review in stale}
    updated = tuple(dismissed.get(review.id, review) for review in reviews)
    changed = core.store.edit(repository.full_name, reviews=updated)
    for review in dismissed.values():
        events.reviewed(core, changed, pull, sender, review, "dismissed")


def _base_moved(core: Core, repository: Repository, pull: Pull, sender: User, change: Change) -> None:
    """Somebody pushed the head's commits straight to the base: GitHub calls that merged."""
    if change.new != ZERO and core.bare(repository).is_ancestor(pull.head_sha, change.new):
        finish(core, repository, pull, sender, change.new)
