"""What a run stands for, and how far its promotion came if it began before."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

from liftgate.domain import ledger, plain
from liftgate.domain.ledger import Entry
from liftgate.domain.message import reason_of
from liftgate.domain.promotion import Kind, Promotion, Requester, rollback_id
from liftgate.domain.value import Json, Value
from liftgate.domain.waves import names
from liftgate.errors import Misconfigured
from liftgate.integrations.git.history import Change, find_promotion_commit
from liftgate.integrations.git.tree import Tree
from liftgate.integrations.runs.run import Run
from liftgate.services.beside import beside
from liftgate.services.candidates import LATEST, choose, version_there
from liftgate.services.changes import check_key
from liftgate.services.notes import Notes
from liftgate.services.ports import CanCommit, HasBranch, HasDeployer, HasRuns
from liftgate.services.requests import who_asked
from liftgate.steps.registry import check_names


class Ports(CanCommit, HasRuns, HasDeployer, Protocol):
    """What these use cases need."""


class Request(Value):
    """Everything that a run which brings a change can be asked for."""

    kind: Kind
    application: str
    environment: str
    release: str = LATEST
    changes: dict[str, Json] | None = None
    reason: str = ""
    requested_by: str = ""
    after: str = ""
    """The run that started this one."""


class Reached(Value):
    """How far a promotion or a rollback came, by Git and the ledger: what a run that begins again goes on from."""

    commit: Change | None = None
    entry: Entry | None = None
    """Its outcome."""

    @property
    def has_begun(self) -> bool:
        return self.commit is not None or self.entry is not None

    @property
    def revision(self) -> str:
        """Of its commit; empty while there is none."""
        return self.commit.sha if self.commit else ""


def reached(at: HasBranch, promotion: str, entries: Iterable[Entry], *, head: str = "") -> Reached:
    """In the history of `head`, or else of the branch as last fetched; `entries` is the ledger."""
    return Reached(
        commit=find_promotion_commit(at.git, head or at.git.ref, promotion), entry=ledger.find(entries, promotion)
    )


def request(**given: Any) -> Request:
    """Raises Refused for characters that no part of the way could carry."""
    plain.check(given)
    return Request(**given)


def begin(at: Ports, run_id: str, run: Run | None, head: str, asked: Request) -> Promotion:
    """`run` is what Prefect says of it, `head` the branch's newest commit.

    Raises Refused when a rule forbids it before anything is planned, Misconfigured, Unavailable.
    """
    tree = at.tree(head)
    tree.environment(asked.environment)
    check_names(tree.configuration)
    requester = who_asked(at, tree, run, asked.requested_by, asked.after) if run else Requester(name=asked.requested_by)
    entries = at.entries(asked.application)
    before = reached(at, run_id, entries, head=head)
    if not before.has_begun:
        look_ahead(at, tree, asked.application, asked.environment)
    chosen = None
    if asked.kind == "promote":
        chosen = choose(tree, entries, asked.application, asked.environment, asked.release, check=not before.has_begun)
    promotion = Promotion(
        id=run_id,
        kind=asked.kind,
        application=asked.application,
        environment=asked.environment,
        argocd=tree.argocd(asked.application, asked.environment),
        path=tree.path(asked.application, asked.environment),
        head=head,
        requester=requester,
        requested_at=run.created if run else at.clock.now(),
        reason=plain.one_line(asked.reason),
        release=chosen,
        changes=asked.changes,
        previous=version_there(tree, asked.application, asked.environment),
        revision=before.revision,
        entry=before.entry,
        upstream=asked.after,
        back=way_back(at, head, run_id),
    )
    beside("the run keeps its name", lambda: at.runs.rename(run_id, promotion.title))
    return promotion


def look_again(at: Ports, promotion: Promotion) -> Promotion:
    """The same promotion at the branch's newest commit; its release stays fixed."""
    head = at.git.fetch()
    there = version_there(at.tree(head), promotion.application, promotion.environment)
    return promotion.model_copy(update={"head": head, "previous": there})


def way_back(at: Ports, head: str, promotion: str) -> str:
    """Why this promotion is being rolled back, if a run of it began to, or the sweep says so; else empty."""
    revert = find_promotion_commit(at.git, head, rollback_id(promotion))
    if revert:
        return reason_of(revert.message) or "its rollback was begun"
    return Notes(at.runs, promotion).stop()


def look_ahead(at: Ports, tree: Tree, application: str, environment: str) -> None:
    """What would stop the promotion after its commit is found before it: no Argo CD, no right, no Application, or a
    key that is not believed here.

    An environment without values yet may get its Application from the commit itself (ApplicationSet).
    """
    check_key(at, tree)
    missing = [name for name in names(tree.argocd(application, environment)) if at.deployer.get(name) is None]
    if missing and tree.values(application, environment):
        raise Misconfigured(
            f"Argo CD has no Application {', '.join(missing)} in the project {at.argocd_project}; look at "
            f"applications.{application}.argocd in liftgate.json and LIFTGATE_ARGOCD__PROJECT"
        )
