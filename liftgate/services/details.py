"""One promotion with everything about it: its state in a sentence, plan, gate, votes, history and links."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, Protocol

from liftgate.domain import announcement
from liftgate.domain.ledger import Entry
from liftgate.domain.plan import Plan
from liftgate.domain.promotion import Requester, proposal_branch
from liftgate.domain.rendered import Rendered
from liftgate.domain.run_notes import Check
from liftgate.domain.value import Value
from liftgate.domain.vote import Vote
from liftgate.errors import LiftgateError
from liftgate.integrations.git.history import Change
from liftgate.integrations.git.tree import Tree
from liftgate.integrations.runs.run import Moment, Run
from liftgate.services import approvals as questions
from liftgate.services import board as view
from liftgate.services import planned
from liftgate.services import restore as restoring
from liftgate.services.approvals import Question
from liftgate.services.begin import reached
from liftgate.services.notes import Notes
from liftgate.services.planned import Planned
from liftgate.services.ports import HasAuthor


class Ports(view.Ports, HasAuthor, Protocol):
    """What these use cases need."""


Tone = Literal["good", "bad", "waiting", "running", "closed"]
_TONES: Mapping[str, Tone] = {
    "promoted": "good", "verified": "good", "rolled back": "bad", "failed": "bad", "rollback failed": "bad",
    "refused": "closed", "expired": "closed", "superseded": "closed",
}  # fmt: skip


_NOISE = ("Pending", "Submitting")
"""What the timeline leaves out."""


class Case(Value):
    id: str
    title: str
    application: str
    environment: str
    tone: Tone
    sentence: str
    since: datetime
    asked_by: str
    reason: str
    plan: Plan | None = None
    trouble: str = ""
    """Why no plan is shown."""
    rendered: Rendered | None = None
    question: Question | None = None
    entry: Entry | None = None
    commit: str = ""
    votes: tuple[Vote, ...] = ()
    """On every plan this promotion ever had."""
    checks: tuple[Check, ...] = ()
    moments: tuple[Moment, ...] = ()
    links: tuple[tuple[str, str], ...] = ()


def read(at: Ports, identity: str) -> Case | None:
    """None when neither Prefect nor the ledger knows it. Raises Unavailable, Misconfigured."""
    tree, run = at.latest, at.runs.read(identity)  # the tree first: it makes the mirror that the rest reads
    here = reached(at, identity, at.entries())
    commit, entry = here.commit, here.entry
    if run is None:
        return _from_ledger(at, entry) if entry else None
    question = questions.read(at, tree, run) if questions.gate_of(run) else None
    notes = Notes(at.runs, identity)
    shown = plan_of(at, tree, run, commit, entry)
    tone, sentence = _state(at, tree, run, entry)
    return Case(
        id=identity,
        title=run.name,
        application=str(run.parameters.get("application", "")),
        environment=questions.environment_of(run),
        tone=tone,
        sentence=sentence,
        since=run.since,
        asked_by=_asked_by(run, question, entry),
        reason=str(run.parameters.get("reason", "")),
        plan=shown.plan,
        trouble=shown.trouble,
        rendered=notes.rendered(),
        question=question,
        entry=entry,
        commit=here.revision,
        votes=notes.all_votes(tree.signers),
        checks=notes.checks(),
        moments=tuple(m for m in at.runs.history(identity) if m.what not in _NOISE and m.state not in _NOISE),
        links=_links(at, identity, here.revision, run),
    )


def plan_of(at: Ports, tree: Tree, run: Run, commit: Change | None, entry: Entry | None) -> Planned:
    """From Git, or why not."""
    if gate := questions.gate_of(run):
        return planned.at_gate(at, tree, run, gate)
    if run.flow == "rollback":
        place = str(run.parameters.get("application", "")), questions.environment_of(run)
        return Planned(plan=plan_of_rollback(at, commit, *place) if commit else None)
    if commit:
        return planned.committed(at, run, commit)
    if entry:
        return planned.recorded(at, entry)
    return Planned() if run.is_over else planned.under_way(at, tree, run)


def _state(at: Ports, tree: Tree, run: Run, entry: Entry | None) -> tuple[Tone, str]:
    if entry and run.is_over:
        return _TONES[entry.outcome], announcement.sentence(entry)
    if run.is_over:
        tone: Tone = "closed" if run.state == "CANCELLED" else "good" if run.state == "COMPLETED" else "bad"
        return tone, run.message or run.state_name
    activity, sentence = view.activity_of(at, tree, run)
    return ("waiting" if activity == "waiting" else "running"), sentence


def _asked_by(run: Run, question: Question | None, entry: Entry | None) -> str:
    if question:
        return str(question.requester)
    if entry:
        return entry.requester
    return str(Requester(name=str(run.parameters.get("requested_by", ""))))


def _links(at: Ports, identity: str, commit: str, run: Run | None) -> tuple[tuple[str, str], ...]:
    links = []
    if pull := _pull(at, identity):
        links.append(("pull request", pull))
    if commit and (url := at.forge.commit_url(commit)):
        links.append((f"commit {commit[:9]}", url))
    if run:
        links.append(("run in Prefect", at.run_page(run.id)))
    return tuple(links)


def _pull(at: Ports, identity: str) -> str:
    """Worth a try, not worth failing for."""
    try:
        forge = at.forge
        found = forge.find(proposal_branch(identity), at.git.branch) if forge.has_pull_requests else None
    except LiftgateError:
        return ""
    return found.url if found else ""


def _from_ledger(at: Ports, entry: Entry) -> Case:
    """Prefect has forgotten the run, or it was a rollback within another one."""
    what = f"↩ {entry.previous or 'back'} in" if entry.kind == "rollback" else f"{entry.version or 'update'} →"
    return Case(
        id=entry.promotion,
        title=f"{entry.application} {what} {entry.environment}",
        application=entry.application,
        environment=entry.environment,
        tone=_TONES[entry.outcome],
        sentence=announcement.sentence(entry),
        since=entry.times.finished,
        asked_by=entry.requester,
        reason="",
        entry=entry,
        commit=entry.revision,
        links=_links(at, entry.promotion, entry.revision, None),
    )


def plan_of_rollback(at: Ports, commit: Change, application: str, environment: str) -> Plan | None:
    """What the commit of a rollback changed of the values."""
    try:
        data = restoring.as_verified(at.tree(commit.sha), application, environment, commit.sha)
        return restoring.plan_back(at.tree(commit.parents[0]), application, environment, data or b"")
    except LiftgateError:
        return None
