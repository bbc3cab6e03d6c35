"""Two changes of the world while a run is dead: what people do together, or one after the other."""

from __future__ import annotations

from typing import Final

from tests.lab import configured
from tests.services.moved import meanwhile
from tests.services.moved.meanwhile import Change
from tests.services.moved.scene import APP, Scene


def _both(first: str, second: str) -> tuple[str, Change]:
    def change(scene: Scene) -> None:
        meanwhile.NAMED[first](scene)
        meanwhile.NAMED[second](scene)

    return f"{first}, then {second}", change


def moved_and_renamed(scene: Scene) -> None:
    """The repository is put in order: other files, and another name of the application."""
    meanwhile.moved_files(scene)
    own = configured(scene.world.lab)["applications"][APP]
    there = {"was": APP, "argocd": f"{APP}-{{environment}}", "values": "config.json"}
    scene.configure(applications={"store": own | there})


def removed_and_back(scene: Scene) -> None:
    """A person takes the application out by mistake, and reverts that."""
    lab = scene.world.lab
    before = lab.remote.head
    meanwhile.removed_application(scene)
    files = ("liftgate.json", *(f"configs/{place}/values.json" for place in ("base", "dev", "staging", "prod")))
    kept = {path: found.data for path in files if (found := lab.remote.file(before, path))}
    lab.commit({**kept})


PAIRS: Final[dict[str, Change]] = dict((
    _both("pull request merged", "reverted by hand"),
    _both("by hand same", "rolled back by a person"),
    _both("by hand elsewhere", "renamed application"),
    _both("renamed environment", "reverted by hand"),
    _both("stolen worker key", "by hand same"),
    ("moved files and renamed application", moved_and_renamed),
    ("application removed and brought back", removed_and_back),
))  # fmt: skip
