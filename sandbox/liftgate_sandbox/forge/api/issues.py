"""What pull requests share with issues: comments and labels."""

from __future__ import annotations

from liftgate_sandbox.forge.api.call import Call, Reply, not_found
from liftgate_sandbox.forge.core import now
from liftgate_sandbox.forge.model import Comment, Pull
from liftgate_sandbox.forge.shapes import pulls
from liftgate_sandbox.forge.store import replaced


def list_comments(call: Call) -> Reply:
    number = call.pull().number
    found = [comment for comment in call.repository.comments if comment.issue == number]
    return Reply([pulls.comment(call.core, call.repository, each) for each in found])


def create_comment(call: Call) -> Reply:
    when = now()
    comment = Comment(
        id=call.core.store.next_id(),
        issue=call.pull().number,
        user=call.user.login,
        body=call.text("body"),
        created_at=when,
        updated_at=when,
    )
    call.core.store.edit(call.repository.full_name, comments=(*call.repository.comments, comment))
    return Reply(pulls.comment(call.core, call.repository, comment), 201)


def update_comment(call: Call) -> Reply:
    changed = _comment(call).model_copy(update={"body": call.text("body"), "updated_at": now()})
    comments = replaced(call.repository.comments, changed)
    call.core.store.edit(call.repository.full_name, comments=comments)
    return Reply(pulls.comment(call.core, call.repository, changed))


def delete_comment(call: Call) -> Reply:
    gone = _comment(call)
    left = tuple(comment for comment in call.repository.comments if comment.id != gone.id)
    call.core.store.edit(call.repository.full_name, comments=left)
    return Reply(status=204)


def _comment(call: Call) -> Comment:
    found = [comment for comment in call.repository.comments if comment.id == call.number()]
    if not found:
        raise not_found()
    return found[0]


def list_labels(call: Call) -> Reply:
    return _labels(call, call.pull())


def add_labels(call: Call) -> Reply:
    """Adds to what is there; unknown labels come into being."""
    pull = call.pull()
    names = tuple(dict.fromkeys((*pull.labels, *call.texts("labels"))))
    return _put_labels(call, pull, names)


def set_labels(call: Call) -> Reply:
    return _put_labels(call, call.pull(), tuple(dict.fromkeys(call.texts("labels"))))


def remove_label(call: Call) -> Reply:
    pull = call.pull()
    if call.path["label"] not in pull.labels:
        raise not_found()
    return _put_labels(call, pull, tuple(name for name in pull.labels if name != call.path["label"]))


def _put_labels(call: Call, pull: Pull, names: tuple[str, ...]) -> Reply:
    changed = pull.model_copy(update={"labels": names})
    call.core.put_pull(call.repository, changed)
    return _labels(call, changed)


def _labels(call: Call, pull: Pull) -> Reply:
    return Reply([pulls.label(call.core, call.repository, name) for name in pull.labels])
