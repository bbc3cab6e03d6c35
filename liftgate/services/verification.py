"""The named steps of a stage: which there are, what each may know and touch, and its verdict."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Literal, Protocol

from liftgate.domain.backup import Backup
from liftgate.domain.pipeline import StepSpec
from liftgate.domain.promotion import Promotion
from liftgate.domain.verdict import Verdict, failed, passed
from liftgate.domain.waves import names
from liftgate.errors import Refused
from liftgate.integrations import probe
from liftgate.integrations.deployer.live import Live
from liftgate.integrations.deployer.patient import Patient
from liftgate.integrations.ledger import backup
from liftgate.services.checks import context_of, settings_of
from liftgate.services.patience import verdict_of_looks
from liftgate.services.planning import applied, planned
from liftgate.services.ports import CanLook, HasBranch, HasLimits
from liftgate.steps.context import Context, Reach
from liftgate.steps.registry import find


class Ports(HasBranch, HasLimits, CanLook, Protocol):
    """What these use cases need."""


Stage = Literal["validate", "preview", "verify"]


def steps_of(at: Ports, promotion: Promotion, stage: Stage) -> tuple[StepSpec, ...]:
    """As the pipeline of `liftgate.json` says; a rollback is verified by the steps of the `rollback` block."""
    configuration = at.tree(promotion.head).configuration
    if promotion.kind == "rollback" and stage == "verify":
        return configuration.rollback.verification
    return configuration.pipeline.steps(stage)


def verdict(at: Ports, promotion: Promotion, spec: StepSpec) -> Verdict:
    """Of one step; after the commit an error takes no promotion back before the deadline."""

    def look(_left: float = 0.0) -> Verdict:
        return find(spec.name).run(context(at, promotion, spec))

    if not promotion.revision:
        return look()
    return verdict_of_looks(at.clock, at.limits.verify, look, lambda why: failed(f"{spec.name}: {why}"))


def context(at: Ports, promotion: Promotion, spec: StepSpec) -> Context:
    """Everything the step may know and touch."""
    tree = at.tree(promotion.head)
    name, environment = promotion.application, promotion.environment
    return replace(
        context_of(tree, name, environment, promotion.path, _values(at, promotion)),
        today=at.clock.now().date(),
        settings=settings_of(tree, name, spec),
        version=promotion.version,
        revision=promotion.revision,
        deployed_as=names(promotion.argocd),
        reach=_reach(at, promotion),
    )


def _reach(at: Ports, promotion: Promotion) -> Reach:
    """Nothing is asked before a step asks for it."""
    return Reach(
        clock=at.clock,
        get=probe.get,
        post=probe.post,
        run=at.commands.run,
        live=_live(at),
        metrics=at.metrics,
        backup=partial(_backup, at, promotion),
        since=partial(_since, at, promotion),
        refusal=at.secrets.refusal if at.secrets else None,
    )


def _live(at: Ports) -> Live | None:
    return Patient(at.live, at.clock) if at.live else None


def _backup(at: Ports, promotion: Promotion) -> Backup | None:
    return backup.find(at.git, at.entries(promotion.application), promotion.application, promotion.environment)


def _since(at: Ports, promotion: Promotion) -> datetime:
    """When the sync of the commit began; where there was none of its own, when it was made."""
    live, revision = _live(at), promotion.revision
    began = [live.synced_at(name, revision) for name in names(promotion.argocd)] if live else []
    return min(filter(None, began), default=None) or at.git.log(promotion.revision, limit=1)[0].when


def _values(at: Ports, promotion: Promotion) -> bytes:
    """After the plan; where none can be made the file as it is, so that its mistakes are found and named."""
    if not promotion.revision:
        with suppress(Refused):
            return applied(at.git, promotion.head, planned(at, promotion))
    file = at.git.file(promotion.revision or promotion.head, promotion.path)
    return file.data if file else b""


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The failed ones in one, or passed; "not configured" never counts as passed, and stops nothing."""
    listed = list(verdicts)
    bad = [verdict for verdict in listed if verdict.failed]
    if bad:
        return failed("; ".join(v.reason for v in bad), *(f for v in bad for f in v.findings))
    return passed("; ".join(verdict.reason for verdict in listed if verdict.passed))
