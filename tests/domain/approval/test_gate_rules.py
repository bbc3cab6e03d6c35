"""Each rule of the gate by itself: what it says, and what `decide` makes of all of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from liftgate.domain.approval.author import Authors
from liftgate.domain.approval.gate import (
    GateContext,
    approvals,
    decide,
    freeze,
    in_turn,
    known_authors,
    paused,
    soak,
    upstream,
    verified_in,
    verified_upstream,
)
from liftgate.domain.approval.pause import Pause
from liftgate.domain.approval.policy import Approvals, Policy
from liftgate.domain.approval.requester import Requester
from liftgate.domain.approval.sync_window import Closed, Windows
from liftgate.domain.approval.turn import Turn
from liftgate.domain.common.verdict import passed, pending
from liftgate.domain.planning.plan_value import FilePlan, Plan
from tests.domain.approval.test_gate import DAY, MINUTE, gate_context, held, vote
from tests.examples import NOW, entry

ROSA = Requester(name="rosa", proof="server")
PAUSE = Pause(environment="prod", reason="incident 7", by="ada", since=NOW)


def test_a_pause_holds_it_and_its_deadline_begins_when_it_is_lifted() -> None:
    one = gate_context(Approvals(needed=1), ROSA, [("ada", "approve")], age=5 * DAY)
    decision = decide(one.copy_with(pause=PAUSE))
    assert (decision.state, decision.until, decision.approved_by) == ("waiting", NOW + DAY, ())
    assert decision.reason == PAUSE.sentence
    assert decide(one).opens, "as soon as it is lifted"


def test_a_refusal_counts_while_promotions_are_paused() -> None:
    asked = gate_context(Approvals(needed=1), ROSA, [("ada", "reject")])
    assert decide(asked.copy_with(pause=PAUSE)).state == "refused"


def test_each_rule_says_that_it_holds_nothing() -> None:
    asked = gate_context(Approvals(needed=0), ROSA, [])
    said = [rule(asked).reason for rule in (approvals, known_authors, paused, soak, freeze, upstream)]
    assert said == [
        "no approval needed",
        "no author is refused",
        "promotions are not paused",
        "no soak time is needed",
        "not frozen",
        "it has no upstream environment",
    ]
    assert all(rule(asked).passed for rule in (approvals, known_authors, paused, soak, freeze, upstream))


def test_what_opened_it_is_said_and_who_approved() -> None:
    asked = gate_context(Approvals(needed=2), ROSA, [("ada", "approve"), ("grace", "approve"), ("rosa", "approve")])
    decision = decide(asked)
    assert (decision.reason, decision.approved_by) == ("approved by ada, grace", ("ada", "grace"))
    soaked = held(MINUTE, 30 * MINUTE, "ada", soak="30m")
    assert soaked.reason == "approved by ada"
    assert decide(gate_context(Approvals(needed=0), ROSA, [])).reason == "no approval needed"


def test_what_soaked_or_was_verified_is_said() -> None:
    policy = Policy.model_validate({"approvals": {}, "soak": "30m"})
    asked = gate_context(Approvals(), ROSA, []).copy_with(policy=policy, verified={"staging": NOW - 30 * MINUTE})
    assert soak(asked).reason == "soaked for 30 min"
    assert upstream(asked).reason == "verified upstream"


def test_of_several_upstream_environments_the_last_one_counts() -> None:
    policy = Policy.model_validate({"approvals": {}, "soak": "30m"})
    verified = {"eu": NOW - 40 * MINUTE, "us": NOW - 10 * MINUTE}
    asked = gate_context(Approvals(), ROSA, []).copy_with(policy=policy, verified=verified)
    assert f"soaks until {NOW + 20 * MINUTE:%a %d %b %H:%M} UTC" in soak(asked).reason
    lost = verified_upstream({"eu": None, "us": None, "asia": NOW}, "prod", "")
    assert lost.reason == (
        "this release is not verified in eu and us, so it may not go to prod; promote it to eu first"
    )


def test_a_rejection_is_told_with_its_reason() -> None:
    asked = gate_context(Approvals(needed=1), ROSA, [])
    no = vote("ada", "reject")
    assert decide(asked.copy_with(votes=(no,))).reason == "rejected by ada"
    assert decide(asked.copy_with(votes=(no.copy_with(reason="not today"),))).reason == "rejected by ada: not today"


def test_prefects_form_is_told_as_such() -> None:
    asked = gate_context(Approvals(needed=2, unproven=True), ROSA, [])
    no = decide(asked.copy_with(unproven=(True, False)))
    assert (no.state, no.reason) == ("refused", "rejected in Prefect's form")
    both = decide(asked.copy_with(unproven=(True, True)))
    assert (both.opens, both.reason, both.approved_by) == (True, "approved by Prefect's form", ())
    mixed = decide(asked.copy_with(unproven=(True,), votes=(vote("ada"),)))
    assert (mixed.opens, mixed.reason, mixed.approved_by) == (True, "approved by ada", ("ada",))
    assert decide(asked.copy_with(unproven=(True,))).reason.startswith("needs 1 approval")


def test_prefects_form_opens_nothing_where_policy_does_not_allow_it() -> None:
    asked = gate_context(Approvals(needed=1), ROSA, []).copy_with(unproven=(True, True))
    assert decide(asked).waits
    assert decide(asked.copy_with(unproven=(False,))).waits, "it rejects nothing either"


def test_after_a_freeze_people_have_their_whole_time() -> None:
    window = {"cron": f"{NOW.minute} {NOW.hour} * * *", "for": "2h"}
    frozen = held(5 * DAY, freeze=[window])
    assert (frozen.state, frozen.until) == ("waiting", NOW + 120 * MINUTE + DAY)


def test_the_form_of_a_claimed_requester_needs_no_more_than_policy_says() -> None:
    """It proves no one, so one more would prove nothing either; without an answer in it one more is needed."""
    claimed = Requester(name="rosa")
    asked = gate_context(Approvals(needed=1, unproven=True), claimed, [])
    assert decide(asked.copy_with(unproven=(True,))).opens
    assert decide(asked.copy_with(votes=(vote("ada"),))).reason.startswith("needs 1 approval")


def test_too_few_people_close_it_at_once_and_no_vote_is_waited_for() -> None:
    rule = Approvals.model_validate({"needed": 2, "from": ["ada", "rosa"]})
    decision = decide(gate_context(rule, ROSA, []))
    assert decision.state == "refused"
    assert decision.reason.startswith("it needs 2 approvals, and only ada may approve this")
    assert "policy.prod.approvals.from" in decision.reason


def test_the_people_of_the_configuration_may_vote_where_no_list_is_written() -> None:
    asked = gate_context(Approvals(needed=2), ROSA, []).copy_with(known=("ada", "rosa"))
    assert decide(asked).state == "refused", "only ada is left"
    assert decide(asked.copy_with(known=("ada", "rosa", "grace"))).waits


def test_an_unknown_author_is_reported_or_refused_as_policy_says() -> None:
    unknown = Authors(unknown=("Tom <tom@example.com>", "Eve <eve@example.com>", "Max", "Ann"))
    asked = gate_context(Approvals(needed=0), ROSA, []).copy_with(authors=unknown)
    assert decide(asked).opens
    strict = asked.copy_with(policy=Policy(approvals=Approvals(), unknown_author="refuse"))
    decision = decide(strict)
    assert decision.state == "refused"
    assert decision.reason == (
        "Tom <tom@example.com>, Eve <eve@example.com> and Max wrote a part of this and is not in people; add the "
        'e-mail address to people, or set policy.prod.unknown_author to "report"'
    )
    assert decide(strict.copy_with(authors=Authors(people=("ada",)))).opens


def test_the_first_refusal_is_told_upstream_before_authors_before_votes() -> None:
    policy = Policy(approvals=Approvals(needed=1), unknown_author="refuse")
    asked = gate_context(Approvals(needed=1), ROSA, [("ada", "reject")]).copy_with(
        policy=policy, authors=Authors(unknown=("Tom",)), verified={"staging": None}
    )
    assert "is not verified in staging" in decide(asked).reason
    assert "Tom wrote a part" in decide(asked.copy_with(verified={})).reason
    assert decide(asked.copy_with(verified={}, authors=Authors())).reason == "rejected by ada"


def test_an_expired_gate_says_how_long_it_waited() -> None:
    asked = gate_context(Approvals(needed=1), ROSA, [], age=2 * DAY)
    expired = decide(asked)
    assert (expired.reason, expired.until) == ("no decision within 24 hours; start a new run", None)
    assert decide(asked.copy_with(deadline=100 * MINUTE)).reason == "no decision within 1.7 hours; start a new run"


def test_it_waits_to_the_last_moment_of_its_deadline() -> None:
    asked = gate_context(Approvals(needed=1), ROSA, [], age=DAY)
    assert (decide(asked).state, decide(asked).until) == ("waiting", NOW)
    later = asked.copy_with(now=NOW + timedelta(microseconds=1))
    assert decide(later).state == "expired"


def test_a_window_without_a_known_end_is_counted_from_now_and_a_known_one_from_its_end() -> None:
    asked = gate_context(Approvals(needed=1), ROSA, [], age=5 * DAY)
    unknown = Closed(application="shop", windows=())
    assert decide(asked.copy_with(windows=Windows(closed=(unknown,)))).until == NOW + DAY
    assert decide(asked.copy_with(windows=Windows(closed=(unknown.copy_with(until=NOW + DAY),)))).until == NOW + 2 * DAY


def test_a_release_is_verified_where_the_ledger_says_so_and_as_long_as_it_stands() -> None:
    policy = Policy(after=("dev", "staging"))
    good = entry(environment="staging", release="sha256:r")
    found = verified_in([good], "example-app", policy, "sha256:r")
    assert found == {"dev": None, "staging": good.times.finished}
    assert verified_in([good], "other", policy, "sha256:r") == {"dev": None, "staging": None}
    assert verified_in([good], "example-app", policy, "sha256:s") == {"dev": None, "staging": None}
    assert verified_in([good], "example-app", Policy(), "sha256:r") == {}


def test_the_context_of_a_plan_has_everything_that_decides() -> None:
    """A fact that is lost on the way would open a gate, or none."""
    good = entry(environment="staging", release="sha256:r")
    plan = Plan(application="example-app", environment="prod", release_id="sha256:r", version="1.4.2",
                files=(FilePlan(path="p", blob="b"),), rows=(), policy_hash="h")  # fmt: skip
    given: dict[str, Any] = {
        "requester": ROSA, "authors": Authors(people=("ada",)), "known": ("ada",), "opened": NOW, "now": NOW + MINUTE,
        "deadline": DAY, "votes": (vote("ada"),), "unproven": (True,), "pause": PAUSE, "until": NOW + DAY,
    }  # fmt: skip
    policy = Policy(after=("staging",))
    context = GateContext.of(plan, policy, [good], **given)
    assert {name: getattr(context, name) for name in given} == given
    assert (context.environment, context.version, context.policy) == ("prod", "1.4.2", policy)
    assert context.verified == {"staging": good.times.finished}
    update = plan.copy_with(release_id="", version="")
    assert GateContext.of(update, policy, [good], **given).verified == {}, "an update has no upstream"
    bare = GateContext.of(plan, policy, [], requester=ROSA, authors=Authors(), opened=NOW, now=NOW, deadline=DAY)
    assert (bare.known, bare.votes, bare.unproven, bare.pause, bare.until) == ((), (), (), None, None)


def test_without_a_rule_about_approvals_none_is_needed() -> None:
    asked = gate_context(Approvals(), ROSA, []).copy_with(policy=Policy())
    assert decide(asked).opens


def test_an_approval_of_another_rendered_change_counts_only_where_policy_reports() -> None:
    ada, grace = vote("ada").copy_with(rendered="sha256:1"), vote("grace").copy_with(rendered="sha256:2")
    asked = gate_context(Approvals(needed=1), ROSA, []).copy_with(votes=(ada, grace))
    report = asked.for_rendering("sha256:2")
    assert (report.votes, report.saw_another, asked.needs_rendering) == ((ada, grace), ("ada",), False)
    assert decide(report).reason == "approved by ada, grace; the rendered change differs from what ada saw"
    again = asked.copy_with(policy=Policy(approvals=Approvals(needed=2), rendered="ask-again"))
    assert (again.needs_rendering, again.copy_with(votes=()).needs_rendering) == (True, False)
    counted = again.for_rendering("sha256:2")
    assert (counted.votes, counted.saw_another) == ((grace,), ("ada",))
    decision = decide(counted)
    assert (decision.state, decision.until) == ("waiting", NOW + DAY / 2)
    assert decision.reason == (
        "needs 1 approval: anyone but the requester; the rendered change differs from what ada saw, "
        "so they are asked again"
    )


def test_a_rejection_counts_whatever_was_rendered_and_its_sentence_stays_as_it_is() -> None:
    no, yes = vote("ada", "reject").copy_with(rendered="sha256:1"), vote("grace").copy_with(rendered="sha256:1")
    policy = Policy(approvals=Approvals(needed=1), rendered="ask-again")
    asked = gate_context(Approvals(needed=1), ROSA, []).copy_with(policy=policy, votes=(no, yes))
    decision = decide(asked.for_rendering("sha256:2"))
    assert (decision.state, decision.reason) == ("refused", "rejected by ada")


def test_what_other_promotions_mean_for_it_ends_or_delays_it() -> None:
    one = gate_context(Approvals(needed=1), ROSA, [("ada", "approve")], age=5 * DAY)
    assert in_turn(one) == passed("no other promotion comes first")
    assert decide(one).opens
    for state in ("superseded", "refused"):
        decision = decide(one.copy_with(turn=Turn(state=state, reason="because of 42", other="42")))
        assert (decision.state, decision.reason) == (state, "because of 42")
    later = one.copy_with(turn=Turn(state="later", reason="after 42", other="42"))
    assert in_turn(later) == pending("after 42")
    decision = decide(later)
    assert (decision.state, decision.reason, decision.until) == ("waiting", "after 42", NOW + DAY)


def test_a_freeze_delays_the_deadline_as_long_as_it_lasts() -> None:
    began = NOW - timedelta(hours=1)
    frozen = Policy.model_validate(
        {"approvals": {"needed": 1}, "freeze": [{"cron": f"{began:%M %H %d %m} *", "for": "72h", "timezone": "UTC"}]}
    )
    one = gate_context(Approvals(needed=1), ROSA, [("ada", "approve")], age=DAY / 24)
    decision = decide(one.copy_with(policy=frozen))
    assert (decision.state, decision.until) == ("waiting", began + 3 * DAY + DAY)


def test_a_gate_that_expired_says_after_how_many_hours() -> None:
    one = gate_context(Approvals(needed=1), ROSA, [], age=500 * DAY).copy_with(deadline=400 * DAY)
    assert decide(one).reason == "no decision within 9600 hours; start a new run"
