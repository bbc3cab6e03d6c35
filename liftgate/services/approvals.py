"""Gates: whether a plan may be applied now, who must approve it, and the votes so far.

The flow and the server count by the same rules. Only the flow asks Argo CD for the rendered change itself: what
Prefect keeps of it decides nothing where the policy says that people are asked again.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Protocol

from liftgate.domain.approval import gate as rules
from liftgate.domain.approval.author import Authors
from liftgate.domain.approval.ballot import Ballot
from liftgate.domain.approval.gate import Decision, GateContext
from liftgate.domain.approval.policy import Approvals
from liftgate.domain.approval.requester import Requester
from liftgate.domain.approval.sync_window import Windows
from liftgate.domain.approval.vote import Vote, gate_name
from liftgate.domain.argocd.sync_waves import names
from liftgate.domain.common.span import human
from liftgate.domain.common.value import Value
from liftgate.domain.planning.plan_value import Plan
from liftgate.domain.promotion import announcement
from liftgate.domain.promotion.attempt import GatedChange
from liftgate.domain.promotion.run_request import as_stored
from liftgate.errors import LiftgateError, Refused
from liftgate.integrations.deployer.windows import KEPT, TRIES
from liftgate.integrations.git.config_snapshot import ConfigSnapshot
from liftgate.integrations.runs.run import Run
from liftgate.services import notifications, planned, proposals
from liftgate.services.authors import find_authors
from liftgate.services.best_effort import catch_up
from liftgate.services.notes import Notes
from liftgate.services.notifications import cluster_in_short, tell
from liftgate.services.pauses import keep_seen
from liftgate.services.ports import HasBranch, HasChat, HasForge, HasLimits, HasOverview, HasPages, HasWindows
from liftgate.services.requests import who_asked
from liftgate.services.signatures import gate_verdict
from liftgate.services.turns import turn_of_change, turn_of_run
from liftgate.services.valid_votes import valid_votes
from liftgate.services.waiting_runs import environment_of, gate_of


class Ports(notifications.Ports, HasBranch, HasForge, HasWindows, HasOverview, HasPages, HasLimits, Protocol):
    """What these use cases need."""


class GatePorts(proposals.Ports, HasChat, HasWindows, HasOverview, HasLimits, Protocol):
    """What the flow needs to decide for itself."""


LOOKS = timedelta(minutes=10)
"""How often a run is resumed only to query Argo CD itself."""
REVIEWS_KEPT = 30.0
"""Seconds that the forge's answer about reviews is kept for pages; a woken flow always asks again."""


class PendingApproval(Value):
    run: Run
    gate: str
    """The label of the gate it waits at."""
    plan: str
    """The whole digest of the plan that people vote on; empty when no plan can be shown."""
    trouble: str
    """Why nothing can be decided; empty when it can."""
    is_outdated: bool
    """Whether the run must plan again before people can decide."""
    approvals: Approvals
    requester: Requester
    authors: Authors
    """Who wrote what it brings; they may not approve it."""
    shown: str
    """The digest of what people see besides the plan: the rendered change and the checks. A vote covers both."""
    rendered: str
    """The digest of the rendered change alone."""
    votes: tuple[Vote, ...]
    saw_another: tuple[str, ...]
    """The people who approved another rendered change than this one."""
    asks_again: bool
    """Whether people are asked again when the rendered change differs."""
    decision: Decision
    """From the votes so far; waiting while there are too few."""

    @property
    def ballot(self) -> Ballot:
        return Ballot(approvals=self.approvals, requester=self.requester, authors=self.authors)


def pending_approval(at: Ports, tree: ConfigSnapshot, run: Run, *, within: float = REVIEWS_KEPT) -> PendingApproval:
    """Everything as it is now, for a run that waits; raises Refused when its environment is gone.

    The forge's reviews may be `within` seconds old. A refusal is checked again after a fetch: the last fetch may be
    older than the run's gate.
    """
    approval = _read(at, tree, run, within)
    if approval.decision.state != "refused":
        return approval
    try:
        _fetch_once(at, run.id, run.since)
    except LiftgateError:
        return approval
    return _read(at, at.latest, run, within)


@lru_cache(maxsize=1024)
def _fetch_once(at: Ports, run: str, since: datetime) -> None:  # noqa: ARG001  once for each arrival at its gate
    at.git.fetch()


class _Count(Value):
    authors: Authors = Authors()
    votes: tuple[Vote, ...] = ()
    saw_another: tuple[str, ...] = ()
    decision: Decision


def _read(at: Ports, tree: ConfigSnapshot, run: Run, within: float) -> PendingApproval:
    environment = tree.environment(environment_of(run))
    policy = tree.configuration.policy_of(environment)
    if policy.approvals is None:
        raise Refused(f"{environment} has no rule about approvals")
    gate, requester, notes = gate_of(run), who_asked(at, tree, run), Notes(at.runs, run.id)
    shown = planned.plan_at_gate(at, tree, run, gate)
    page = notes.shown(shown.plan.hash if shown.plan else "")
    count = _Count(decision=Decision(state="waiting", reason=shown.trouble))
    if shown.plan:
        gate_context = gate_context_of(
            at,
            tree,
            shown.plan,
            run=run.id,
            requester=requester,
            opened=run.created,
            unproven=notes.form_answers(gate) if policy.approvals.unproven else (),
            until=run.pause_timeout,
            reviews_within=within,
        )
        count = _count(at, tree, run, shown.plan, gate_context, page.rendered)
    return PendingApproval(
        run=run,
        gate=gate,
        plan=shown.plan.hash if shown.plan else "",
        trouble=shown.trouble,
        is_outdated=shown.is_outdated,
        approvals=policy.approvals,
        requester=requester,
        shown=page.page,
        rendered=page.rendered,
        asks_again=policy.rendered == "ask-again",
        **dict(count),
    )


