"""Which statements about a run that another run started the worker's key may sign."""

from __future__ import annotations

from typing import Protocol

from liftgate.domain.approval.request import ChainedRequest, started
from liftgate.domain.approval.requester import Requester
from liftgate.domain.approval.statement import signable
from liftgate.domain.json_text.bounded_json import loads
from liftgate.domain.ledger import ledger
from liftgate.domain.promotion.run_request import RunRequest, as_stored
from liftgate.domain.promotion.take_over import FLOW as TAKE_OVER
from liftgate.domain.promotion.take_over import hand_made_of, promotion_of
from liftgate.errors import Refused
from liftgate.integrations.git.config_snapshot import ConfigSnapshot
from liftgate.integrations.runs.run import Run
from liftgate.services.by_hand import requester_of
from liftgate.services.ports import HasBranch, HasClock, HasRuns
from liftgate.services.requests import FLOW, who_asked


class Ports(HasBranch, HasRuns, HasClock, Protocol):
    """What these use cases need."""


def check_chained_request(at: Ports, message: bytes) -> None:
    """Raises Refused unless the run before exists, has this requester, and may start this run."""
    said = _read(message)
    run, before = at.runs.read(said.started.run), at.runs.read(said.before)
    if run is None or run.flow != FLOW or _as_started(at, run) != said.started:
        raise Refused("Prefect has no promotion that was started so")
    if before is None:
        raise Refused(f"there is no run {said.before} that could have started another one")
    tree = at.tree(at.git.head)
    if _requester(at, tree, before) != said.requester:
        raise Refused(f"it is not proven that {said.requester.name} requested {before.id}")
    asked = as_stored(run.flow, run.parameters)
    if asked.allow_downgrade:
        raise Refused("a promotion that another run starts allows no downgrade")
    if before.flow == "nightly":
        if asked.environment != tree.configuration.order[0]:
            raise Refused(f"a nightly run does not start a promotion to {asked.environment}")
    else:
        _check_follows(at, tree, before, asked)


def _read(message: bytes) -> ChainedRequest:
    """Raises Refused unless the bytes are the whole canonical form of such a statement."""
    try:
        document = loads(message)
        statement = ChainedRequest.model_validate({key: each for key, each in document.items() if key != "kind"})
        exact = signable(statement) == message
    except (ValueError, TypeError, AttributeError):
        exact = False
    if not exact:
        raise Refused("it is no statement about a run that another run started")
    return statement


def _as_started(at: Ports, run: Run) -> object:
    return started(at.runs.name, run.flow, run.id, run.parameters)


def _requester(at: Ports, tree: ConfigSnapshot, before: Run) -> Requester:
    """Of a commit that was taken over, as the ledger says it: this key signed that."""
    if before.flow != TAKE_OVER:
        return who_asked(at, tree, before)
    hand = hand_made_of(before.parameters)
    entry = ledger.find_entry(at.entries(hand.application), hand.promotion)
    if entry is None or entry.by_hand is None:
        raise Refused(f"the ledger has no outcome of the commit {hand.commit[:12]}")
    return requester_of(entry.by_hand)


def _check_follows(at: Ports, tree: ConfigSnapshot, before: Run, asked: RunRequest) -> None:
    """The release that was verified before goes to the next environment, where policy starts it by itself."""
    promotion = promotion_of(before.flow, before.id, before.parameters)
    entry = ledger.find_entry(at.entries(asked.application), promotion)
    if entry is None or not entry.good or entry.bypassed or entry.release != asked.release:
        raise Refused(f"{before.id} verified no release {asked.release} of {asked.application}")
    policy = tree.configuration.policy_of(tree.environment(asked.environment))
    if entry.environment not in (policy.after or ()) or policy.start != "automatic":
        raise Refused(f"{entry.environment} does not start promotions to {asked.environment}")
