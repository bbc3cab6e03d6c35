"""The steps by name, built in or (by entry point) a user's; each is imported when it is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Final, cast

from liftgate.domain.common.nearest import nearest
from liftgate.domain.config.configuration import FILE, Configuration
from liftgate.domain.config.mistakes import Keys
from liftgate.errors import Misconfigured
from liftgate.integrations.products import CHATS, FORGES, IDENTITIES
from liftgate.steps.context import Step

GROUP: Final = "liftgate.steps"

BUILT_IN: Final[dict[str, str]] = {
    "backup-check": "liftgate.steps.backup_check",
    "config-validation": "liftgate.steps.config_validation",
    "generate-diff": "liftgate.steps.generate_diff",
    "health-check": "liftgate.steps.health_check",
    "integration-test": "liftgate.steps.integration_test",
    "json-lint": "liftgate.steps.json_lint",
    "log-check": "liftgate.steps.log_check",
    "metric-check": "liftgate.steps.metric_check",
    "notify-reviewers": "liftgate.steps.notify_reviewers",
    "rendered-diff": "liftgate.steps.rendered_diff",
    "schema-validation": "liftgate.steps.schema_validation",
    "security-scan": "liftgate.steps.security_scan",
    "served-config": "liftgate.steps.served_config",
    "sops-decrypt": "liftgate.steps.sops_decrypt",
}
"""Name -> `module` or `module:attribute`, whatever has a `run`."""

PREVIEWS: Final = ("generate-diff", "notify-reviewers", "rendered-diff")
"""Steps that need a plan, which there is none of offline."""


def check_names(configuration: Configuration) -> None:
    """Raises Misconfigured for steps and products of accounts that do not exist, each with the nearest right name.

    Before anything is done: the votes of an impossible account would never count.
    """
    if wrong := [f"{FILE}: {place}: {said}" for _, place, said in unknown_names(configuration)]:
        raise Misconfigured("\n".join(wrong))


def unknown_names(configuration: Configuration) -> Iterator[tuple[Keys, str, str]]:
    """For each name that does not exist: the way to it in `liftgate.json`, its place for people, and what is wrong."""
    placed: list[tuple[Keys, str, str]] = [
        (("pipeline", "stages", at, "steps", number), f"pipeline.{stage.name}", spec.name)
        for at, stage in enumerate(configuration.pipeline.stages)
        for number, spec in enumerate(stage.steps)
    ]
    placed += [
        (("rollback", "validation", "steps", number), "rollback.validation", name)
        for number, name in enumerate(configuration.rollback.validation.steps)
    ]
    known = names()
    for keys, place, name in placed:
        if name not in known:
            yield keys, place, f'there is no step "{name}"; {nearest(name, known)}'
    products = {"email", *FORGES, *CHATS, *IDENTITIES}
    for person, product in ((who, each) for who, one in configuration.people.items() for each in one.accounts):
        if product not in products:
            keys = ("people", person, product)
            yield keys, ".".join(keys), f"unknown key; {nearest(product, products)}"


@cache
def find(name: str) -> Step:
    """The step of that name; raises Misconfigured for an unknown name, a clash, or what is no step."""
    providers = [entry for entry in entries() if entry.name == name]
    if not providers:
        raise Misconfigured(f'there is no step "{name}": {nearest(name, names())}')
    if len(providers) > 1:
        places = " and ".join(entry.value for entry in providers)
        raise Misconfigured(f"Two packages bring a step {name!r}: {places}. Remove or rename one.")
    return _load(providers[0])


def names() -> tuple[str, ...]:
    return tuple(sorted({entry.name for entry in entries()}))


def warm() -> None:
    """Import what the built-in steps need, so that no run has to; a user's own are left to the run that needs them."""
    for place in (*BUILT_IN.values(), "jsonschema.validators", "referencing.jsonschema", "regex"):
        import_module(place)
    entry_points(group=GROUP)


@cache
def entries() -> tuple[EntryPoint, ...]:
    """Of the built-in steps and of whatever is installed; looked for once in a process."""
    built_in = [EntryPoint(name, value, GROUP) for name, value in BUILT_IN.items()]
    found = entry_points(group=GROUP)
    return (*built_in, *(each for each in found if BUILT_IN.get(each.name) != each.value))


def _load(entry: EntryPoint) -> Step:
    try:
        step = entry.load()
    except (ImportError, AttributeError) as broken:
        raise Misconfigured(f"The step {entry.name!r} cannot be imported from {entry.value}: {broken}.") from broken
    if not callable(getattr(step, "run", None)):
        raise Misconfigured(f"The step {entry.name!r} at {entry.value} has no function run(context).")
    return cast("Step", step)
