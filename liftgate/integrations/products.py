"""The products of a role by name: one line says where a product's code is, and it is imported when it is used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Generic, TypeVar, cast

from liftgate.domain.nearest import nearest
from liftgate.errors import Misconfigured

Role = TypeVar("Role")


@dataclass(frozen=True)
class Product(Generic[Role]):
    place: str
    """`module:class`. The class is called with what `wiring` gives the role's products."""
    about: str = ""
    """What it is for, in a few words, for people who choose."""
    hosts: tuple[str, ...] = ()
    """Public addresses at which only this product is found."""

    def made(self, **given: Any) -> Role:
        module, _, name = self.place.partition(":")
        return cast("Role", getattr(import_module(module), name)(**given))


def find(products: Mapping[str, Product[Role]], name: str, setting: str) -> Product[Role]:
    """Raises Misconfigured with the nearest right name for one that does not exist."""
    if name not in products:
        raise Misconfigured(f'{setting}: there is no product "{name}"; {nearest(name, products)}')
    return products[name]