def _count(at: Ports, tree: ConfigSnapshot, run: Run, plan: Plan, gate_context: GateContext, rendered: str) -> _Count:
    counting = gate_context.for_rendering(rendered)
    decision = _decision(at, tree, run, plan, counting)
    return _Count(authors=counting.authors, votes=counting.votes, saw_another=counting.saw_another, decision=decision)


def gate(at: GatePorts, promotion: GatedChange, plan: Plan, unproven: tuple[bool, ...] = ()) -> Decision:
    """Open, refused, expired or waiting; the sentence says for whom. `unproven`: answers of Prefect's own form.

    Always queries Argo CD: the gate stays open as long as its sync windows are closed.
    """
    tree = at.tree(promotion.head)
    gate_context = gate_context_of(
        at,
        tree,
        plan,
        run=promotion.id,
        requester=promotion.requester,
        opened=promotion.requested_at,
        unproven=unproven,
    )
    if gate_context.pause:
        keep_seen(at)
    if gate_context.needs_rendering:
        gate_context = gate_context.for_rendering(proposals.rendered_now(at, promotion, plan))
    gate_context = gate_context.copy_with(windows=at.windows.ask(names(promotion.argocd), tries=TRIES))
    decision = rules.decide(gate_context)
    if decision.opens and not gate_context.ballot.approvals.needed:
        return decision
    return rules.decide(gate_context.copy_with(turn=turn_of_change(at, promotion, gate_context.policy)))


def gate_context_of(  # noqa: PLR0913  facts that only the flow, or only the server, knows
    at: Ports,
    tree: ConfigSnapshot,
    plan: Plan,
    *,
    run: str,
    requester: Requester,
    opened: datetime,
    unproven: tuple[bool, ...] = (),
    until: datetime | None = None,
    reviews_within: float = 0.0,
) -> GateContext:
    """Everything the gates need about the plan except Argo CD's sync windows; the forge's reviews may be
    `reviews_within` seconds old. Raises Unavailable, Misconfigured."""
    proven = Notes(at.runs, run).votes(plan.hash, tree.signers)
    context = GateContext.of(
        plan,
        tree.configuration.policy_of(plan.environment),
        at.entries(plan.application),
        requester=requester,
        authors=find_authors(at, tree, plan.application, plan.environment, _source(plan), plan.source_paths),
        known=tuple(tree.configuration.people),
        opened=opened,
        now=at.clock.now(),
        deadline=timedelta(seconds=at.limits.gate),
        votes=valid_votes(at, tree, run, proven, within=reviews_within),
        unproven=unproven,
        pause=at.pause(plan.environment),
        until=until,
    )
    return context.copy_with(signatures=gate_verdict(at, tree, plan))


def _source(plan: Plan) -> str:
    """Of an update the requester is the only author."""
    return plan.source if plan.kind == "promote" else ""


def _decision(at: Ports, tree: ConfigSnapshot, run: Run, plan: Plan, gate_context: GateContext) -> Decision:
    """As the flow decides. Asks for Argo CD's sync windows and for other promotions only when they can change the
    answer."""
    decision = rules.decide(gate_context)
    if decision.state in ("waiting", "refused"):
        return decision
    turn, windows = turn_of_run(at, run, plan, gate_context.policy), _windows(at, tree, run, gate_context)
    return rules.decide(gate_context.copy_with(turn=turn, windows=windows))


def ask(at: Ports, promotion: GatedChange, plan: Plan, decision: Decision, waking: int = 0) -> int:
    """Ask people in the promotion's message. Returns the seconds the gate may still stay open.

    Keeps the plan as a note of the run, for the page of a refused promotion; and that the chat did not take the
    message: the Liftgate server sends it later.
    """
    catch_up()
    notes = Notes(at.runs, promotion.id)
    notes.keep_plan(plan)
    cluster, shown = cluster_in_short(at, promotion, plan), notes.shown(plan.hash).page
    said = announcement.waiting(promotion, plan, decision, at.page(promotion.id), shown, cluster)
    if tell(at, promotion, said):
        notes.keep_unsent(gate_name(plan.hash), waking, at.clock.now())
    left = (decision.until - at.clock.now()).total_seconds() if decision.until else 0.0
    return max(1, int(left))


def _windows(at: Ports, tree: ConfigSnapshot, run: Run, gate_context: GateContext) -> Windows:
    """Without an Argo CD here only the run itself can query it: a vote resumes it, or a timer, but not while what
    stopped it at its last look still lasts."""
    if at.overview:
        asked = as_stored(run.flow, run.parameters)
        return at.windows.ask(names(tree.argocd(asked.application, asked.environment)), within=KEPT)
    voted = any(vote.at > run.since for vote in gate_context.votes)
    held = run.pause_timeout - gate_context.deadline if run.pause_timeout else run.since
    soon = max(held, run.since + LOOKS) - gate_context.now
    if not voted and soon > timedelta():
        return Windows(unknown=f"LIFTGATE_ARGOCD__URL is not set here; the run itself looks again in {human(soon)}")
    return Windows()
