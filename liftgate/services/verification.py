"""The named steps of a stage, what each may know and touch, and its verdict."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Literal, Protocol

from liftgate.domain.argocd.sync_waves import names
from liftgate.domain.common.canonical import digest
from liftgate.domain.common.value import Json
from liftgate.domain.common.verdict import Verdict, failed, passed
from liftgate.domain.config.pipeline import StepSpec
from liftgate.domain.ledger.backup import Backup
from liftgate.domain.planning.plan import Plan
from liftgate.domain.promotion import announcement
from liftgate.domain.promotion.attempt import Attempt, GatedChange, Rollback
from liftgate.errors import Refused
from liftgate.integrations import probe
from liftgate.integrations.deployer.live import Live
from liftgate.integrations.deployer.patient import Patient
from liftgate.integrations.ledger import backup
from liftgate.services import notifications, proposals
from liftgate.services.checks import context_of, settings_of, without_secrets
from liftgate.services.patience import verdict_of_looks
from liftgate.services.planning import applied, planned, policy_hash
from liftgate.services.ports import CanLook, HasChat, HasLimits
from liftgate.steps.context import Context, StepCapabilities
from liftgate.steps.registry import find


class Ports(proposals.Ports, HasChat, HasLimits, CanLook, Protocol):
    """What these use cases need."""


Stage = Literal["validate", "preview", "verify"]


def steps_of(at: Ports, promotion: Attempt, stage: Stage) -> tuple[StepSpec, ...]:
    """As the pipeline of `liftgate.json` says; a rollback is verified by the steps of the `rollback` block."""
    configuration = at.tree(promotion.head).configuration
    if isinstance(promotion, Rollback) and stage == "verify":
        return configuration.rollback.verification
    return configuration.pipeline.steps(stage)


@dataclass(frozen=True)
class Preview:
    """What only the stage `preview` has."""

    change: GatedChange
    plan: Plan
    show: Callable[[str, str, str], None]
    """An artifact of the run: its kind, its Markdown, its description."""
    last_try: bool = False
    """Whether no further try follows when Argo CD does not answer."""


def step_verdict(at: Ports, promotion: Attempt, spec: StepSpec, preview: Preview | None = None) -> Verdict:
    """The verdict of one step; after the commit an error does not cause a rollback before the deadline."""

    def look(_left: float = 0.0) -> Verdict:
        return find(spec.name).run(step_context(at, promotion, spec, preview))

    if not promotion.revision:
        return without_secrets(look())
    return without_secrets(
        verdict_of_looks(at.clock, at.limits.verify, look, lambda why: failed(f"{spec.name}: {why}"))
    )


def input_digest(at: Ports, promotion: Attempt, spec: StepSpec) -> str:
    """Of what the step checks: the values, its settings, and all that the repository decides about them."""
    tree = at.tree(promotion.head)
    name, environment = promotion.application, promotion.environment
    checked: dict[str, Json] = {
        "values": hashlib.sha256(_values(at, promotion)).hexdigest(),
        "settings": settings_of(tree, name, spec),
        "rules": policy_hash(tree, name, environment),
    }
    return digest(checked)


def step_context(at: Ports, promotion: Attempt, spec: StepSpec, preview: Preview | None = None) -> Context:
    """Everything the step may know and touch."""
    tree = at.tree(promotion.head)
    name, environment = promotion.application, promotion.environment
    return replace(
        context_of(tree, name, environment, promotion.path, _values(at, promotion)),
        today=at.clock.now().date(),
        settings=settings_of(tree, name, spec),
        title=promotion.title,
        plan=preview.plan if preview else None,
        version=promotion.version,
        revision=promotion.revision,
        deployed_as=names(promotion.argocd),
        capabilities=_with_preview(at, preview, _reach(at, promotion)) if preview else _reach(at, promotion),
    )


def _with_preview(at: Ports, preview: Preview, capabilities: StepCapabilities) -> StepCapabilities:
    def tell(plan: Plan) -> None:
        change = preview.change
        notifications.tell_beside(at, change, announcement.begun(change, plan, at.page(change.id)))

    rendered = partial(proposals.rendered, at, preview.change, last_try=preview.last_try)
    return replace(capabilities, show=preview.show, tell=tell, rendered=rendered)


def _reach(at: Ports, promotion: Attempt) -> StepCapabilities:
    """Sends no request before a step needs it."""
    return StepCapabilities(
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


def _backup(at: Ports, promotion: Attempt) -> Backup | None:
    return backup.find_backup(at.git, at.entries(promotion.application), promotion.application, promotion.environment)


def _since(at: Ports, promotion: Attempt) -> datetime:
    """When the sync of the commit started; if it had no sync, the time of the commit."""
    live, revision = _live(at), promotion.revision
    began = [live.synced_at(name, revision) for name in names(promotion.argocd)] if live else []
    return min(filter(None, began), default=None) or at.git.log(promotion.revision, limit=1)[0].when


def _values(at: Ports, promotion: Attempt) -> bytes:
    """The values after the plan; without a plan the file as it is, so that the steps report its mistakes."""
    if isinstance(promotion, GatedChange) and not promotion.revision:
        with suppress(Refused):
            return applied(at.git, promotion.head, planned(at, promotion))
    file = at.git.file(promotion.revision or promotion.head, promotion.path)
    return file.data if file else b""


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """All failed verdicts in one, or passed; "not configured" does not count as passed, and does not stop the run."""
    listed = list(verdicts)
    bad = [verdict for verdict in listed if verdict.failed]
    if bad:
        return failed("; ".join(v.reason for v in bad), *(f for v in bad for f in v.findings))
    return passed("; ".join(verdict.reason for verdict in listed if verdict.passed))
