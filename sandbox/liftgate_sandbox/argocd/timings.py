"""How long the stand-in takes for what a real Argo CD and its cluster take time for, in seconds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Timings:
    """The defaults were measured on Argo CD v3.5.1 with small Kustomize applications."""

    refresh: float = 0.26
    """A refresh that finds a new revision."""
    unchanged: float = 0.045
    """A refresh that finds what it knew."""
    settled: float = 0.3
    """The comparison that an operation's end calls for: 0.32 and 0.75 s after it in recordings 315 and 307."""
    live: float = 0.03
    """A comparison after something changed in the cluster."""
    watch: float = 0.1
    """Until a change in the cluster is noticed."""
    patch: float = 0.02
    """Between writing an automatic operation and the status of the same comparison."""
    pickup: float = 0.02
    """Until an operation that was asked for is Running."""
    sync: float = 0.6
    """From Running to the end of an operation without waves and hooks."""
    terminate: float = 0.03
    wave: float = 2.0
    """Added by every sync wave or phase that is not the last."""
    pod_start: float = 0.3
    pod_stop: float = 0.05
    back_off: float = 10.0
    """Until a container that crashed is started for the second time; twice as long each time after."""
    deletion: float = 0.2
    """Until the resources of a deleted application are gone; as long again until itself is."""
    poll: float = 150.0
    """Between two looks at Git that nobody asked for."""
    set_poll: float = 180.0
    """Between two looks at a set of applications that nothing called for."""
    keep_alive: float = 15.0
    """Between comment lines of an event stream."""
    tick: float = 0.02
    """How often the reconciler looks at what is under way."""

    @classmethod
    def fast(cls) -> Timings:
        """For tests: the same order of events, in a tenth of the time."""
        return cls(
            refresh=0.02,
            unchanged=0.01,
            settled=0.02,
            live=0.005,
            watch=0.01,
            patch=0.005,
            pickup=0.01,
            sync=0.05,
            terminate=0.02,
            deletion=0.02,
            wave=0.05,
            pod_start=0.03,
            pod_stop=0.005,
            back_off=0.05,
            keep_alive=0.2,
            tick=0.005,
        )
