"""What a person's pull request changes in the cluster, as Argo CD renders its head before the merge."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Protocol

from liftgate.domain.argocd.sync_waves import names
from liftgate.domain.common.verdict import Finding
from liftgate.domain.config.pipeline import RENDERED
from liftgate.domain.hand_changes.checked import CheckedChange
from liftgate.domain.rendered.rendered import Part
from liftgate.services.ports import HasBranch, HasRenderer
from liftgate.services.proposals import parts_of


class Ports(HasBranch, HasRenderer, Protocol):
    """What these use cases need."""


_MOST: Final = 5
"""Applications of one pull request that are rendered: each may take Argo CD a while."""


Parts = Mapping[tuple[str, str], tuple[Part, ...]]
"""By environment and application."""


def rendered_parts(at: Ports, checked: CheckedChange) -> Parts:
    """What Argo CD renders of the head; empty where the preview does not show it, or there is no Argo CD.

    Raises Unavailable while Argo CD does not answer.
    """
    renderer = at.renderer
    steps = [step.name for step in at.latest.configuration.pipeline.steps("preview")]
    if renderer is None or RENDERED not in steps or checked.has_failed:
        return {}
    known = at.latest.readable
    wanted = [place for place in checked.places if place.application in known][:_MOST]
    return {
        (place.environment, place.application): tuple(
            parts_of(
                renderer, names(at.latest.argocd(place.application, place.environment)), checked.head, at.latest.commit
            )
        )
        for place in wanted
        if place.environment in at.latest.configuration.environments
    }


def with_parts(checked: CheckedChange, parts: Parts) -> CheckedChange:
    """With them, and a finding for each Application whose head does not render."""
    places = tuple(
        place.copy_with(rendered=parts.get((place.environment, place.application), ())) for place in checked.places
    )
    broken = tuple(
        Finding(
            place=place.paths[0] if place.paths else place.environment,
            rule=RENDERED,
            message=f"{part.application}: {part.sentence}",
        )
        for place in places
        for part in place.rendered
        if part.state == "broken"
    )
    return checked.copy_with(places=places, findings=(*checked.findings, *broken))
