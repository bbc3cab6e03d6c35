"""People and promotions at the same moment: each change has one outcome, and no environment stays locked."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from liftgate_sandbox.town import PEOPLE as TOWN

from liftgate.domain.common.verdict import passed
from liftgate.domain.promotion.take_over import FLOW, HandMade
from liftgate.errors import Unavailable
from liftgate.services import approvals, deployments
from liftgate.services.append_outcome import append_outcome
from liftgate.services.commit_plan import commit_once
from liftgate.services.outcomes import Result, entry_of
from liftgate.services.planning import planned
from liftgate.services.take_overs import TakeOvers, wait_for_take_over
from tests.lab import Lab
from tests.services.by_hand import begin, merge, propose, push, seen_by_both, take_over, taken_over
from tests.services.course import Course

PEOPLE = [*TOWN]
BLOCKS: dict[str, Any] = {
    f"part{number}": {"value": 0, "why": ["far", "enough", "apart", "for", "git"]} for number in range(6)
}


@pytest.fixture
def promoted(course: Course) -> Course:
    course.past("1.4.2")
    return course


@pytest.mark.parametrize("first", ["the promotion", "the take-over"])
def test_a_commit_that_a_promotion_and_a_take_over_verify_at_once_has_one_outcome(promoted: Course, first: str) -> None:
    """The promotion found it at its gate, and the server started the take-over, before either was recorded."""
    taken, found, run = seen_by_both(promoted)
    order = [found, taken] if first == "the promotion" else [taken, found]
    one, other = map(promoted.finish, order)
    assert (one, one.outcome) == (other, "verified" if first == "the promotion" else "promoted")
    assert [each.promotion for each in promoted.lab.entries("dev") if each.revision == taken.revision] == [
        one.promotion
    ]
    promoted.at.runs.set_state(run.id, "COMPLETED", "Promoted", "")
    is_at_rest(promoted)


def test_a_second_good_outcome_that_was_prepared_before_the_first_one_came_is_dropped(promoted: Course) -> None:
    taken, found, _ = seen_by_both(promoted)
    deployed = deployments.bring_to_cluster(promoted.at, found)
    late = entry_of(promoted.at, found, Result.good(found, deployed, passed(""), promoted.at.clock.now()))
    one = promoted.finish(taken)
    assert one.good
    assert append_outcome(promoted.at, found, late) == one
    assert [each.promotion for each in promoted.lab.entries("dev")][-1] == one.promotion
    is_at_rest(promoted)


def test_six_pull_requests_that_are_merged_at_once_have_one_entry_that_names_all(promoted: Course) -> None:
    """Of one environment, by six clicks at the same moment; each person clicks again when the forge says so."""
    lab = promoted.lab
    push(lab, **BLOCKS)
    assert take_over(promoted).good
    there = lab.json("dev")["application"]["environment"]["configs"]
    changes = [{name: there[name] | {"value": 1}} for name in BLOCKS]
    pulls = [propose(lab, by=person, **change) for person, change in zip(PEOPLE * 2, changes, strict=True)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda pull: click(lab, pull), pulls))
    run, *_ = taken_over(promoted)
    taken = begin(promoted, run)
    assert all(pull["html_url"] in promoted.said() for pull in pulls)
    entry = promoted.finish(taken)
    assert entry.by_hand is not None
    assert (entry.outcome, entry.revision) == ("promoted", lab.commits()[0].sha)
    named = {entry.by_hand.pull_request, *(each.partition(",")[0] for each in entry.by_hand.earlier)}
    assert named == {pull["html_url"] for pull in pulls}
    now = lab.json("dev")["application"]["environment"]["configs"]
    assert [now[name]["value"] for name in BLOCKS] == [1] * 6
    is_at_rest(promoted)


def test_a_merge_that_is_clicked_six_times_is_one_merge_and_one_entry(promoted: Course) -> None:
    lab = promoted.lab
    pull = propose(lab, cache={"ttl": 5})
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: click_once(lab, pull), range(6)))
    assert sorted(answers) == [200, 405, 405, 405, 405, 405]
    looks = [TakeOvers(promoted.at) for _ in range(3)]
    promoted.at.git.fetch()
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(TakeOvers.look, looks))
    (run,) = promoted.at.runs.find(flows=(FLOW,)).runs
    entry = promoted.finish(begin(promoted, run))
    assert (entry.outcome, entry.by_hand and entry.by_hand.earlier) == ("promoted", ())
    is_at_rest(promoted)


def test_a_merge_between_a_promotions_gate_and_its_commit_is_verified_first(promoted: Course) -> None:
    """The promotion waits, makes its plan again on top of the change, and keeps it."""
    promoted.release("1.4.3")
    change = promoted.begin(promoted.start("promote", to="dev"))
    plan = planned(promoted.at, change)
    decision = approvals.gate(promoted.at, change, plan)
    merge(promoted.lab, propose(promoted.lab, cache={"ttl": 5}))
    (run,) = taken_over(promoted)
    with pytest.raises(Unavailable, match="dev is busy with commit"):
        commit_once(promoted.at, change, plan, decision, lambda: passed(""))
    assert promoted.finish(begin(promoted, run)).outcome == "promoted"
    assert commit_once(promoted.at, change, plan, decision, lambda: passed("")) == "", (
        "the plan is not the approved one"
    )
    entry = promoted.finish(promoted.commit(promoted.begin(change.id)))
    assert (entry.outcome, entry.by_hand) == ("promoted", None)
    there = promoted.lab.json("dev")["application"]
    assert (there["version"], there["environment"]["configs"]["cache"]) == ("1.4.3", {"ttl": 5})
    is_at_rest(promoted)


def click(lab: Lab, pull: Any) -> None:
    """Again while the forge asks for it: another merge came first."""
    for _ in range(10):
        if click_once(lab, pull) == 200:
            return
    pytest.fail("the forge never let it be merged")


def click_once(lab: Lab, pull: Any) -> int:
    try:
        merge(lab, pull, by=pull["user"]["login"])
    except httpx.HTTPStatusError as error:
        return error.response.status_code
    return 200


def is_at_rest(course: Course) -> None:
    """Each commit has one outcome, nothing was rolled back, nothing is left to do, and no promotion would wait."""
    entries = course.lab.entries("dev")
    assert len({each.revision for each in entries}) == len(entries)
    assert [each for each in entries if each.kind == "rollback" or not each.good] == []
    assert taken_over_now(course) == []
    wait_for_take_over(course.at, "example-app", "dev")


def taken_over_now(course: Course) -> list[HandMade]:
    course.at.git.fetch()
    return TakeOvers(course.at).look()
