"""Where an adoption finds the version of an application: at its only obvious place, or it asks."""

from __future__ import annotations

from typing import Any

import pytest

from liftgate.domain.adoption.layout import Application
from liftgate.domain.adoption.version_pointers import VersionPointers, find_versions
from liftgate.domain.planning.rules import Rule, Rules

PLACES = ("dev", "prod")


def found(values: Any, *more: Any, rules: Rules | None = None) -> VersionPointers:
    """Of an application `shop` with these values in dev, and these or the next ones in prod."""
    shop = Application(name="shop", folder="", values="values.json", paths={name: f"{name}.json" for name in PLACES})
    there = dict(zip(PLACES, (values, *more, values), strict=False))
    return find_versions([shop], {("shop", name): value for name, value in there.items()}, rules or Rules())


@pytest.mark.parametrize(
    ("values", "pointer"),
    [
        ({"image": {"tag": "1.4.0"}}, "/image/tag"),
        ({"version": "v2"}, "/version"),
        ({"app": {"image": {"tag": "build-77"}}}, "/app/image/tag"),
        ({"global": {"version": "2026.11"}, "postgres": {"version": "15"}}, "/global/version"),
        ({"Shop": {"image": {"tag": "1.4.0"}}, "sops": {"version": "3.9.0"}}, "/Shop/image/tag"),
        ({"application": {"version": "1.0.0"}, "image": {"tag": "1.4.0"}}, None),
        ({"image": {"tag": "latest"}}, None),
        ({"image": {"tag": 14}}, None),
        ({"image": {"repository": "r/shop:1.4.0"}}, None),
    ],
)
def test_the_only_obvious_place_is_taken(values: Any, pointer: str | None) -> None:
    assert found(values) == VersionPointers(chosen={"shop": pointer} if pointer else {}, unclear={})


@pytest.mark.parametrize(
    ("values", "places"),
    [
        ({"image": {"tag": "1.4.0"}, "version": "1.4.0"}, ("/image/tag", "/version")),
        ({"postgres": {"version": "15.1"}}, ("/postgres/version",)),
        ({"postgres": {"version": "15.1"}, "web": {"image": {"tag": "2"}}}, ("/postgres/version", "/web/image/tag")),
    ],
)
def test_a_person_says_which_of_several_places_it_is(values: Any, places: tuple[str, ...]) -> None:
    """Also of one that may be the version of something else."""
    assert found(values) == VersionPointers(chosen={}, unclear={"shop": places})


def test_a_place_that_an_environment_lacks_or_keeps_for_itself_does_not_count() -> None:
    nothing = VersionPointers(chosen={}, unclear={})
    assert found({"version": "1.0.0"}, {"replicas": 1}) == nothing
    assert found({"version": "1.0.0"}, rules=Rules(rules=(Rule(pointer="/version", owner="own"),))) == nothing


def test_the_place_may_be_in_any_of_several_files() -> None:
    parts = tuple(
        Application(name=f"shop {file}", folder="", values=file, paths={"dev": f"dev/{file}"})
        for file in ("app.json", "features.json")
    )
    shop = Application(name="shop", folder="", values=("app.json", "features.json"), paths={"dev": "x"}, parts=parts)
    values = {("shop app.json", "dev"): {"version": "1"}, ("shop features.json", "dev"): {"search": True}}
    assert find_versions([shop], values, Rules()).chosen == {"shop": "/version"}
