"""What a board says of an application in each environment, by the repository and the ledger in short."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from liftgate.domain.promotion.board import Cell, Going, cell
from liftgate.integrations.git.config_snapshot import ConfigSnapshot
from liftgate.integrations.ledger.past import Past
from liftgate.services.choose_release import begins_in, there


def cells_of(
    tree: ConfigSnapshot, past: Past, name: str, going: Sequence[Going], drift: Callable[[str, str], str]
) -> tuple[Cell, ...]:
    """In the order of the pipeline. `drift` says of an application and environment how the cluster differs from Git."""
    return tuple(_cell(tree, past, name, environment, going, drift) for environment in tree.configuration.order)


def _cell(
    tree: ConfigSnapshot,
    past: Past,
    name: str,
    environment: str,
    going: Sequence[Going],
    drift: Callable[[str, str], str],
) -> Cell:
    here = there(tree, name, environment)
    return cell(
        here,
        past.summary(name, environment).newest,
        going,
        drift(name, environment),
        begins_in(tree, environment, lambda place: past.summary(name, place).has_verified),
        is_verified=bool(here.release) and past.is_verified(name, environment, here.release),
    )
