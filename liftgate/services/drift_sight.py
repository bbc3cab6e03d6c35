"""One look for drift at every Argo CD Application: one request, and a few more for suspects."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from liftgate.domain.argocd.snapshot import Snapshot
from liftgate.domain.drift.drift import Heal, assess_drift, is_suspect, merged, steady, within
from liftgate.domain.drift.record import Place, Saw
from liftgate.integrations.deployer import Overview
from liftgate.integrations.deployer.drift import named
from liftgate.services.drift_looks import Looked, Looks

Places: TypeAlias = "Mapping[Place, tuple[str, ...]]"
"""Each with its Argo CD Applications."""
PATIENCE: Final = timedelta(seconds=12)
"""How long a difference must last: around every sync there is a short one."""


class Sight:
    """Remembers between looks since when each Argo CD Application is a suspect, and its state at rest."""

    def __init__(self, overview: Overview) -> None:
        self._overview, self._looks = overview, Looks(overview)
        self._since: dict[str, datetime] = {}

    def all(self, places: Places) -> dict[str, Snapshot]:
        """The short answers of the list for the Argo CD Applications of these places, by their name here."""
        ours = {name for all_of_it in places.values() for name in all_of_it}
        return {name: seen for seen in self._overview.all() if (name := named(seen, ours))}

    def look(self, places: Places, short: Mapping[str, Snapshot], now: datetime) -> list[Saw]:
        """Look closer where needed: at suspects that have lasted long enough, and at possible self-heals."""
        self._since = steady(self._since, (name for name, seen in short.items() if is_suspect(seen)), now)
        ripe = {name for name, since in self._since.items() if now - since >= PATIENCE}
        looked = self._looks.closer(short, [n for n, seen in short.items() if n in ripe or _may_be_healed(seen)], now)
        saw = (self._saw(place, own, short, looked, now) for place, own in places.items())
        return [each for each in saw if each]

    def ripe_in(self, now: datetime) -> list[float]:
        """Seconds until each suspect has been one for long enough."""
        return [(since + PATIENCE - now).total_seconds() for since in self._since.values()]

    def _saw(
        self,
        place: Place,
        own: tuple[str, ...],
        short: Mapping[str, Snapshot],
        looked: Mapping[str, Looked],
        now: datetime,
    ) -> Saw | None:
        """A suspect without a closer look gives no finding."""
        findings = {name: looked[name].finding for name in own if name in looked}
        unsuspected = [n for n in own if n in short and n not in looked and not is_suspect(short[n])]
        findings |= {name: assess_drift(_without_revision(short[name])) for name in unsuspected}
        if not findings:
            return None
        since = min((self._since[name] for name in findings if name in self._since), default=now)
        heals = (_within(looked[name].heal, name, own) for name in own if name in looked)
        return Saw(place, merged(findings, own), since, tuple(filter(None, heals)))


def _may_be_healed(short: Snapshot) -> bool:
    """The list does not say who started an operation, so each new one gets a closer look."""
    last = short.operation
    return short.self_heal and short.sync == "Synced" and last is not None and last.phase == "Succeeded"


def _without_revision(short: Snapshot) -> Snapshot:
    """The list has no history, so it cannot show whether the revision is new."""
    return short.copy_with(revisions=())


def _within(heal: Heal | None, name: str, own: tuple[str, ...]) -> Heal | None:
    return heal and heal.copy_with(objects=tuple(within(thing, name, own) for thing in heal.objects))
