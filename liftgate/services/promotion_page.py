"""Everything about one promotion: its state in a sentence, plan, gate, votes, history and links."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, Protocol

from liftgate.domain.approval.requester import Requester
from liftgate.domain.approval.vote import Vote
from liftgate.domain.commits.judged_commit import not_signed, signatures_verdict
from liftgate.domain.common.value import Value
from liftgate.domain.ledger.ledger import Entry
from liftgate.domain.planning.plan import Plan
from liftgate.domain.promotion.attempt import proposal_branch
from liftgate.domain.promotion.run_request import as_stored
from liftgate.domain.promotion.take_over import FLOW as TAKE_OVER
from liftgate.domain.promotion.take_over import HandMade, hand_made_of, promotion_of
from liftgate.domain.rendered.rendered import Rendered
from liftgate.domain.runs.run_notes import Check
from liftgate.errors import LiftgateError
from liftgate.integrations.git.config_snapshot import ConfigSnapshot
from liftgate.integrations.git.history import Change, find_change
from liftgate.integrations.runs.run import Moment, Run
from liftgate.services import approvals, planned, rollback_target, signatures
from liftgate.services import board as view
from liftgate.services.approvals import PendingApproval
from liftgate.services.begin import reached
from liftgate.services.in_force import in_force_for_people
from liftgate.services.merge_base import named_entries
from liftgate.services.notes import Notes
from liftgate.services.planned import Planned
from liftgate.services.ports import HasAuthor
from liftgate.services.waiting_runs import gate_of


class Ports(view.Ports, HasAuthor, Protocol):
    """What these use cases need."""


Tone = Literal["good", "bad", "waiting", "running", "closed"]
_TONES: Mapping[str, Tone] = {
    "promoted": "good", "verified": "good", "rolled back": "bad", "failed": "bad", "rollback failed": "bad",
    "refused": "closed", "expired": "closed", "superseded": "closed",
}  # fmt: skip


_NOISE = ("Pending", "Submitting")
"""What the timeline leaves out."""


class PromotionDetails(Value):
    id: str
    title: str
    application: str
    environment: str
    tone: Tone
    sentence: str
    since: datetime
    requested_by: str
    reason: str
    plan: Plan | None = None
    trouble: str = ""
    """Why no plan is shown."""
    signatures: str = ""
    """Who signed the commits that it brings; empty when that is not asked, or the promotion is over."""
    rendered: Rendered | None = None
    approval: PendingApproval | None = None
    entry: Entry | None = None
    commit: str = ""
    votes: tuple[Vote, ...] = ()
    """On every plan this promotion ever had."""
    checks: tuple[Check, ...] = ()
    moments: tuple[Moment, ...] = ()
    links: tuple[tuple[str, str], ...] = ()


def promotion_details(at: Ports, identity: str) -> PromotionDetails | None:
    """None when neither Prefect nor the ledger has it. Raises Unavailable, Misconfigured."""
    tree, run = at.latest, at.runs.read(identity)  # the tree first: it makes the mirror that the rest reads
    promotion = promotion_of(run.flow, run.id, run.parameters) if run else identity
    here = reached(at, promotion, at.entries())
    commit, entry = here.commit, here.entry
    if run is None:
        return _from_ledger(at, entry) if entry else None
    approval = approvals.pending_approval(at, tree, run) if gate_of(run) else None
    notes = Notes(at.runs, identity)
    shown = plan_of(at, tree, run, commit, entry)
    tone, sentence = _state(at, tree, run, entry)
    asked = as_stored(run.flow, run.parameters)
    return PromotionDetails(
        id=identity,
        title=run.name,
        application=asked.application,
        environment=asked.environment,
        tone=tone,
        sentence=sentence,
        since=run.since,
        requested_by=_requested_by(run, approval, entry),
        reason=asked.reason,
        plan=shown.plan,
        trouble=shown.trouble,
        signatures=_signatures(at, tree, run, shown.plan),
        rendered=notes.rendered(approval.plan if approval else ""),
        approval=approval,
        entry=entry,
        commit=here.revision or (entry.revision if entry and entry.by_hand else ""),
        votes=notes.all_votes(tree.signers),
        checks=notes.checks(),
        moments=tuple(m for m in at.runs.history(identity) if m.what not in _NOISE and m.state not in _NOISE),
        links=_links(at, entry, identity, here.revision, run),
    )


def _plan_there(at: Ports, made: Change | None, application: str, environment: str) -> Planned:
    """What the commit changed, also while `liftgate.json` cannot be used."""
    return Planned(plan=plan_of_values(in_force_for_people(at), made, application, environment) if made else None)


def plan_of(at: Ports, tree: ConfigSnapshot, run: Run, commit: Change | None, entry: Entry | None) -> Planned:
    """The plan from Git, or why there is none."""
    if gate := gate_of(run):
        return planned.plan_at_gate(at, tree, run, gate)
    if run.flow == TAKE_OVER:
        hand = hand_made_of(run.parameters)
        made = find_change(at.git, hand.commit) if at.git.resolve(hand.commit) else None
        return _plan_there(at, made if made and made.parents else None, *hand.place)
    if run.flow == "rollback":
        asked = as_stored(run.flow, run.parameters)
        return _plan_there(at, commit, asked.application, asked.environment)
    if commit:
        return planned.plan_committed(at, run, commit)
    if entry:
        return planned.plan_recorded(at, entry)
    return Planned() if run.is_over else planned.plan_under_way(at, tree, run)


def _signatures(at: Ports, tree: ConfigSnapshot, run: Run, plan: Plan | None) -> str:
    """Of a change by hand also when it is over: its commits are the person's own."""
    try:
        if run.flow == TAKE_OVER:
            return _signed_by_hand(at, tree, hand_made_of(run.parameters))
        if plan is None or run.is_over:
            return ""
        entries = named_entries(at, tree, plan.application, plan.environment)
        verdict = signatures.verdict_of(tree, at.forge, entries, plan)
    except LiftgateError as error:
        return f"the signatures cannot be checked: {error}"
    return verdict.reason if verdict else ""


