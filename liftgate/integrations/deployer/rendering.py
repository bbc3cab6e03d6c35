"""What a commit would be in the cluster, before it is merged: what the preview needs of a deployer."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from liftgate.domain.rendered.rendered import Manifests


class Beside(NamedTuple):
    now: Manifests
    proposed: Manifests


class Renderer(Protocol):
    """Applications go by the deployer's own name for them."""

    def beside(self, application: str, commit: str, head: str) -> Beside | None:
        """The commit beside what the deployer compares the cluster with now (where it cannot, beside `head`).

        None when there is no such Application. The commit must be on the remote. Raises Unavailable for what passes
        by itself, Refused where such a thing cannot be rendered at all, Misconfigured.
        """
