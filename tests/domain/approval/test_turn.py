"""Older and newer promotions at one gate: one of them goes on, and no order of events lowers an environment."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liftgate.domain.approval.turn import Candidate, Turn, Waiting, turn_of, turns_of
from liftgate.domain.common.semantic_version import is_lower
from liftgate.domain.planning.plan_value import FilePlan, Plan
from tests.examples import NOW


def candidate(identity: str, release: int, minute: int = 0, *, allow: bool = False) -> Candidate:
    """Releases are numbered by age."""
    return Candidate(
        promotion=identity,
        release=f"sha256:{release}",
        version=f"1.4.{release}",
        requested_at=NOW + timedelta(minutes=minute),
        allow_downgrade=allow,
    )


def is_older(one: Candidate, other: Candidate) -> bool:
    return is_lower(one.version, other.version)


def turns(*line: Candidate, waiting: Waiting = "supersede") -> dict[str, Turn]:
    """What each finds, whatever order it reads the others in."""
    found = {each.promotion: turn_of(each, line, waiting, is_older) for each in line}
    for order in permutations(line):
        assert found == {each.promotion: turn_of(each, order, waiting, is_older) for each in line}
        assert found == turns_of(order, waiting, is_older)
    return found


def states(*line: Candidate, waiting: Waiting = "supersede") -> dict[str, str]:
    return {promotion: turn.state for promotion, turn in turns(*line, waiting=waiting).items()}


def test_a_long_line_needs_one_comparison_for_each() -> None:
    line, compared = [candidate(f"{number:03}", number, number) for number in range(300)], []

    def counted(one: Candidate, other: Candidate) -> bool:
        compared.append(one.promotion)
        return is_older(one, other)

    found = turns_of(line, "supersede", counted)
    assert len(compared) == len(line) - 1
    assert [each for each, turn in found.items() if turn.state == "now"] == ["299"]


def test_alone_it_is_its_turn() -> None:
    assert turns(candidate("a", 2)) == {"a": Turn()}


def test_a_newer_promotion_supersedes_an_older_one() -> None:
    found = turns(candidate("a", 2), candidate("b", 3, 1))
    assert found["b"] == Turn()
    assert (found["a"].state, found["a"].other) == ("superseded", "b")
    assert found["a"].reason == (
        "superseded by the newer promotion b of 1.4.3, which waits at the same gate; decide there"
    )


def test_the_same_release_again_is_refused_and_names_the_first() -> None:
    found = turns(candidate("a", 2), candidate("b", 2, 1, allow=True))
    assert found["a"] == Turn()
    assert (found["b"].state, found["b"].other) == ("refused", "a")
    assert "promotion a already waits there with the same release 1.4.2" in found["b"].reason


def test_an_older_release_does_not_supersede_unless_the_downgrade_is_allowed() -> None:
    assert states(candidate("a", 3), candidate("b", 2, 1)) == {"a": "now", "b": "refused"}
    assert states(candidate("a", 3), candidate("b", 2, 1, allow=True)) == {"a": "superseded", "b": "now"}


def test_of_two_of_the_same_moment_one_goes_on() -> None:
    assert states(candidate("a", 2), candidate("b", 3)) == {"a": "superseded", "b": "now"}
    assert states(candidate("b", 2), candidate("a", 3)) == {"b": "refused", "a": "now"}


def test_in_a_queue_both_stay_in_order() -> None:
    line = candidate("a", 3), candidate("b", 2, 1), candidate("c", 4, 2), candidate("d", 4, 3)
    assert states(*line, waiting="queue") == {"a": "now", "b": "later", "c": "later", "d": "refused"}
    assert turns(*line, waiting="queue")["c"].reason == "waits until the earlier promotion a of 1.4.3 is over"


LINES = st.lists(st.tuples(st.integers(1, 4), st.integers(0, 3), st.booleans()), min_size=1, max_size=4)


@given(LINES, st.sampled_from(["supersede", "queue"]))
def test_exactly_one_goes_on(drawn: list[tuple[int, int, bool]], waiting: Waiting) -> None:
    line = [candidate(str(at), *each[:2], allow=each[2]) for at, each in enumerate(drawn)]
    found = [turn_of(each, line, waiting, is_older) for each in line]
    assert [turn.state for turn in found].count("now") == 1
    assert all(turn.other and turn.reason for turn in found if turn.state != "now")


@given(LINES, st.frozensets(st.tuples(st.integers(0, 3), st.integers(0, 3))))
def test_one_goes_on_even_where_older_and_newer_go_round_in_a_circle(
    drawn: list[tuple[int, int, bool]], older: frozenset[tuple[int, int]]
) -> None:
    """Versions and commits may contradict each other."""
    line = [candidate(str(at), *each[:2], allow=each[2]) for at, each in enumerate(drawn)]

    def in_circles(one: Candidate, other: Candidate) -> bool:
        return (int(one.promotion), int(other.promotion)) in older

    assert [turn_of(each, line, "supersede", in_circles).state for each in line].count("now") == 1


@dataclass
class Prod:
    """An environment, and the promotions that are under way to it, as the flow carries them out."""

    waiting: Waiting
    has: int = 1
    line: dict[str, Candidate] = field(default_factory=dict)
    """Those that came to the gate and are not over."""
    planned: dict[str, int] = field(default_factory=dict)
    """For each the release that its plan replaces: another one makes another plan, and another gate."""
    votes: set[tuple[str, int]] = field(default_factory=set)
    lowered_by: list[Candidate] = field(default_factory=list)

    def look(self, identity: str) -> None:
        """From the start: plan, gate, commit."""
        if identity not in self.line:
            return
        mine = self.line[identity]
        if self.plan(mine).refused_downgrade:
            del self.line[identity]
            return
        self.planned[identity] = self.has
        turn = turn_of(mine, self.line.values(), self.waiting, is_older)
        if turn.ends:
            del self.line[identity]
        elif turn.state == "now" and (identity, self.has) in self.votes:
            self.commit(mine)

    def commit(self, mine: Candidate) -> None:
        release = int(mine.release.removeprefix("sha256:"))
        self.lowered_by += [mine] if release < self.has else []
        self.has = release
        del self.line[mine.promotion]

    def plan(self, mine: Candidate) -> Plan:
        there = f"1.4.{self.has}"
        return Plan(
            application="example-app", environment="prod", version=mine.version, rows=(),
            files=(FilePlan(path="x", blob=""),), policy_hash="",
            older_than=there if is_lower(mine.version, there) else "",
            allow_downgrade=mine.allow_downgrade,
        )  # fmt: skip


EVENTS = st.lists(
    st.one_of(
        st.tuples(st.just("start"), st.integers(1, 5), st.sampled_from([False, False, False, True])),
        st.tuples(st.just("approve"), st.integers(0, 7), st.just(False)),
        st.tuples(st.just("look"), st.integers(0, 7), st.just(False)),
    ),
    max_size=40,
)


@given(EVENTS, st.sampled_from(["supersede", "queue"]))
def test_no_order_of_starts_approvals_and_restarts_lowers_an_environment(
    events: list[tuple[str, int, bool]], waiting: Waiting
) -> None:
    """Unless the request allows it. A run may be woken, and may begin again, at any moment, or not for a long time."""
    prod, started = Prod(waiting), 0
    for minute, (event, number, allow) in enumerate(events):
        if event == "start":
            prod.line[str(started)] = candidate(str(started), number, minute, allow=allow)
            started += 1
        elif event == "approve" and str(number) in prod.planned:
            prod.votes.add((str(number), prod.planned[str(number)]))
        else:
            prod.look(str(number))
    assert all(each.allow_downgrade for each in prod.lowered_by)


@pytest.mark.parametrize("waiting", ["supersede", "queue"])
def test_an_older_one_that_is_approved_after_the_newer_one_changes_nothing(waiting: Waiting) -> None:
    prod = Prod(waiting)
    for identity, release in (("a", 2), ("b", 3)):
        prod.line[identity] = candidate(identity, release, release)
        prod.look(identity)
    if waiting == "queue":
        del prod.line["a"]  # its run is away while the newer one is approved
    prod.votes = {(identity, has) for identity in "ab" for has in (1, 2, 3)}
    prod.look("b")
    prod.line["a"] = candidate("a", 2, 2)
    prod.look("a")
    assert (prod.has, prod.lowered_by) == (3, [])
