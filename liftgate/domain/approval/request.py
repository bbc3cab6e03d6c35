"""Who requested a run: a statement of the Liftgate server about a person, or of the worker about a run before it.

A statement holds for one run of one flow of one installation, and for exactly the parameters that Prefect had stored
when it was signed. Prefect lets anyone change a run's parameters; a run with other parameters has no proof.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final, TypeVar

from liftgate.domain.approval.requester import Requester
from liftgate.domain.approval.statement import Statement, read_statement
from liftgate.domain.commits import signature
from liftgate.domain.commits.allowed_signers import Signer
from liftgate.domain.common.canonical import digest
from liftgate.domain.common.value import Json, Value


class Started(Value):
    """A run as Prefect says it was started."""

    installation: str
    flow: str
    run: str
    parameters: str
    """The digest of the parameters as Prefect stored them; empty if they are not JSON."""


class RunStatement(Statement):
    started: Started
    at: datetime

    @property
    def signed_at(self) -> datetime:
        return self.at


class Request(RunStatement):
    """Signed by the Liftgate server: it proved who the person is."""

    person: str


class ChainedRequest(RunStatement):
    """Signed by the worker: the run before started this one, and gives it its own requester.

    The parameters name the application, the environment and the release.
    """

    before: str
    """The run before."""
    requester: Requester


REQUEST_KEY: Final = "request"
CHAINED_KEY: Final = "request-chained"
"""It begins with the other key, so that one question to Prefect gives both."""
S = TypeVar("S", bound=RunStatement)


def started(installation: str, flow: str, run: str, parameters: Mapping[str, Json]) -> Started:
    try:
        found = digest(dict(parameters))
    except (ValueError, RecursionError):  # NaN, or too deep: Prefect may give anything
        found = ""
    return Started(installation=installation, flow=flow, run=run, parameters=found)


def proven_request(
    inputs: Mapping[str, str], run: Started, signers: tuple[Signer, ...]
) -> Request | ChainedRequest | None:
    """The statement about who requested exactly this run, if there is one."""
    request = _proven(inputs.get(REQUEST_KEY, ""), Request, signature.VOTES, run, signers)
    return request or _proven(inputs.get(CHAINED_KEY, ""), ChainedRequest, signature.RUNS, run, signers)


def _proven(text: str, kind: type[S], namespace: str, run: Started, signers: tuple[Signer, ...]) -> S | None:
    statement = read_statement(text, kind, namespace, signers)
    return statement if statement and run.parameters and statement.started == run else None
