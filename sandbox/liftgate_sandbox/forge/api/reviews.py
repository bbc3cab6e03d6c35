"""Reviews of a pull request."""

from __future__ import annotations

from liftgate_sandbox.forge import events
from liftgate_sandbox.forge.api.call import ApiError, Call, Reply, not_found
from liftgate_sandbox.forge.core import now
from liftgate_sandbox.forge.model import Pull, Review
from liftgate_sandbox.forge.shapes import pulls

STATES = {"APPROVE": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED", "COMMENT": "COMMENTED"}


def list_all(call: Call) -> Reply:
    pull = call.pull()
    found = [review for review in call.repository.reviews if review.pull == pull.number]
    return Reply([pulls.review(call.core, call.repository, pull, each) for each in found])


def create(call: Call) -> Reply:
    """A submitted review of the head (or of `commit_id`); nobody approves their own pull request."""
    pull, event = call.pull(), call.text("event")
    _refuse(call, pull, event)
    review = Review(
        id=call.core.store.next_id(),
        pull=pull.number,
        user=call.user.login,
        state=STATES[event],
        body=call.text("body", ""),
        commit=call.text("commit_id", pull.head_sha),
        submitted_at=now(),
    )
    of = call.core.store.edit(call.repository.full_name, reviews=(*call.repository.reviews, review))
    left = tuple(login for login in pull.reviewers if login != call.user.login)
    of = call.core.put_pull(of, pull.model_copy(update={"reviewers": left}))
    events.reviewed(call.core, of, pull, call.user, review, "submitted")
    return Reply(pulls.review(call.core, of, pull, review))


def _refuse(call: Call, pull: Pull, event: str) -> None:
    if event not in STATES:
        raise ApiError(422, f'Invalid request.\n\n"{event}" is not a review event.')
    if pull.user == call.user.login and event != "COMMENT":
        word = "approve" if event == "APPROVE" else "request changes on"
        raise _unprocessable(f"Can not {word} your own pull request")
    if event != "APPROVE" and not call.text("body", ""):
        raise _unprocessable("Body can't be blank")
    if call.bare.resolve(call.text("commit_id", pull.head_sha)) is None:
        raise _unprocessable("Commit is not part of the pull request")


def _unprocessable(reason: str) -> ApiError:
    """GitHub answers these reasons as plain texts, not as objects."""
    return ApiError(422, "Unprocessable Entity", [reason])


def dismiss(call: Call) -> Reply:
    """PUT …/reviews/{id}/dismissals {message}."""
    pull = call.pull()
    known = {review.id: review for review in call.repository.reviews if review.pull == pull.number}
    review = known.get(int(call.path["review"])) if call.path["review"].isdigit() else None
    if review is None:
        raise not_found()
    if review.state not in ("APPROVED", "CHANGES_REQUESTED"):
        raise _unprocessable(f"Can not dismiss a {review.state.lower()} pull request review")
    dismissed = review.model_copy(update={"state": "DISMISSED"})
    updated = tuple(dismissed if each.id == review.id else each for each in call.repository.reviews)
    of = call.core.store.edit(call.repository.full_name, reviews=updated)
    events.reviewed(call.core, of, pull, call.user, dismissed, "dismissed")
    return Reply(pulls.review(call.core, of, pull, dismissed))