def _signed_by_hand(at: Ports, tree: ConfigSnapshot, hand: HandMade) -> str:
    if not at.git.resolve(hand.commit) or not signatures.rule_of(tree, hand.environment):
        return ""
    entries = named_entries(at, tree, hand.application, hand.environment)
    judged = signatures.judge_hand_made(tree, at.forge, entries, hand)
    return not_signed(judged) or signatures_verdict(judged, "reported", hand.environment).reason


def _state(at: Ports, tree: ConfigSnapshot, run: Run, entry: Entry | None) -> tuple[Tone, str]:
    if entry and run.is_over:
        return _TONES[entry.outcome], entry.sentence
    if run.is_over:
        tone: Tone = "closed" if run.state == "CANCELLED" else "good" if run.state == "COMPLETED" else "bad"
        return tone, run.message or run.state_name
    activity, sentence = view.activity_of(at, tree, run)
    return ("waiting" if activity == "waiting" else "running"), sentence


def _requested_by(run: Run, approval: PendingApproval | None, entry: Entry | None) -> str:
    if approval:
        return str(approval.requester)
    if entry:
        return entry.requester
    return str(Requester(name=as_stored(run.flow, run.parameters).requested_by))


def _links(at: Ports, entry: Entry | None, identity: str, commit: str, run: Run | None) -> tuple[tuple[str, str], ...]:
    links = []
    by_hand = entry.by_hand if entry else None
    if pull := by_hand.pull_request if by_hand else _pull(at, identity):
        links.append(("pull request", pull))
    commit = commit or (entry.revision if entry and by_hand else "")
    if commit and (url := at.forge.commit_url(commit)):
        links.append((f"commit {commit[:9]}", url))
    if run:
        links.append(("run in Prefect", at.run_page(run.id)))
    return tuple(links)


def _pull(at: Ports, identity: str) -> str:
    """Empty on an error: the page can do without it."""
    try:
        forge = at.forge
        found = forge.find(proposal_branch(identity), at.git.branch) if forge.has_pull_requests else None
    except LiftgateError:
        return ""
    return found.url if found else ""


def _from_ledger(at: Ports, entry: Entry) -> PromotionDetails:
    """For a run that Prefect has deleted, or a rollback within another run."""
    what = f"↩ {entry.previous or 'back'} in" if entry.kind == "rollback" else f"{entry.what} →"
    return PromotionDetails(
        id=entry.promotion,
        title=f"{entry.application} {what} {entry.environment}",
        application=entry.application,
        environment=entry.environment,
        tone=_TONES[entry.outcome],
        sentence=entry.sentence,
        since=entry.times.finished,
        requested_by=entry.requester,
        reason="",
        entry=entry,
        commit=entry.revision,
        links=_links(at, entry, entry.promotion, entry.revision, None),
    )


def plan_of_values(at: Ports, commit: Change, application: str, environment: str) -> Plan | None:
    """What the commit changed in the values."""
    try:
        files = rollback_target.as_verified(at.tree(commit.sha), application, environment, commit.sha)
        return rollback_target.plan_back(at.tree(commit.parents[0]), application, environment, files)
    except LiftgateError:
        return None
