"""What people mend after a change that holds a run up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from liftgate_sandbox.forge import Protection
from liftgate_sandbox.town import BOT, REPOSITORY

from liftgate.services import pauses
from tests.services.moved.keys import worker_key_back
from tests.services.moved.scene import Scene


def mended_configuration(scene: Scene) -> None:
    scene.configure()


def ended_freeze(scene: Scene) -> None:
    scene.policy.pop("freeze")
    scene.configure()


def resumed(scene: Scene) -> None:
    pauses.resume(scene.world.at, "ada", "")


def allowed_worker(scene: Scene) -> None:
    """To push past the pull requests."""
    scene.world.lab.town.forge.protect(REPOSITORY, "main", Protection(may_push=(BOT,)))


MENDING: Final[dict[str, Callable[[Scene], None]]] = {
    "broken configuration": mended_configuration,
    "freeze": ended_freeze,
    "paused": resumed,
    "branch protected": allowed_worker,
    "worker key removed": worker_key_back,
}
"""By the change that needs people."""
