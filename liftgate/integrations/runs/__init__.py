"""Flow runs and the notes they keep: what we need of the engine that runs the flows, one file a product."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from liftgate.domain.common.value import Json
from liftgate.integrations.runs.run import Listed, Moment, Run


class Runs(Protocol):
    """The runs of one installation. Several may share the engine; none sees the others' runs, by id neither."""

    @property
    def name(self) -> str:
        """The installation's."""

    def create(  # noqa: PLR0913  a new run has this many sides
        self,
        flow: str,
        parameters: Mapping[str, Json],
        *,
        idempotency_key: str = "",
        tags: Sequence[str] = (),
        name: str = "",
        begin: datetime | None = None,
        inputs: Callable[[Run], Mapping[str, str]] | None = None,
    ) -> Run:
        """Start a run of the flow, now or at `begin`; the same key gives the run that was made before, as it is now.

        A run never begins without its `inputs`, which are made from the run as it is stored; if making them raises,
        the run is cancelled. Raises Refused when the parameters do not fit, Misconfigured when the flow is not
        registered.
        """

    def form(self, flow: str) -> Json:
        """JSON Schema of the parameters that the flow takes. Raises Misconfigured when the flow is not registered."""

    def set_form(self, flow: str, form: Json) -> None:
        """From now on the flow takes what fits this schema. Raises as `form`."""

    def flow_of(self, deployment_id: str) -> str:
        """The flow that this deployment of the installation runs; empty for any other deployment."""

    def read(self, run_id: str) -> Run | None:
        """None for what is no run of this installation."""

    def find(
        self,
        *,
        flows: Sequence[str],
        states: Sequence[str] = (),
        since: datetime | None = None,
        ended: datetime | None = None,
        ids: Sequence[str] = (),
        limit: int | None = None,
    ) -> Listed:
        """Runs of these flows that began since then, or are to begin: the last to begin first, at most `limit`. With
        `ended` only those that ended since then, whenever they began."""

    def history(self, run_id: str) -> list[Moment]:
        """The run's states and its tasks, in the order of their beginnings."""

    def lines(self, run_id: str) -> list[str]:
        """The newest lines of the run's log, oldest first."""

    def heartbeats(self) -> dict[str, datetime]:
        """When each worker of the installation was last heard from, by its name; the newest 200 workers."""

    def beat(self, worker: str) -> None:
        """The worker of that name gives a sign of life. Raises Unavailable."""

    def rename(self, run_id: str, name: str) -> None: ...

    def inputs(self, run_id: str, prefix: str = "", *, within: float = 0.0) -> dict[str, str]:
        """All that the run keeps under keys that begin so, in the order they were stored; at most `within` seconds
        old, and with all that was added through this object."""

    def add_input(self, run_id: str, key: str, value: str) -> bool:
        """Store it; False when the run has one under this key already (it stays as it was)."""

    def resume(self, run_id: str, answer: Mapping[str, Json]) -> bool:
        """Wake a suspended run with an answer to its form; False when it is not suspended, or the answer does not fit.

        Of many who try at once, one succeeds.
        """

    def rerun(self, run_id: str, message: str) -> bool:
        """Let the run begin again from its first line, with its id, parameters and inputs."""

    def set_state(self, run_id: str, kind: str, name: str, message: str) -> bool:
        """Whatever state the run is in."""
