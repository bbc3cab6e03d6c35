"""How a small world begins: with its first commit, and an Argo CD that brought it everywhere if the world has one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from liftgate_sandbox.argocd import Timings
from liftgate_sandbox.ref_files import read_refs
from liftgate_sandbox.town import REPOSITORY, Town
from sandbox_tests.plain import eventually

from liftgate.errors import Refused
from liftgate.integrations.clock import SystemClock
from liftgate.integrations.runs.memory import InMemoryRuns
from tests.committing import MAIN
from tests.in_memory import InMemory
from tests.lab import Lab, configured, seed
from tests.places import Place

RULES = {"prod": {"approvals": {"needed": 1, "from": ["ada", "grace", "rosa"]}}}


@contextmanager
def begun(here: Place, folder: Path, timings: Timings | None, *, is_deployed: bool = False) -> Iterator[Town]:
    """The sandbox's servers: 1.4.1 is everywhere. All of it is made once for each place."""
    if is_deployed and not here.lay("argocd", folder / "argocd"):
        _deploy(here, timings)
        here.lay("argocd", folder / "argocd")
    town = Town(folder, timings=timings, ports=here.ports)
    is_begun = here.lay("forge", town.forge.core.path(REPOSITORY))
    with town:
        if not is_begun:
            lab = Lab(InMemory("", "", folder, folder, InMemoryRuns(SystemClock())), town, folder)
            seed(lab, configured(lab, policy=RULES))
            lab.remote.git("repack", "-a", "-d", "-q")  # two files, where each object has its own folder
            here.keep("forge", lab.remote.directory)
        if not is_deployed:
            here.lay("forge", town.argocd.controller.sources.mirror(town.repository_url))
        yield town


def _deploy(here: Place, timings: Timings | None) -> None:
    with TemporaryDirectory(prefix="liftgate-place-") as made:
        with begun(here, Path(made), timings) as town:
            town.deploy("example-app")
            assert eventually(lambda: _is_settled(town), within=60)
        here.keep("argocd", Path(made) / "argocd")


def _is_settled(town: Town) -> bool:
    with town.argocd.state.lock:
        apps = [town.argocd.state.application(f"example-app-{name}") for name in town.environments]
        work = dict(town.argocd.state.work)
    states = [each.get("status", {}) for each in apps]
    return (
        not any("operation" in each for each in apps)
        and all(
            (each.get("sync", {}).get("status"), each.get("health", {}).get("status")) == ("Synced", "Healthy")
            and each.get("operationState", {}).get("phase") == "Succeeded"
            for each in states
        )
        and not any(work.values())
    )


def is_fetched(forge: Path, mirror: Path) -> bool:
    """Whether a fetch would bring nothing."""
    there, here = read_refs(forge), read_refs(mirror)
    if there is None or here is None:
        return False
    ours = {name: sha for name, sha in there.all.items() if name.startswith((MAIN, "refs/heads/liftgate/"))}
    return ours == here.all


class Over:
    """The mirror of a world that has ended. A click that its test did not wait for would go on for two minutes."""

    def __getattr__(self, name: str) -> Any:
        raise Refused(f"this world has ended: {name}")
