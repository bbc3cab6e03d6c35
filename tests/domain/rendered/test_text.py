"""The rendered difference as people read it."""

from __future__ import annotations

from typing import Any

import pytest

from liftgate.domain.rendered.rendered import Manifests, Part, compare_rendered
from liftgate.domain.rendered.text import (
    brief,
    rendered_markdown,
    rendered_sentence,
    rendered_terminal,
    rendered_verdict,
)
from tests.domain.manifest_pairs import config_map, thing, web
from tests.domain.rendered.test_rendered import rendered


def part(now: list[Any], proposed: list[Any], application: str = "shop-prod") -> Part:
    return compare_rendered(application, Manifests(objects=tuple(now)), Manifests(objects=tuple(proposed)))


TWO = part(
    [web(), config_map({"a": 1}), thing("Job", "old")], [web("web:2"), config_map({"a": 2}), thing("Job", "new")]
)
UNKNOWN = Part(application="shop-eu", state="unknown", sentence="could not be rendered: Argo CD is away")
MISSING = Part(application="shop-us", state="missing", sentence="there is no such Application yet; nothing to compare")
BROKEN = Part(application="shop-eu", state="broken", sentence="the proposed commit does not render: no such file")


def test_the_terminal_shows_each_object_with_its_fields() -> None:
    assert rendered_terminal(rendered(TWO)).splitlines() == [
        "What will change in the cluster",
        "shop-prod: 2 objects change, 1 is added, 1 is removed",
        "~ ConfigMap/config",
        "    /data/values.json/a  1 → 2",
        "+ Job/new",
        "- Job/old",
        "~ Deployment/web",
        '    /spec/template/spec/containers/0/image  "web:1" → "web:2"',
    ]


def test_markdown_is_a_table_that_no_value_can_leave() -> None:
    odd = part([config_map({"a|b": "x`|<b>"})], [config_map({"a|b": "@all"})])
    lines = rendered_markdown(rendered(odd), limit=10_000).splitlines()
    assert lines[0] == "**What will change in the cluster**"
    assert lines[2] == "`shop-prod`: 1 object changes"
    assert lines[-1].replace("\\|", "").count("|") == 6
    assert '`"@all"`' in lines[-1]


@pytest.mark.parametrize("limit", [60, 300, 700])
def test_markdown_keeps_to_its_limit_and_counts_what_is_left(limit: int) -> None:
    text = rendered_markdown(rendered(TWO, TWO, TWO), limit=limit)
    assert len(text) <= limit
    assert text.endswith(" more.")


@pytest.mark.parametrize(
    ("parts", "state", "said"),
    [
        ((TWO,), "passed", "2 objects change, 1 is added, 1 is removed"),
        ((part([web()], [web()]),), "passed", "no changes: the proposed commit renders to the same objects"),
        ((TWO, BROKEN), "failed", "shop-eu: the proposed commit does not render: no such file"),
        ((BROKEN, UNKNOWN), "failed", "shop-eu: the proposed commit does not render: no such file"),
        ((TWO, UNKNOWN), "not configured", "shop-eu: could not be rendered: Argo CD is away"),
        ((MISSING,), "not configured", "there is no such Application yet; nothing to compare"),
        ((TWO, MISSING), "passed", "shop-us: there is no such Application yet; nothing to compare"),
    ],
)
def test_only_what_somebody_could_look_at_has_passed(parts: tuple[Part, ...], state: str, said: str) -> None:
    found = rendered_verdict(rendered(*parts))
    assert found.state == state
    assert said in found.reason


def test_numbers_agree_with_their_words() -> None:
    assert rendered_sentence(part([], [web()])) == "1 object is added"
    assert rendered_sentence(part([], [web(), config_map({})])) == "2 objects are added"
    assert rendered_sentence(part([web(), config_map({})], [])) == "2 objects are removed"


def test_in_brief_the_objects_are_named_and_what_comes_or_goes_has_its_sign() -> None:
    counts = "2 objects change, 1 is added, 1 is removed"
    names = "ConfigMap/config, + Job/new, - Job/old, Deployment/web"
    assert brief(rendered(TWO), limit=1000) == f"{counts}: {names}"
    assert brief(rendered(TWO, UNKNOWN), limit=1000).splitlines() == [
        f"shop-prod: {counts}: {names}",
        "shop-eu: could not be rendered: Argo CD is away",
    ]


def test_in_brief_no_value_is_shown_and_many_objects_are_counted() -> None:
    many = part([], [thing("Job", f"import-{n}") for n in range(50)])
    said = brief(rendered(many), limit=1000)
    assert len(said) < 300
    assert said.startswith("50 objects are added: + Job/import-0, ")
    assert "more" in said
    assert len(brief(rendered(*[many] * 40), limit=500)) <= 500
    assert "image" not in brief(rendered(TWO), limit=1000)
