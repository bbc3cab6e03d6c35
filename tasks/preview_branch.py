"""A commit on the remote for as long as somebody looks at it, where it is pushed without a pull request."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from liftgate.domain.promotion import Promotion
from liftgate.errors import LiftgateError
from liftgate.wiring import Integrations
from tasks.propose import by_pull_request, push
from tasks.show import beside


def preview_of(promotion: Promotion) -> str:
    return f"liftgate/preview/{promotion.id}"


@contextmanager
def on_the_remote(at: Integrations, promotion: Promotion, sha: str) -> Iterator[None]:
    """Raises Refused when the repository does not allow it, Unavailable. A pull request's branch holds it anyway."""
    if by_pull_request(at, promotion):
        yield
        return
    try:
        push(at, sha, preview_of(promotion))
        yield
    except BaseException:
        withdraw(at, promotion)  # before it is tried again
        raise
    beside("the branch of the preview is left behind", lambda: withdraw(at, promotion), lane="git")


def withdraw(at: Integrations, promotion: Promotion) -> None:
    """Harmless when there is none; not worth failing for."""
    ref = f"refs/heads/{preview_of(promotion)}"
    if not at.git.resolve(ref):
        return
    try:
        at.git.remove(ref)
    except LiftgateError as error:
        print(f"the branch {preview_of(promotion)} is left behind: {error}")
