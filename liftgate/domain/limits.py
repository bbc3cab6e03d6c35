"""How long things may take, as this installation is set up."""

from __future__ import annotations

from liftgate.domain.judgement import Patience
from liftgate.domain.value import Value


class Limits(Value):
    """Seconds."""

    gate: float
    """That a gate waits for people."""
    sync: float
    verify: float
    patience: Patience
    """With pods that fail, and with what people have suspended."""
    recovery_every: float
    """From one look for runs that died to the next."""
    drift_every: float
