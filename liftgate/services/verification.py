"""The named steps of a stage, what each may know and touch, and its verdict."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Final, Literal, Protocol

from liftgate.domain.argocd.sync_waves import names
from liftgate.domain.common.canonical import digest
from liftgate.domain.common.value import Json
from liftgate.domain.common.verdict import Verdict, failed
from liftgate.domain.config.pipeline import StepSpec
from liftgate.domain.ledger.backup import Backup
from liftgate.domain.planning.plan import Plan
from liftgate.domain.planning.plan_value import document_of
from liftgate.domain.planning.release import version_of
from liftgate.domain.promotion import announcement
from liftgate.domain.promotion.attempt import Attempt, GatedChange, Rollback
from liftgate.errors import Refused
from liftgate.integrations import probe
from liftgate.integrations.deployer.live import Live
from liftgate.integrations.deployer.patient import Patient
from liftgate.integrations.ledger import backup
from liftgate.services import notifications, proposals
from liftgate.services.checks import context_of, of_all_files, settings_of, without_secrets
from liftgate.services.in_force import seen_by
from liftgate.services.patience import verdict_of_looks
from liftgate.services.planning import applied, planned, policy_hash
from liftgate.services.ports import CanLook, HasChat, HasLimits
from liftgate.steps.context import Context, StepCapabilities
from liftgate.steps.registry import find


class Ports(proposals.Ports, HasChat, HasLimits, CanLook, Protocol):
    """What these use cases need."""


Stage = Literal["validate", "preview", "verify"]
Values = dict[str, tuple[str, bytes]]
"""Path and content of each values file, by its name."""
OF_FILES: Final = frozenset(
    {"json-lint", "schema-validation", "security-scan", "sops-decrypt", "config-validation", "served-config"}
)
"""Steps that look at every values file, in each stage. Others get one file after the sync: they look at what runs."""


def steps_of(at: Ports, promotion: Attempt, stage: Stage) -> tuple[StepSpec, ...]:
    """As the pipeline of `liftgate.json` says; a rollback is verified by the steps of the `rollback` block."""
    configuration = seen_by(at, promotion).tree(promotion.head).configuration
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
        contexts = step_contexts(at, promotion, spec, preview)
        return of_all_files([find(spec.name).run(context) for context in contexts])

    if not promotion.revision:
        return without_secrets(look())
    return without_secrets(
        verdict_of_looks(at.clock, at.limits.verify, look, lambda why: failed(f"{spec.name}: {why}"))
    )


def input_digest(at: Ports, promotion: Attempt, spec: StepSpec) -> str:
    """Of what the step checks: the values, its settings, and all that the repository decides about them."""
    at = seen_by(at, promotion)
    tree = at.tree(promotion.head)
    name, environment = promotion.application, promotion.environment
    checked: dict[str, Json] = {
        "values": _digest(_values(at, promotion)),
        "settings": settings_of(tree, name, spec),
        "rules": policy_hash(tree, name, environment),
    }
    return digest(checked)


def _digest(values: Values) -> Json:
    found = {name: hashlib.sha256(data).hexdigest() for name, (_, data) in values.items()}
    return found.get("", found)


def step_contexts(at: Ports, promotion: Attempt, spec: StepSpec, preview: Preview | None = None) -> tuple[Context, ...]:
    """One for each values file, for a step that looks at files; for every other step only that of the main file."""
    at = seen_by(at, promotion)
    values = _values(at, promotion)
    for_each = spec.name in OF_FILES or (preview is None and not promotion.revision)
    tree = at.tree(promotion.head)
    names = values if for_each else [_main(values, tree.application(promotion.application).version_pointer)]
    files = (context_of(tree, promotion.application, promotion.environment, *values[name], name) for name in names)
    return tuple(_step_context(at, promotion, spec, preview, file) for file in files)


def _main(values: Values, version_pointer: str) -> str:
    """The file that says the version, else the first one."""
    with suppress(Refused):
        documents = ((name, document_of(data, path).value) for name, (path, data) in values.items())
        with_version = (name for name, document in documents if version_of([document], version_pointer))
        return next(with_version, next(iter(values)))
    return next(iter(values))


def _step_context(at: Ports, promotion: Attempt, spec: StepSpec, preview: Preview | None, file: Context) -> Context:
    """Everything the step may know and touch, with one values file."""
    return replace(
        file,
        today=at.clock.now().date(),
        settings=settings_of(at.tree(promotion.head), promotion.application, spec),
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


def _values(at: Ports, promotion: Attempt) -> Values:
    """The values after the plan; without a plan the files as they are, so that the steps report their mistakes."""
    if isinstance(promotion, GatedChange) and not promotion.revision:
        with suppress(Refused):
            plan = planned(at, promotion)
            after = applied(at.git, promotion.head, plan)
            return {each.file: (each.path, after[each.path]) for each in plan.files}
    tree, name, environment = at.tree(promotion.head), promotion.application, promotion.environment
    found = tree.files_in(name, environment, promotion.revision or promotion.head)
    missing = next(iter(tree.paths(name, environment).items()), ("", ""))
    return {file: (each.path, each.data) for file, each in sorted(found.items())} or {missing[0]: (missing[1], b"")}
