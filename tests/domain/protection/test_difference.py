"""What is missing of the wanted rules: applied once nothing is missing, and what other people set stays."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from liftgate.domain.approval.change_gates import STATUS_CHECK
from liftgate.domain.config.configuration import Configuration
from liftgate.domain.protection.difference import applied, changes, lines
from liftgate.domain.protection.ruleset import HEADS, Actor, Rule, Ruleset, Seen
from liftgate.domain.protection.wanted import wanted_rulesets
from tests.examples import SEED

WORKER = Actor(type="User", id=7)
ADMIN = Actor(type="RepositoryRole", id=5)


def wanted(*, signatures: bool = False, **policy: Any) -> tuple[Ruleset, ...]:
    configuration = Configuration.model_validate(SEED | {"policy": policy})
    return wanted_rulesets(configuration, "main", (WORKER,), signatures=signatures)


def complete(**policy: Any) -> Seen:
    return applied(Seen(), changes(wanted(**policy), Seen()))


def told(rulesets: tuple[Ruleset, ...], seen: Seen) -> list[str]:
    return [f"{line.wanted}: {line.there}" for line in lines(rulesets, seen) if line.is_missing]


def changed(seen: Seen, name: str, **fields: Any) -> Seen:
    own = tuple(each.copy_with(**fields) if each.name == name else each for each in seen.own)
    return seen.copy_with(own=own)


def test_from_nothing_to_protected_and_then_nothing_more() -> None:
    first = changes(wanted(), Seen())
    assert [each.name for each in first] == [each.name for each in wanted()]
    assert changes(wanted(), applied(Seen(), first)) == ()
    assert told(wanted(), applied(Seen(), first)) == []


def test_the_worker_bypasses_reviews_only_where_an_environment_is_delivered_by_push() -> None:
    by_pull_request: dict[str, Any] = {key: {"deliver": "pull-request"} for key in SEED["environments"]}
    assert wanted()[1].bypass == (WORKER,)
    assert wanted(**by_pull_request)[1].bypass == ()
    # A person may let it bypass them, so that rollbacks need no person.
    seen = changed(complete(**by_pull_request), wanted()[1].name, bypass=(WORKER,))
    assert told(wanted(**by_pull_request), seen) == []


def test_the_number_of_reviews_is_the_lowest_because_it_holds_for_the_whole_branch() -> None:
    from_ada = {"needed": 2, "from": ["ada"]}
    rule = wanted(dev={"approvals": {"needed": 1}}, staging={"approvals": from_ada})[1].rules[0]
    assert rule.parameters["required_approving_review_count"] == 1
    assert rule.parameters["require_code_owner_review"] is True
    assert wanted()[1].rules[0].parameters["required_approving_review_count"] == 0
    assert wanted()[1].rules[0].parameters["require_code_owner_review"] is False


def test_signed_commits_are_wanted_only_where_the_policy_asks_for_them() -> None:
    types = [[rule.type for rule in each.rules] for each in (wanted()[0], wanted(signatures=True)[0])]
    assert types == [["deletion", "non_fast_forward"], ["deletion", "non_fast_forward", "required_signatures"]]


def test_a_ruleset_that_a_person_loosened_is_found_and_mended() -> None:
    name = wanted()[1].name
    weaker = Rule(type="pull_request", parameters={"dismiss_stale_reviews_on_push": False})
    loosened = [
        changed(complete(), name, active=False),
        changed(complete(), name, rules=()),
        changed(complete(), name, rules=(weaker, wanted()[1].rules[1])),
        changed(complete(), name, exclude=(f"{HEADS}main",)),
        changed(complete(), name, exclude=(f"{HEADS}m*",)),
        changed(complete(), name, exclude=("~DEFAULT_BRANCH",)),
        changed(complete(), wanted()[3].name, exclude=(f"{HEADS}liftgate/promotions/shop-*",)),
        changed(complete(), name, include=(f"{HEADS}other",)),
        changed(complete(), name, bypass=()),
        changed(complete(), name, bypass=(WORKER.copy_with(mode="pull_request"),)),
    ]
    for seen in loosened:
        assert told(wanted(), seen)
        assert told(wanted(), applied(seen, changes(wanted(), seen))) == []


def test_a_bypass_that_a_person_added_is_told_and_not_taken_away() -> None:
    seen = changed(complete(), wanted()[0].name, bypass=(ADMIN,))
    assert told(wanted(), seen) == [
        "main: no account may bypass the ruleset “Liftgate: main”: RepositoryRole 5 may bypass it"
    ]
    assert changes(wanted(), seen) == ()


def test_rules_of_others_count() -> None:
    foreign = {"main": (Rule(type="deletion"), Rule(type="non_fast_forward"))}
    assert [each.name for each in changes(wanted(), Seen(foreign=foreign))] == [each.name for each in wanted()[1:]]


def test_only_what_others_do_not_guarantee_is_written() -> None:
    ours, theirs = wanted()[0], Rule(type="deletion")
    (first, *_) = changes(wanted(), Seen(foreign={"main": (theirs,)}))
    assert (first.name, [rule.type for rule in first.rules]) == (ours.name, ["non_fast_forward"])
    weaker = Rule(type="pull_request", parameters={"dismiss_stale_reviews_on_push": False})
    (_, second, *_) = changes(wanted(), Seen(foreign={"main": (weaker,)}))
    assert [rule.type for rule in second.rules] == ["pull_request", "required_status_checks"]


def test_what_this_account_is_not_told_is_neither_missing_nor_written() -> None:
    seen = Seen(hidden=("main",))
    assert [line.state for line in lines(wanted(), seen)][:4] == ["not checked"] * 4
    assert [each.name for each in changes(wanted(), seen)] == [each.name for each in wanted()[2:]]


def test_a_stricter_rule_of_a_person_stays() -> None:
    name = wanted()[1].name
    reviews = Rule(type="pull_request", parameters={"required_approving_review_count": 3, "new_one": ["x"]})
    checks = [{"context": "ci"}, {"context": STATUS_CHECK, "integration_id": 5}]
    given_checks = Rule(type="required_status_checks", parameters={"required_status_checks": checks})
    patterns = tuple(Rule(type="commit_message_pattern", parameters={"pattern": each}) for each in ("a", "b"))
    seen = changed(complete(), name, rules=(reviews, given_checks, *patterns))
    after = applied(seen, changes(wanted(), seen))
    ours = next(each for each in after.own if each.name == name)
    assert ours.rules[:2] == patterns
    assert ours.rules[2].parameters["required_approving_review_count"] == 3
    assert ours.rules[2].parameters["new_one"] == ["x"]
    assert ours.rules[3].parameters["required_status_checks"] == checks


json = st.one_of(st.booleans(), st.integers(0, 5), st.text(max_size=3))
parameters = st.fixed_dictionaries(
    {},
    optional={
        "required_approving_review_count": st.integers(0, 3),
        "require_code_owner_review": st.booleans(),
        "dismiss_stale_reviews_on_push": st.booleans(),
        "required_status_checks": st.lists(
            st.fixed_dictionaries(
                {"context": st.sampled_from(["ci", STATUS_CHECK])}, optional={"integration_id": json}
            ),
            max_size=2,
        ),
        "foreign": json,
    },
)
TYPES = ("deletion", "update", "pull_request", "required_status_checks", "required_linear_history", "workflows")
rules = st.lists(
    st.builds(Rule, type=st.sampled_from(TYPES), parameters=parameters), max_size=4, unique_by=lambda rule: rule.type
).map(tuple)
patterns = st.lists(
    st.sampled_from([f"{HEADS}main", f"{HEADS}m*", f"{HEADS}liftgate/**", f"{HEADS}other", "~ALL"]), max_size=2
).map(tuple)
actors = st.lists(st.sampled_from([WORKER, ADMIN, Actor(type="DeployKey")]), max_size=2, unique=True).map(tuple)
rulesets = st.builds(
    Ruleset,
    name=st.sampled_from([each.name for each in wanted()]),
    include=patterns,
    exclude=patterns,
    rules=rules,
    bypass=actors,
    active=st.booleans(),
    id=st.integers(1, 99),
)
seens = st.builds(
    Seen,
    own=st.lists(rulesets, max_size=4, unique_by=lambda each: each.name).map(tuple),
    foreign=st.dictionaries(st.sampled_from(["main", "liftgate/ledger"]), rules, max_size=2),
)


@given(seens, st.booleans())
def test_applied_once_nothing_is_left_to_change_and_nothing_is_loosened(seen: Seen, signatures: bool) -> None:
    rulesets = wanted(signatures=signatures)
    after = applied(seen, changes(rulesets, seen))
    assert changes(rulesets, after) == ()
    assert all(line.by_hand for line in lines(rulesets, after) if line.is_missing)
    assert after.foreign == seen.foreign
    for before in seen.own:
        now = next(each for each in after.own if each.name == before.name)
        assert now.id == before.id
        assert {*before.include} <= {*now.include}
        assert {actor.key for actor in before.bypass} <= {actor.key for actor in now.bypass}
        for rule in before.rules:
            kept = next(each for each in now.rules if each.type == rule.type)
            assert kept.covers(rule)
            assert kept.parameters.keys() >= rule.parameters.keys()
            assert kept.parameters.get("foreign") == rule.parameters.get("foreign")
