"""The time limits of this installation."""

from __future__ import annotations

from liftgate.domain.argocd.sync_assessment import Patience
from liftgate.domain.common.value import Value


class Limits(Value):
    """Seconds."""

    gate: float
    """How long a gate waits for people."""
    sync: float
    verify: float
    patience: Patience
    """How the sync treats failing pods and suspended objects."""
    recovery_every: float
    """The time between two searches for runs that died."""
    drift_every: float
