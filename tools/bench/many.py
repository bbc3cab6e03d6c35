"""Many applications in the demo's world, each with its manifests, values and three Argo CD Applications."""

from __future__ import annotations

import json
from typing import Any, Final

from liftgate.demo.repository import ENVIRONMENTS
from liftgate.demo.world import World
from liftgate.domain.manifests import files as manifests
from liftgate.domain.manifests.place import Place
from liftgate.scaffold import templates

BEFORE, AFTER, LATER = "1.0.0", "1.0.1", "1.0.2"
ALONE: Final = {"prod": {"approvals": {"needed": 0}}}
"""A policy under which a night goes through without people."""
APPROVED_BY_ANYONE: Final = {"dev": {"approvals": {"needed": 1}}}


def application_name(number: int) -> str:
    return f"app-{number:04}"


def add_applications(world: World, number: int, deployed: int | None = None) -> None:
    """Instead of the demo's own one; a new version of each is in the base values. Argo CD gets Applications of the
    first `deployed` ones, or of all."""
    names = [application_name(each) for each in range(number)]
    places = [
        Place(
            application=name,
            environment=environment,
            pattern="{application}-{environment}",
            root=f"configs/{environment}",
            files=(path_of(name, environment),),
        )
        for name in names
        for environment in ENVIRONMENTS
    ]
    made = manifests.missing(places, (), templates())
    for name in names:
        made[path_of(name, "base")] = values_of(name, "base", AFTER)
    made |= {place.files[0]: values_of(place.application, place.environment, BEFORE) for place in places}
    files: dict[str, bytes | None] = {path: text.encode() for path, text in made.items()}
    files |= {f"configs/{name}/values.json": None for name in ("base", *ENVIRONMENTS)}
    world.repository.commit("ada", files, "More applications")
    set_policy(world, ALONE)
    world.deploy()
    add_to_argocd(world, number if deployed is None else deployed)


def add_to_argocd(world: World, number: int) -> None:
    """The Applications of the first ones, in every environment."""
    for name in [application_name(each) for each in range(number)]:
        for environment in ENVIRONMENTS:
            world.application(f"{name}-{environment}", f"configs/{environment}/{name}", environment)


def release_again(world: World, number: int) -> None:
    """One more version of the first `number` applications."""
    names = [application_name(each) for each in range(number)]
    files = {path_of(name, "base"): values_of(name, "base", LATER).encode() for name in names}
    world.repository.commit("ada", {**files}, "More versions")


def set_policy(world: World, policy: dict[str, Any]) -> None:
    file = world.at.git.file(world.at.git.fetch(), "liftgate.json")
    configuration = json.loads(file.data if file else b"{}")
    configuration |= {"policy": policy, "applications": {}}
    world.repository.commit("ada", {"liftgate.json": json.dumps(configuration, indent=2).encode()}, "Another policy")


def path_of(name: str, environment: str) -> str:
    """Of an environment, or `base`."""
    return f"configs/{environment}/{name}/values.json"


def values_of(name: str, environment: str, version: str) -> str:
    own = {"name": environment, "configs": {"logLevel": "info"}}
    value = {"application": {"name": name, "version": version, "replicas": 1, "environment": own}}
    return json.dumps(value, indent=2) + "\n"
