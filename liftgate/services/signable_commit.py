"""Which commits the worker's key may sign: each is made again from Git, the ledger, the run and its votes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Protocol

from liftgate.domain.approval.ballot import approvers
from liftgate.domain.approval.gate import GateContext
from liftgate.domain.approval.vote import gate_name
from liftgate.domain.commits import raw_commit
from liftgate.domain.commits.unsigned_commit import tree_of, unsigned_commit
from liftgate.domain.common.plain import one_line
from liftgate.domain.planning.plan import Plan
from liftgate.domain.promotion import message
from liftgate.domain.promotion.attempt import GatedChange, Promotion, Rollback, Update
from liftgate.domain.promotion.message import APPLICATION, APPROVED, ENVIRONMENT, RESTORES, REVERTS
from liftgate.domain.promotion.run_request import RunRequest, as_stored
from liftgate.errors import Refused
from liftgate.integrations.git.config_snapshot import ConfigSnapshot
from liftgate.integrations.git.history import Change
from liftgate.integrations.runs.run import Run
from liftgate.services import rollback_target, rollbacks, signable_entry
from liftgate.services.approvals import gate_context_of
from liftgate.services.in_force import in_force
from liftgate.services.merge_base import release_from
from liftgate.services.notes import Notes
from liftgate.services.own_rendering import own_rendering
from liftgate.services.planned import plan_committed
from liftgate.services.planning import applied
from liftgate.services.ports import HasForge, HasLimits, HasOverview, HasRenderer
from liftgate.services.requests import who_asked
from liftgate.services.rollback_aim import target_by_reverting
from liftgate.services.rollback_target import rolled_back_tree


class Ports(rollbacks.Ports, HasForge, HasLimits, HasOverview, HasRenderer, Protocol):
    """What these use cases need."""


REQUESTED_BY: Final = "Promotion-Requested-By"


def check_commit(at: Ports, unsigned: bytes) -> None:
    """Raises Refused with the first thing in which it is not the commit that Liftgate itself would make."""
    commit, tree = read_unsigned(at, unsigned)
    if ENVIRONMENT not in commit.trailers:
        signable_entry.check_ledger_commit(at, commit, tree)
        return
    if len(commit.parents) != 1 or not at.git.is_ancestor(commit.parents[0], at.git.ref):
        raise Refused(f"a commit of a promotion needs one parent, and that in the history of {at.git.branch}")
    if message.is_rollback(commit.trailers):
        _check_rollback(in_force(at), commit, tree)
    else:
        _check_change(at, commit, tree)


def read_unsigned(at: Ports, unsigned: bytes) -> tuple[Change, str]:
    """The commit with its trailers, and the id of its tree. Its SHA is empty: it has none yet."""
    raw, tree = raw_commit.read_raw_commit(unsigned), tree_of(unsigned)
    name, email = at.author.name, at.author.email
    if unsigned_commit(tree, raw.parents, raw.message, when=raw.when, name=name, email=email) != unsigned:
        raise Refused(f"it is no commit of {name} in the form that Liftgate writes")
    trailers = message.read_trailers(raw.message)
    return Change(sha="", parents=raw.parents, when=raw.when, message=raw.message, trailers=trailers), tree


def run_of(at: Ports, commit: Change) -> Run:
    """The run of the promotion. Raises Refused when its application and environment are not those of the commit."""
    run = at.runs.read(commit.promotion)
    if run is None:
        raise Refused(f"there is no run {commit.promotion}")
    asked = as_stored(run.flow, run.parameters)
    if asked.kind == "rollback" or (asked.application, asked.environment) != (
        commit.trailer(APPLICATION),
        commit.trailer(ENVIRONMENT),
    ):
        raise Refused(f"run {run.id} was started for {asked.kind} of {asked.application} in {asked.environment}")
    return run


def plan_of(at: Ports, run: Run, commit: Change) -> Plan:
    """The plan, made again at the commit's first parent. Raises Refused when it is not the commit's."""
    found = plan_committed(at, run, commit).plan
    if found is None:
        raise Refused("the plan that Git gives is not the one that the commit names")
    if found.is_empty or found.blocking or found.refused_downgrade:
        raise Refused("the plan of this commit cannot be applied")
    return found


def gate_context(at: Ports, tree: ConfigSnapshot, run: Run, plan: Plan) -> GateContext:
    """What the gates decide on for this plan, by the proven votes. Where people are asked again, they count for the
    change that Argo CD itself renders. Raises Unavailable, and Refused when Argo CD is silent for minutes."""
    policy = tree.configuration.policy_of(plan.environment)
    notes = Notes(at.runs, run.id)
    forms = notes.form_answers(gate_name(plan.hash)) if policy.approvals and policy.approvals.unproven else ()
    requester = who_asked(at, tree, run)
    context = gate_context_of(at, tree, plan, run=run.id, requester=requester, opened=run.created, unproven=forms)
    if not context.needs_rendering:
        return context
    return context.for_rendering(own_rendering(at, _change(at, tree, run, plan), plan))


def _check_change(at: Ports, commit: Change, tree: str) -> None:
    run = run_of(at, commit)
    before = at.tree(commit.parents[0])
    plan = plan_of(at, run, commit)
    named = commit.trailers.get(APPROVED, ())
    if named:
        context = gate_context(at, before, run, plan)
        counted = approvers(context.votes, context.ballot)
        if missing := [name for name in named if name not in counted]:
            another = " and this rendered change" if context.saw_another else ""
            raise Refused(f"there is no proven vote of {', '.join(missing)} on this plan{another}")
    change = _change(at, before, run, plan)
    _check_text(commit.message, message.compose(change.title, change.reason, message.trailers_of(change, plan, named)))
    _check_tree(tree, at.git.tree_id_with(commit.parents[0], applied(at.git, commit.parents[0], plan)))


def _change(at: Ports, tree: ConfigSnapshot, run: Run, plan: Plan) -> GatedChange:
    """As the flow makes it of this run, at the commit's parent."""
    asked = as_stored(run.flow, run.parameters)
    known: dict[str, Any] = {
        "id": run.id,
        "application": plan.application,
        "environment": plan.environment,
        "argocd": tree.argocd(plan.application, plan.environment),
        "paths": plan.paths,
        "head": tree.commit,
        "requester": who_asked(at, tree, run),
        "requested_at": run.created,
        "reason": one_line(asked.reason),
    }
    if asked.changes is not None:
        return Update(**known, changes=asked.changes, remove=asked.remove, file=asked.file)
    release = release_from(tree, at.entries(), plan.application, plan.source, plan.source_paths)
    return Promotion(**known, release=release, allow_downgrade=asked.allow_downgrade)


