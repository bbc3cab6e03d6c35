"""Who requested a run and how we know it (the flow and the Liftgate server find the same), and starts of runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Protocol

from liftgate.domain.approval.request import CHAINED_KEY, REQUEST_KEY, ChainedRequest, Request, Started, started
from liftgate.domain.approval.requester import Origin, Requester
from liftgate.domain.approval.statement import sign_statement
from liftgate.domain.commits import signature
from liftgate.domain.common import plain
from liftgate.domain.common.canonical import same
from liftgate.domain.common.value import Json
from liftgate.domain.ledger.ledger import Entry
from liftgate.domain.promotion.attempt import Attempt, Rollback, TakeOver, Update
from liftgate.domain.promotion.nightly import is_as_scheduled
from liftgate.domain.promotion.run_request import RunRequest, as_stored
from liftgate.domain.secrets.masking import masked_text
from liftgate.errors import Refused
from liftgate.integrations.git.config_snapshot import ConfigSnapshot
from liftgate.integrations.runs.form import Wanted
from liftgate.integrations.runs.run import Run
from liftgate.services.in_force import seen_by, snapshot_in_force
from liftgate.services.notes import Notes
from liftgate.services.ports import CanAttest, CanCommit, HasBranch, HasClock, HasRuns


class Ports(HasBranch, HasRuns, HasClock, Protocol):
    """What these use cases need."""


FLOW = "promote"
CLAIM: Final = "requested_by"
"""The parameter that a run with a proven requester does not have."""


class CanSign(HasRuns, CanAttest, Protocol):
    """What to sign a person's request needs."""


class CanStart(Ports, CanSign, Protocol):
    """What to start a run for a person needs."""


class CanChain(Ports, CanCommit, Protocol):
    """What a run needs to start another one."""


def who_asked(at: Ports, tree: ConfigSnapshot, run: Run) -> Requester:
    return origin_of(at, tree, run).requester


def origin_of(at: Ports, tree: ConfigSnapshot, run: Run) -> Origin:
    """Proven by a signature over exactly these parameters, or by the schedule."""
    request = Notes(at.runs, run.id).request(_started(at, run), tree.signers)
    if isinstance(request, Request):
        return Origin(requester=Requester(name=request.person, proof="server"))
    if request:
        return Origin(requester=request.requester, before=request.before)
    if run.scheduled and is_as_scheduled(run.flow, run.parameters):
        return Origin(requester=Requester(name="schedule", proof="schedule"))
    return _claimed(as_stored(run.flow, run.parameters))


def own_origin(at: Ports, tree: ConfigSnapshot, run_id: str, run: Run | None, asked: RunRequest) -> Origin:
    """For the run itself: `run` is what Prefect says of it now, `asked` what it was started with.

    Prefect may say something else than it gave the run. Then nothing is proven.
    """
    if run is None or run.id != run_id or run.flow != asked.kind:
        return _claimed(asked)
    said = as_stored(run.flow, run.parameters)
    return origin_of(at, tree, run) if same(said.model_dump(), asked.model_dump()) else _claimed(asked)


def start_for_person(at: CanStart, person: str, flow: str, parameters: Mapping[str, Json]) -> Run:
    """Raises Refused when the parameters do not fit, Unavailable, Misconfigured."""
    return start_as_wanted(at, person, flow, Wanted(parameters=dict(parameters)))


def start_as_wanted(at: CanStart, person: str, flow: str, wanted: Wanted) -> Run:
    """The requester is proven, whatever the parameters claim: the server signs the run as Prefect stored it.

    Raises Refused also when Prefect stored other parameters; then the run is cancelled before it begins. Misconfigured
    for all but a rollback while `liftgate.json` cannot be read.
    """
    if flow != "rollback":
        _ = at.latest.configuration  # a person must mend it first
    asked = {key: value for key, value in wanted.parameters.items() if key != CLAIM}
    plain.check_plain(asked)
    if isinstance(reason := asked.get("reason"), str):
        asked["reason"] = masked_text(reason)

    def inputs(run: Run) -> dict[str, str]:
        _check_stored(run, flow, asked)
        return {REQUEST_KEY: sign_request(at, run, person)}

    return at.runs.create(flow, asked, name=wanted.name, tags=wanted.tags, begin=wanted.begin, inputs=inputs)


