"""What a run is for, and how far its promotion came if it started before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from liftgate.domain.argocd.sync_waves import names
from liftgate.domain.common import plain
from liftgate.domain.common.value import Value
from liftgate.domain.ledger import ledger
from liftgate.domain.ledger.ledger import Entry
from liftgate.domain.planning.release import Release
from liftgate.domain.promotion.attempt import GatedChange, Promotion, Update, rollback_id
from liftgate.domain.promotion.message import reason_of
from liftgate.domain.promotion.run_request import RunRequest
from liftgate.errors import Misconfigured
from liftgate.integrations.git.config_snapshot import ConfigSnapshot
from liftgate.integrations.git.history import Change, find_promotion_commit
from liftgate.integrations.runs.run import Run
from liftgate.services.best_effort import beside
from liftgate.services.choose_release import check_release, choose_release, version_there
from liftgate.services.commit_plan import check_key
from liftgate.services.kept_release import kept_releases
from liftgate.services.known_names import tree_that_knows
from liftgate.services.merge_base import promoted_release
from liftgate.services.notes import Notes
from liftgate.services.planning import targets
from liftgate.services.ports import CanCommit, HasBranch, HasDeployer, HasForge, HasRuns
from liftgate.services.proposals import by_pull_request
from liftgate.services.requests import own_origin
from liftgate.services.turns import check_turn


class Ports(CanCommit, HasRuns, HasDeployer, HasForge, Protocol):
    """What these use cases need."""


class CanRollBack(HasBranch, HasRuns, Protocol):
    """What tells whether a rollback began."""


class Reached(Value):
    """How far a promotion or a rollback came, by Git and the ledger: a run that starts again continues from here."""

    commit: Change | None = None
    entry: Entry | None = None
    """Its outcome."""

    @property
    def has_begun(self) -> bool:
        return self.commit is not None or self.entry is not None

    @property
    def revision(self) -> str:
        """The SHA of its commit; empty while there is none."""
        return self.commit.sha if self.commit else ""


def reached(at: HasBranch, promotion: str, entries: Iterable[Entry], *, head: str = "") -> Reached:
    """In the history of `head`, or else of the branch as last fetched; `entries` is the ledger."""
    return Reached(
        commit=find_promotion_commit(at.git, head or at.git.ref, promotion), entry=ledger.find_entry(entries, promotion)
    )


def begin_change(at: Ports, run_id: str, run: Run | None, head: str, asked: RunRequest) -> GatedChange:
    """`run` is what Prefect says of it, `head` the branch's newest commit.

    Raises Refused when a rule forbids it before anything is planned, Misconfigured, Unavailable.
    """
    entries = at.entries(asked.application)
    before = reached(at, run_id, entries, head=head)
    tree = tree_that_knows(at, head, before.commit.sha if before.commit else "", asked.application, asked.environment)
    origin = own_origin(at, tree, run_id, run, asked)
    if not before.has_begun:
        look_ahead(at, tree, asked.application, asked.environment)
    planned_on = at.tree(at.git.resolve(before.commit.planned_on)) if before.commit else tree
    known: dict[str, Any] = {
        "id": run_id,
        "requester": origin.requester,
        "requested_at": run.created if run else at.clock.now(),
        "revision": before.revision,
        "entry": before.entry,
        "upstream": origin.before,
        "back": rollback_reason(at, head, run_id),
        "previous": version_there(planned_on, asked.application, asked.environment),
    }
    change = change_of(tree, asked, _release(planned_on, entries, asked, before, Notes(at.runs, run_id)), known)
    if run is None or run.name != change.title:
        beside("the run keeps its name", lambda: at.runs.rename(run_id, change.title))
    if not before.has_begun:
        check_merges(at, change)
        check_turn(at, change, tree.configuration.policy_of(asked.environment))
    return change


def _release(
    tree: ConfigSnapshot, entries: Sequence[Entry], asked: RunRequest, before: Reached, notes: Notes
) -> Release | None:
    """That of the commit or of the outcome, or of the plan that waited at a gate: what the request names may be another
    one by now. None for an update."""
    if asked.kind == "update":
        return None
    name, environment = asked.application, asked.environment
    if before.commit:
        return promoted_release(tree, entries, name, before.commit)
    if before.entry and before.entry.release:
        return choose_release(tree, entries, name, environment, before.entry.release)
    kept = kept_releases(tree, asked, notes)
    chosen = choose_release(tree, entries, name, environment, asked.release, kept)
    if not before.entry:
        check_release(tree, entries, environment, chosen, asked.release)
    return chosen


def change_of(
    tree: ConfigSnapshot, asked: RunRequest, release: Release | None, known: Mapping[str, Any]
) -> GatedChange:
    """What is asked for, at the tree's commit, with what else is known of it. An update has no release."""
    known = {
        "application": asked.application,
        "environment": asked.environment,
        "argocd": tree.argocd(asked.application, asked.environment),
        "paths": tuple(tree.paths(asked.application, asked.environment).values()),
        "head": tree.commit,
        "reason": plain.one_line(asked.reason),
        **known,
    }
    if release is None:
        return Update(**known, changes=asked.changes or {}, remove=asked.remove, file=asked.file)
    paths = tuple(each.path for each in targets(tree, asked.application, asked.environment, release.names))
    return Promotion(**{**known, "paths": paths}, release=release, allow_downgrade=asked.allow_downgrade)


def check_merges(at: Ports, change: GatedChange) -> None:
    """Raises Misconfigured where the forge would drop the signed commit of a promotion that goes by pull request."""
    if by_pull_request(at, change) and (problem := at.forge.merge_problem(at.git.branch)):
        raise Misconfigured(problem)


def look_again(at: Ports, promotion: GatedChange) -> GatedChange:
    """The same promotion at the branch's newest commit; its release stays fixed, and is named as `liftgate.json` says
    there."""
    head = at.git.fetch()
    tree = at.tree(head)
    there = version_there(tree, promotion.application, promotion.environment)
    if isinstance(promotion, Promotion):
        pointer = tree.application(promotion.application).version_pointer
        promotion = promotion.copy_with(release=promotion.release.with_version_at(pointer))
    return promotion.at(head, there)


def rollback_reason(at: CanRollBack, head: str, promotion: str, *, run: str = "") -> str:
    """Why this promotion is being rolled back, if one of its runs started to, or recovery says so; else empty. `run` is
    its run where that has another id."""
    revert = find_promotion_commit(at.git, head, rollback_id(promotion))
    if revert:
        return reason_of(revert.message) or "its rollback was begun"
    return Notes(at.runs, run or promotion).stop()


def look_ahead(at: Ports, tree: ConfigSnapshot, application: str, environment: str) -> None:
    """Find before the commit what would stop the promotion after it: no Argo CD, no permission, no Application, or
    a key that is not allowed here.

    An environment without values may get its Argo CD Application from the commit itself (ApplicationSet).
    """
    check_key(at, tree)
    missing = [name for name in names(tree.argocd(application, environment)) if at.deployer.get(name) is None]
    if missing and tree.files(application, environment):
        raise Misconfigured(
            f"Argo CD has no Application {', '.join(missing)} in the project {at.argocd_project}; look at "
            f"applications.{application}.argocd in liftgate.json and LIFTGATE_ARGOCD__PROJECT"
        )