def _check_rollback(at: Ports, commit: Change, tree: str) -> None:
    """It says who requested it and why in its own words; what it does is made again."""
    rollback = _rollback(at, commit)
    expected = [*message.trailers_of_rollback(rollback), (REQUESTED_BY, commit.trailer(REQUESTED_BY))]
    named = message.read_trailers(message.compose("", "", _once(expected)))
    if {key: sorted(each) for key, each in commit.trailers.items()} != {k: sorted(each) for k, each in named.items()}:
        raise Refused("the trailers are not those of this rollback")
    _check_tree(tree, rolled_back_tree(at, commit.parents[0], rollback))


def _once(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Without the requester of the rollback that was made again, which is unknown."""
    *others, requester = pairs
    return [*(pair for pair in others if pair[0] != REQUESTED_BY), requester]


def _rollback(at: Ports, commit: Change) -> Rollback:
    before = at.tree(commit.parents[0])
    name, environment = commit.trailer(APPLICATION), before.environment(commit.trailer(ENVIRONMENT))
    aim: Mapping[str, object]
    if wanted := commit.trailer(RESTORES):
        way = rollback_target.restore_plan(before, at.entries(), name, environment, wanted)
        aim = {"id": commit.promotion, "restores": way.entry.promotion, "took_back": way.took_back}
        aim = {**aim, "good": way.entry.revision}
    else:
        wanted = commit.trailer(REVERTS)
        asked = RunRequest(kind="rollback", application=name, environment=environment, promotion=wanted)
        found = target_by_reverting(at, before, asked, has_own_run=False)
        aim = {"id": found.id, "reverts": found.reverts, "undo": found.undo, "good": found.good}
        aim = {**aim, "by_hand": found.by_hand}
    known = _attempt_fields(at, before, commit)
    paths = rollback_target.paths_of(before, name, environment, str(aim["good"]))
    return Rollback.model_validate({**known, **aim, "paths": paths})


def _attempt_fields(at: Ports, tree: ConfigSnapshot, commit: Change) -> Mapping[str, object]:
    return {
        "application": commit.trailer(APPLICATION),
        "environment": commit.trailer(ENVIRONMENT),
        "argocd": (),
        "head": tree.commit,
        "requester": {"name": ""},
        "requested_at": at.clock.now(),
    }


def _check_text(said: str, expected: str) -> None:
    if said != expected:
        raise Refused("its message is not the one that Git, the run and the votes give")


def _check_tree(tree: str, expected: str) -> None:
    if tree != expected:
        raise Refused("its files are not those of the commit before with exactly the planned change")
