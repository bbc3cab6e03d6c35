"""Runs that are asked for: who asked and how we know (the same answer in the flow and in the gatehouse), and starts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from liftgate.domain import ledger, plain, signature, vote
from liftgate.domain.promotion import Promotion, Requester
from liftgate.domain.value import Json
from liftgate.integrations.git.tree import Tree
from liftgate.integrations.runs.run import Run
from liftgate.services.notes import Notes
from liftgate.services.ports import CanAttest, HasBranch, HasClock, HasRuns


class Ports(HasBranch, HasRuns, HasClock, Protocol):
    """What these use cases need."""


FLOW = "promote"


class CanStart(Ports, CanAttest, Protocol):
    """What to start a run for a person needs."""


def who_asked(at: Ports, tree: Tree, run: Run, claimed: str, after: str) -> Requester:
    """Proven by the gatehouse's signature or the schedule; for a chained run, as the ledger says of the one before,
    or that run itself as long as its outcome is not there to be read."""
    request = Notes(at.runs, run.id).request(tree.signers)
    if request:
        return Requester(name=request.person, proof="gatehouse")
    if run.scheduled:
        return Requester(name="schedule", proof="schedule")
    if after and run.idempotency_key.startswith(f"{after}-"):
        entry = ledger.find(at.entries(), after)
        if entry:
            return Requester.model_validate({"name": entry.requested_by, "proof": entry.proof})
        before = at.runs.read(after)
        if before and before.created < run.created:
            return who_asked(at, tree, before, claimed, str(before.parameters.get("after", "")))
    return Requester(name=claimed)


def start_as(at: CanStart, person: str, flow: str, parameters: Mapping[str, Json]) -> Run:
    """Raises Refused when the parameters do not fit, Unavailable, Misconfigured."""
    plain.check(parameters)
    return at.runs.create(flow, parameters, inputs=lambda run_id: {vote.REQUEST_KEY: _attested(at, run_id, person)})


def start_next(at: Ports, promotion: Promotion) -> tuple[str, ...]:
    """The environments that come after this one; the key makes it harmless to do again. The names of their runs."""
    tree = at.tree(promotion.head)
    configuration, entry = tree.configuration, promotion.entry
    if entry is None or not entry.good or promotion.kind == "rollback":
        return ()
    if promotion.kind == "update" and tree.source_path(promotion.application) != promotion.path:
        return ()  # it changed this environment alone; releases come from elsewhere
    started = []
    for name in configuration.after(promotion.environment):
        if configuration.policy_of(name).start == "automatic":
            run = start_promotion(
                at,
                promotion.application,
                name,
                after=promotion.id,
                key=name,
                title=f"{promotion.application} {entry.version} → {name}",
                reason=promotion.reason,
                release=entry.release,
            )
            started.append(run.name)
    return tuple(started)


def start_promotion(at: HasRuns, application: str, to: str, *, after: str, key: str, title: str, **more: Json) -> Run:
    """By the run `after`, whose requester it has (`who_asked` finds that by the key); once for each key of that run."""
    return at.runs.create(
        FLOW,
        {"application": application, "to": to, "after": after, **more},
        idempotency_key=f"{after}-{key}",
        name=title,
        tags=[f"application:{application}", f"environment:{to}"],
    )


def _attested(at: CanStart, run_id: str, person: str) -> str:
    request = vote.Request(run=run_id, person=person, at=at.clock.now())
    return vote.attested(request, signature.sign(vote.signable(request), at.gatehouse_key, signature.VOTES))