def sign_request(at: CanSign, run: Run, person: str) -> str:
    """The note under `REQUEST_KEY`: this proven person requested the run with the parameters that Prefect stored."""
    request = Request(started=_started(at, run), person=person, at=at.clock.now())
    return sign_statement(request, at.server_key, signature.VOTES)


def start_next(at: CanChain, promotion: Attempt) -> tuple[str, ...]:
    """Start the next environments; returns the names of their runs. The key makes it safe to repeat."""
    entry = promotion.entry
    if entry is None or not entry.good or isinstance(promotion, Rollback):
        return ()
    tree = seen_by(at, promotion).tree(promotion.head)
    configuration = tree.configuration
    sources = {*tree.source_paths(promotion.application).values()}
    if isinstance(promotion, Update) and sources.isdisjoint(promotion.paths):
        return ()  # it changed this environment only; releases come from another one
    if isinstance(promotion, TakeOver) and not _may_go_on(at, tree, promotion, entry):
        return ()
    names = []
    for name in configuration.after(promotion.environment):
        if configuration.policy_of(name).start == "automatic":
            run = start_promotion(
                at,
                promotion.application,
                name,
                by=Origin(
                    requester=Requester.model_validate({"name": entry.requested_by, "proof": entry.proof}),
                    before=promotion.message_of,
                ),
                key=name,
                title=f"{promotion.application} {entry.release_name} → {name}",
                reason=promotion.reason,
                release=entry.release,
            )
            names.append(run.name)
    return tuple(names)


def _may_go_on(at: CanChain, tree: ConfigSnapshot, promotion: TakeOver, entry: Entry) -> bool:
    """A person promotes what bypassed its gates, and what was changed while no promotion begins."""
    is_usable = not snapshot_in_force(tree).in_force.since
    return is_usable and not entry.bypassed and _is_release(at, tree, promotion, entry)


def _is_release(at: CanChain, tree: ConfigSnapshot, promotion: Attempt, entry: Entry) -> bool:
    """Whether what a person committed is a release: releases come from these files, or one with this content was
    promoted."""
    if set(tree.source_paths(promotion.application).values()) == set(promotion.paths):
        return True
    known = at.entries(promotion.application)
    return any(each.kind == "promote" and each.release == entry.release for each in known)


def start_promotion(at: CanChain, application: str, to: str, *, by: Origin, key: str, title: str, **more: Json) -> Run:
    """Once for each key of the run before. The worker signs that it started the run for that run's requester.

    Raises Refused when Prefect stored something else: a run that others made under the key is never signed.
    """
    wanted: dict[str, Json] = {"application": application, "to": to, **more}

    def inputs(run: Run) -> dict[str, str]:
        _check_stored(run, FLOW, wanted)
        chained = ChainedRequest(started=_started(at, run), before=by.before, requester=by.requester, at=at.clock.now())
        return {CHAINED_KEY: sign_statement(chained, at.worker_key, signature.RUNS)}

    tags = [f"application:{application}", f"environment:{to}"]
    once = chained_key(by, key)
    return at.runs.create(FLOW, wanted, idempotency_key=once, name=title, tags=tags, inputs=inputs)


def chained_key(by: Origin, key: str) -> str:
    """What Prefect keeps only one run for."""
    return f"{by.before}-{key}"


def _check_stored(run: Run, flow: str, given: Mapping[str, Json]) -> None:
    """A signature says that these are the given parameters."""
    if run.flow != flow or not same(run.parameters, dict(given)):
        raise Refused(
            f"Prefect stored other parameters for {run.name} than those given, so it was cancelled; if the deployment "
            "has parameters of its own, register it again with: liftgate deploy"
        )


def _started(at: HasRuns, run: Run) -> Started:
    return started(at.runs.name, run.flow, run.id, run.parameters)


def _claimed(asked: RunRequest) -> Origin:
    return Origin(requester=Requester(name=asked.requested_by))
