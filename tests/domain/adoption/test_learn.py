"""Owner rules need evidence: what travelled between environments, what was set apart, and what values look like."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import strategies as st

from liftgate.domain.adoption.evidence import Evidence, told
from liftgate.domain.adoption.learn import Learned, learn
from liftgate.domain.adoption.past import Change, Commit, Place
from liftgate.domain.adoption.rule_patterns import LIMIT, propose_rules
from liftgate.domain.adoption.value_forms import clue
from liftgate.domain.common.value import Json
from liftgate.domain.json_text.pointer import MISSING, covers
from liftgate.domain.planning.rules import BUILT_IN
from tests.domain.properties import holds

RANKS = {"dev": 0, "staging": 5, "prod": 7}


class Story:
    """Values of one application, and what people committed."""

    def __init__(self, **values: Json) -> None:
        self.start: dict[Place, Json] = {("shop", name): value for name, value in values.items()}
        self.now = dict(self.start)
        self.commits: list[Commit] = []

    def set(self, **values: dict[str, Json]) -> Story:
        """One commit: these keys in these environments."""
        changes = []
        for name, keys in values.items():
            before = self.now["shop", name]
            self.now["shop", name] = {**(before or {}), **keys}
            changes.append(Change(("shop", name), before, self.now["shop", name]))
        self.commits.append(Commit(str(len(self.commits)), tuple(changes)))
        return self

    def travel(self, **keys: Json) -> Story:
        for name in ("dev", "staging", "prod"):
            self.set(**{name: keys})
        return self

    @property
    def learned(self) -> Learned:
        return learn(RANKS, self.start, self.now, self.commits)

    @property
    def owners(self) -> dict[str, str]:
        return {rule.pointer: rule.owner for rule in self.learned.rules}


def story(**keys: list[Json]) -> Story:
    """The values of each key in dev, staging and prod."""
    return Story(**{name: {key: each[at] for key, each in keys.items()} for at, name in enumerate(RANKS)})


def test_what_travelled_is_promoted_and_what_stayed_is_the_environments_own() -> None:
    found = story(flag=[1, 1, 1], size=[1, 2, 3]).travel(flag=2).travel(flag=3)
    assert found.owners == {"/flag": "promote", "/size": "own"}


def test_one_change_in_all_environments_at_once_travelled_too() -> None:
    found = story(flag=[1, 1, 1]).set(dev={"flag": 2}, staging={"flag": 2}, prod={"flag": 2})
    assert found.owners == {"/flag": "promote"}


def test_a_value_set_in_one_environment_alone_is_its_own() -> None:
    assert story(size=[1, 1, 1]).set(prod={"size": 8}).set(prod={"size": 9}).owners == {"/size": "own"}


def test_an_older_value_of_the_environment_before_travelled() -> None:
    """prod gets what staging had a moment ago."""
    found = story(flag=[1, 1, 1]).set(dev={"flag": 2}).set(staging={"flag": 2}).set(staging={"flag": 3})
    assert found.set(prod={"flag": 2}).owners == {}, "staging's own change contradicts"
    assert story(flag=[1, 1, 1]).travel(flag=2).set(dev={"flag": 3}).owners == {"/flag": "promote"}


def test_a_new_file_is_no_evidence() -> None:
    found = Story(dev={"size": 1}, staging=MISSING, prod=MISSING)
    found.set(staging={"size": 2}).set(prod={"size": 2})
    assert found.owners == {}
    assert found.learned.undecided == ("/size",)


def test_contradicting_evidence_gives_no_rule_and_is_told() -> None:
    found = story(mode=["a", "a", "a"]).travel(mode="b").set(prod={"mode": "x"})
    assert found.owners == {}
    assert found.learned.contradictory == ("/mode",)


def test_what_never_differed_and_never_changed_stays_undecided_in_silence() -> None:
    found = story(name=["x", "x", "x"], size=[1, 2, 3])
    assert found.owners == {}
    assert found.learned.undecided == ("/size",)


def test_the_rules_are_measured_on_promotions_that_they_have_not_seen() -> None:
    found = story(flag=[1, 1, 1], size=[1, 2, 3])
    for number in range(2, 7):
        found.travel(flag=number)
    measured = found.learned.measured
    assert measured is not None
    assert (measured.promotions, measured.reproduced) == (3, 3)


def test_a_promotion_that_the_rules_would_have_made_otherwise_is_counted() -> None:
    found = story(flag=[1, 1, 1], size=[1, 1, 1])
    for number in range(2, 7):
        found.travel(flag=number)
    found.set(dev={"flag": 9, "size": 9}).set(staging={"flag": 9, "size": 4})
    measured = found.learned.measured
    assert measured is not None
    assert measured.reproduced < measured.promotions


def test_few_promotions_are_not_measured() -> None:
    assert story(flag=[1, 1, 1]).travel(flag=2).learned.measured is None


@pytest.mark.parametrize(
    ("key", "values", "owner"),
    [
        ("version", ["1.4.0", "1.4.0", "1.3.9"], "promote"),
        ("image", ["r.example.com/shop:1.4.0"] * 3, "promote"),
        ("gitSha", ["a" * 40, "b" * 40, "c" * 40], "promote"),
        ("build", [41, 41, 40], "promote"),
        ("url", ["https://dev.example.com", "https://stg.example.com", "https://example.com"], "own"),
        ("host", ["10.0.0.1", "10.0.1.1", "10.0.2.1"], "own"),
        ("topic", ["orders-dev", "orders-staging", "orders-prod"], "own"),
        ("origins", [["https://a.dev.io"], ["https://a.stg.io"], ["https://a.io"]], "own"),
        ("image", ["dev.example.com/shop:1.4.0", "stg.example.com/shop:1.4.0", "prod.example.com/shop:1.3.0"], "own"),
        ("password", ["correct-horse-1", "correct-horse-2", "correct-horse-3"], "secret"),
        ("password", ["ENC[AES256_GCM,data:AA,iv:AA,tag:AA,type:str]"] * 3, None),
        ("url", ["https://example.com"] * 3, None),
        ("replicas", [1, 2, 3], None),
        ("level", ["debug", "info", "warning"], None),
        ("file", ["a.json", "b.json", "c.json"], None),
        ("phrase", ["live long", "live well", "live"], None),
    ],
)
def test_what_the_form_of_values_says(key: str, values: list[Json], owner: str | None) -> None:
    found = clue(key, list(zip(RANKS.values(), values, strict=True)))
    assert (found.owner if found else None) == owner


def test_one_pattern_for_many_pointers_and_none_across_owners() -> None:
    found = story(
        a=[{"url": f"https://a.{e}.io", "tag": "1.0.0"} for e in RANKS], b=[{"url": f"https://b.{e}.io"} for e in RANKS]
    )
    assert found.owners == {"/*/url": "own", "/a/tag": "promote"}


KEYS = st.lists(st.sampled_from(["a", "b", "url", "baseUrl", "tag", "*", "x~1y", ""]), min_size=1, max_size=4)
EVIDENCE = st.builds(Evidence, travelled=st.integers(0, 5), apart=st.integers(0, 5), clues=st.just(frozenset()))


@holds(st.dictionaries(KEYS.map(lambda keys: "/" + "/".join(keys)), st.none() | EVIDENCE, max_size=25))
def test_a_rule_covers_only_what_has_evidence_for_its_owner(found: dict[str, Any]) -> None:
    evidence = {pointer: each for pointer, each in found.items() if each}
    others = frozenset(found.keys() - evidence.keys())
    rules, left = propose_rules(evidence, others)
    assert len(rules) <= LIMIT
    for rule in rules:
        covered = [pointer for pointer in found if covers(rule.pointer, pointer)]
        assert covered
        assert all(pointer in evidence and evidence[pointer].owner == rule.owner for pointer in covered)
    owned = {pointer for pointer, each in evidence.items() if each.owner}
    patterns = [*(rule.pointer for rule in BUILT_IN), *(rule.pointer for rule in rules)]
    reached = {pointer for pointer in owned if any(covers(pattern, pointer) for pattern in patterns)}
    assert owned - reached == set(left)


def test_the_evidence_is_said_in_plain_words() -> None:
    """No word of our own: people read it before they accept a rule."""
    found = [Evidence(apart=3), Evidence(apart=2)]
    assert told(found, "own") == "stayed in one environment 5 times in Git's history (at 2 pointers)"
    assert told([Evidence(travelled=1)], "promote") == "went from one environment to another 1 time in Git's history"
