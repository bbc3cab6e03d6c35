"""Waits for the Applications of one environment: wave after wave, side by side within one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

from liftgate.domain.argocd.sync_waves import SyncWaves
from liftgate.integrations.deployer import Deployed

_WORST = ("failed", "timed out", "superseded", "deployed")


def bring(sync_waves: SyncWaves, wait: Callable[[str], Deployed]) -> Deployed:
    """The worst that was heard; after a wave that is not deployed the next one is not begun.

    `wait` waits for one Application and raises what it raises.
    """
    told: list[tuple[str, Deployed]] = []
    for wave in sync_waves:
        told += zip(wave, _together(wave, wait), strict=True)
        if any(deployed.state != "deployed" for _, deployed in told):
            break
    return told[0][1] if len(told) == 1 else _in_one(told)


def _together(wave: tuple[str, ...], wait: Callable[[str], Deployed]) -> list[Deployed]:
    if len(wave) == 1:
        return [wait(wave[0])]
    with ThreadPoolExecutor(max_workers=len(wave)) as pool:
        return list(pool.map(wait, wave))


def _in_one(told: list[tuple[str, Deployed]]) -> Deployed:
    worst = min((deployed for _, deployed in told), key=lambda deployed: _WORST.index(deployed.state))
    bad = [f"{name}: {deployed.reason}" for name, deployed in told if deployed.state != "deployed"]
    return worst.copy_with(
        reason="; ".join(bad) or f"{len(told)} applications are synced and healthy",
        detect=_longest(deployed.detect for _, deployed in told),
        apply=_longest(deployed.apply for _, deployed in told),
        settle=_longest(deployed.settle for _, deployed in told),
        total=max(deployed.total for _, deployed in told),
        at=max((deployed.at for _, deployed in told if deployed.at), default=None),
        first_sync=all(deployed.first_sync for _, deployed in told),
    )


def _longest(seconds: Iterable[float | None]) -> float | None:
    return max((one for one in seconds if one is not None), default=None)
