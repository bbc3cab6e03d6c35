"""One promotion with everything about it: its state in a sentence, plan, gate, votes, history and links."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from liftgate.domain import announcement, ledger
from liftgate.domain.board_checks import Check, checks
from liftgate.domain.ledger import Entry
from liftgate.domain.plan import Plan
from liftgate.domain.promotion import Requester, proposal_branch
from liftgate.domain.rendered import KEPT, Rendered, newest
from liftgate.domain.value import Value
from liftgate.domain.vote import Vote
from liftgate.errors import LiftgateError
from liftgate.gatehouse import going_back, planned, view
from liftgate.gatehouse import question as questions
from liftgate.gatehouse.house import House
from liftgate.gatehouse.planned import Planned
from liftgate.gatehouse.question import Question
from liftgate.integrations.git.history import Change, find_promotion_commit
from liftgate.integrations.git.tree import Tree
from liftgate.integrations.runs.run import Moment, Run

Tone = Literal["good", "bad", "waiting", "running", "closed"]
_TONES: Mapping[str, Tone] = {
    "promoted": "good", "verified": "good", "rolled back": "bad", "failed": "bad", "rollback failed": "bad",
    "refused": "closed", "expired": "closed", "superseded": "closed",
}  # fmt: skip


_NOISE = ("tell people", "Pending", "Submitting")
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


def read(house: House, identity: str) -> Case | None:
    """None when neither Prefect nor the ledger knows it. Raises Unavailable, Misconfigured."""
    house.looked.set()
    tree, run = house.tree, house.at.runs.read(identity)  # the tree first: it makes the mirror that the rest reads
    entry = ledger.find(house.at.entries(), identity)
    if run is None:
        return _from_ledger(house, entry) if entry else None
    commit = find_promotion_commit(house.git, house.git.ref, identity)
    question = questions.read(house.at, tree, run) if questions.gate_of(run) else None
    shown = plan_of(house, tree, run, commit, entry)
    tone, sentence = _state(house, tree, run, entry)
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
        rendered=newest(house.at.runs.inputs(identity, KEPT)),
        question=question,
        entry=entry,
        commit=commit.sha if commit else "",
        votes=questions.all_votes(house.at, tree, run),
        checks=checks(house.at.runs.lines(identity)),
        moments=tuple(m for m in house.at.runs.history(identity) if m.what not in _NOISE and m.state not in _NOISE),
        links=_links(house, identity, commit.sha if commit else "", run),
    )


def plan_of(house: House, tree: Tree, run: Run, commit: Change | None, entry: Entry | None) -> Planned:
    """From Git, or why not."""
    if gate := questions.gate_of(run):
        return planned.at_gate(house.at, tree, run, gate)
    if run.flow == "rollback":
        place = str(run.parameters.get("application", "")), questions.environment_of(run)
        return Planned(plan=going_back.plan_of(house, commit, *place) if commit else None)
    if commit:
        return planned.committed(house.at, run, commit)
    if entry:
        return planned.recorded(house.at, entry)
    return Planned() if run.is_over else planned.under_way(house.at, tree, run)


def _state(house: House, tree: Tree, run: Run, entry: Entry | None) -> tuple[Tone, str]:
    if entry and run.is_over:
        return _TONES[entry.outcome], announcement.sentence(entry)
    if run.is_over:
        tone: Tone = "closed" if run.state == "CANCELLED" else "good" if run.state == "COMPLETED" else "bad"
        return tone, run.message or run.state_name
    activity, sentence = view.activity_of(house, tree, run)
    return ("waiting" if activity == "waiting" else "running"), sentence


def _asked_by(run: Run, question: Question | None, entry: Entry | None) -> str:
    if question:
        return str(question.requester)
    if entry:
        return entry.requester
    return str(Requester(name=str(run.parameters.get("requested_by", ""))))


def _links(house: House, identity: str, commit: str, run: Run | None) -> tuple[tuple[str, str], ...]:
    settings, links = house.at.settings, []
    if pull := _pull(house, identity):
        links.append(("pull request", pull))
    if commit and (url := house.at.forge.commit_url(commit)):
        links.append((f"commit {commit[:9]}", url))
    if run:
        api = settings.prefect.api_url
        ui = settings.prefect.ui_url or api.removesuffix("/api")
        links.append(("run in Prefect", f"{ui.rstrip('/')}/runs/flow-run/{run.id}"))
    return tuple(links)


def _pull(house: House, identity: str) -> str:
    """Worth a try, not worth failing for."""
    try:
        forge = house.at.forge
        found = forge.find(proposal_branch(identity), house.git.branch) if forge.has_pull_requests else None
    except LiftgateError:
        return ""
    return found.url if found else ""


def _from_ledger(house: House, entry: Entry) -> Case:
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
        links=_links(house, entry.promotion, entry.revision, None),
    )
