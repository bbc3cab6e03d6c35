"""What a board says of an application in each environment, by the repository and the ledger in short."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

from liftgate.domain.promotion.board import Cell, Going, There, at_work, cell
from liftgate.integrations.git.config_snapshot import ConfigSnapshot
from liftgate.integrations.ledger.past import Past
from liftgate.services.choose_release import begins_in
from liftgate.services.values_there import there


def cells_of(
    tree: ConfigSnapshot, past: Past, name: str, going: Sequence[Going], drift: Callable[[str, str], str]
) -> tuple[Cell, ...]:
    """In the order of the pipeline. `drift` says of an application and environment how the cluster differs from Git."""
    return tuple(at_work(each, name, going, drift(name, each.environment)) for each in _at_rest(tree, past, name))


def _at_rest(tree: ConfigSnapshot, past: Past, name: str) -> tuple[Cell, ...]:
    """The cells without what is in progress; of values that cannot be read they are made each time."""
    if found := _made(tree, past).get(name):
        return found
    here = [there(tree, name, environment) for environment in tree.configuration.order]
    cells = tuple(_cell(tree, past, each) for each in here)
    if not any(each.trouble for each in here):
        _made(tree, past)[name] = cells
    return cells


@lru_cache(maxsize=2)
def _made(tree: ConfigSnapshot, past: Past) -> dict[str, tuple[Cell, ...]]:  # noqa: ARG001  the key of the cache
    """The cells at rest for the newest trees and states of the ledger, by application."""
    return {}


def _cell(tree: ConfigSnapshot, past: Past, here: There) -> Cell:
    name, environment = here.application, here.environment
    return cell(
        here,
        past.summary(name, environment).newest,
        begins_in(tree, environment, lambda place: past.summary(name, place).has_verified),
        is_verified=bool(here.release) and past.is_verified(name, environment, here.release),
    )
