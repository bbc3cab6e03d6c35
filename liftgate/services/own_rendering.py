"""What Argo CD itself renders. The process with the keys asks it: a flow may have shown people another change."""

from __future__ import annotations

from threading import BoundedSemaphore
from typing import Final, Protocol

from liftgate.domain.planning.plan import Plan
from liftgate.domain.promotion.attempt import GatedChange
from liftgate.domain.rendered.rendered import Part, Rendered
from liftgate.errors import LiftgateError, Misconfigured, Refused, Unavailable
from liftgate.integrations.deployer.rendering import Renderer
from liftgate.services import proposals
from liftgate.services.ports import HasRenderer
from liftgate.services.proposals import by_pull_request, preview_of, proposed_commit, push, shows_rendered, withdraw
from liftgate.services.recent import Recent


class Ports(proposals.Ports, HasRenderer, Protocol):
    """What these use cases need."""


SILENT_FOR: Final = 300.0
"""Seconds from the first question that Argo CD did not answer to the refusal."""
_KEPT_FOR: Final = 60.0
"""Seconds that an answer is kept: the same commit is signed and pushed."""
_AT_ONCE: Final = 8
"""Questions to Argo CD side by side: rollbacks, which ask nothing, must find a free thread in the signer process."""
_places: Final = BoundedSemaphore(_AT_ONCE)
_answers: Final = Recent[str](_KEPT_FOR)
_silent_since: Final = Recent[float](2 * SILENT_FOR)


def own_rendering(at: Ports, change: GatedChange, plan: Plan) -> str:
    """The digest of what the proposed commit changes in the cluster; empty where people are shown no such change.

    Raises Unavailable while Argo CD does not answer, Refused after five minutes of it, Misconfigured.
    """
    if not shows_rendered(at, change):
        return ""
    if at.renderer is None:
        raise Misconfigured("the worker has no Argo CD to ask for the rendered change: set LIFTGATE_ARGOCD__URL")
    key, now = f"{change.id} {plan.hash} {change.head}", at.clock.monotonic()
    if kept := _answers.get(key, now):
        return kept
    if not _places.acquire(blocking=False):
        raise Unavailable(f"Argo CD renders {_AT_ONCE} other promotions now; trying again")
    try:
        parts = _parts(at, at.renderer, change, plan)
    finally:
        _places.release()
    _silent_since.forget(change.id)
    found = Rendered(plan=plan.hash, head=change.head, at=at.clock.now(), parts=tuple(parts)).digest
    _answers.keep(key, found, now)
    return found


def _parts(at: Ports, renderer: Renderer, change: GatedChange, plan: Plan) -> list[Part]:
    """Of the proposed commit, and not of the one that names the approvers: a rendering may contain the commit's id."""
    sha = proposed_commit(at, change, plan)
    if by_pull_request(at, change):
        return _answered(at, renderer, change, sha)
    push(at, sha, preview_of(change))
    try:
        return _answered(at, renderer, change, sha)
    finally:
        withdraw(at, change)


def _answered(at: Ports, renderer: Renderer, change: GatedChange, sha: str) -> list[Part]:
    """Only Argo CD's own silence counts: a repository that takes no push says nothing about it."""
    try:
        return proposals.parts(renderer, change, sha)
    except Unavailable as error:
        raise _silence(change.id, at.clock.monotonic(), error) from None


def _silence(promotion: str, now: float, error: Unavailable) -> LiftgateError:
    since = _silent_since.get(promotion, now)
    if since is None:
        _silent_since.keep(promotion, now, now)
        return error
    if now - since < SILENT_FOR:
        return error
    _silent_since.forget(promotion)
    return Refused(
        f"Argo CD gave no answer for {SILENT_FOR / 60:g} minutes, so it is not proven that people approved what it "
        f"would render; start a new run when it answers again ({error})"
    )
