"""What a promotion's steps may touch, as this worker is set up."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from liftgate.domain.backup import Backup
from liftgate.domain.promotion import Promotion
from liftgate.domain.waves import names
from liftgate.integrations import probe
from liftgate.integrations.deployer.live import Live
from liftgate.integrations.deployer.patient import Patient
from liftgate.integrations.ledger import backup
from liftgate.steps.context import Reach
from liftgate.wiring import integrations


def reach(promotion: Promotion) -> Reach:
    """Nothing is asked before a step asks for it."""
    at = integrations()
    return Reach(
        clock=at.clock,
        get=probe.get,
        post=probe.post,
        run=at.commands.run,
        live=_live(),
        metrics=at.metrics,
        backup=partial(_backup, promotion),
        since=partial(_since, promotion),
        refusal=at.secrets.refusal if at.secrets else None,
    )


def _live() -> Live | None:
    at = integrations()
    return Patient(at.live, at.clock) if at.live else None


def _backup(promotion: Promotion) -> Backup | None:
    at = integrations()
    return backup.find(at.git, at.entries(promotion.application), promotion.application, promotion.environment)


def _since(promotion: Promotion) -> datetime:
    """When the sync of the commit began; where there was none of its own, when it was made."""
    at = integrations()
    live, revision = _live(), promotion.revision
    began = [live.synced_at(name, revision) for name in names(promotion.argocd)] if live else []
    return min(filter(None, began), default=None) or at.git.log(promotion.revision, limit=1)[0].when
