"""`liftgate validate` says where a release would have no version, with the nearest right place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.cli.conftest import Folder, Said
from tests.examples import SEED, text, values

Liftgate = Callable[..., Said]
PLACE = "liftgate.json: applications.example-app.version: "


def put(clone: Folder, version: Any, **more: Any) -> None:
    """The image's tag beside the usual version."""
    clone.put("liftgate.json", text(SEED | {"applications": {"example-app": {"version": version}}} | more))
    for name in ("base", "dev", "staging", "prod"):
        clone.put(f"configs/{name}/values.json", text(values(name) | {"image": {"tag": "1.4.1"}}))


def found(clone: Folder, liftgate: Liftgate) -> list[str]:
    said = liftgate("validate", "--repo", str(clone.path), "--json")
    assert said.code == (5 if said.data["findings"] else 0)
    return [f"{each['place'].partition(':')[0]}: {each['message']}" for each in said.data["findings"]]


@pytest.mark.parametrize("version", ["/image/tag", "/application/version"])
def test_a_place_that_the_values_have_is_right(version: str, clone: Folder, liftgate: Liftgate) -> None:
    put(clone, version)
    assert found(clone, liftgate) == []


def test_a_place_that_no_values_have_is_named_with_the_nearest_one(clone: Folder, liftgate: Liftgate) -> None:
    put(clone, "/image/tga")
    files = "configs/dev/values.json, configs/staging/values.json and configs/prod/values.json"
    assert found(clone, liftgate) == [f'{PLACE}{files} have no text at /image/tga; did you mean "/image/tag"?']


def test_one_environment_without_it_is_named(clone: Folder, liftgate: Liftgate) -> None:
    put(clone, "/image/tag")
    clone.put("configs/prod/values.json", text(values("prod") | {"image": {"tag": 7}}))
    said = "configs/prod/values.json has no text at /image/tag; known: /application/version"
    assert found(clone, liftgate) == [f"{PLACE}{said}"]


def test_a_version_that_the_environment_keeps_is_no_version_of_a_release(clone: Folder, liftgate: Liftgate) -> None:
    put(clone, "/image/tag", rules=[{"pointer": "/image/**", "owner": "own"}])
    said = '/image/tag is not promoted, so no release has a version: a rule gives it the owner "own"'
    assert found(clone, liftgate) == [f"{PLACE}{said}"]


@pytest.mark.parametrize(
    ("version", "words"),
    [
        ("image/tag", "The JSON pointer 'image/tag' must start with '/': did you mean '/image/tag'?"),
        ("", "must name one value, like /application/version"),
        ("/*/version", "must name one value, without *, like /application/version"),
        (7, "must be text in quotes"),
    ],
)
def test_what_is_no_place_of_one_value_is_refused(version: Any, words: str, clone: Folder, liftgate: Liftgate) -> None:
    put(clone, version)
    assert found(clone, liftgate) == [f"{PLACE}{words}"]
