"""What only GitHub has of branch rules: Apps, teams, the classic protection, lost answers, and lines of CODEOWNERS."""

from __future__ import annotations

from typing import Any

import pytest
from liftgate_sandbox.forge import Protection
from liftgate_sandbox.serve import serve
from starlette.responses import JSONResponse

from liftgate.domain.config.configuration import Configuration
from liftgate.domain.protection.difference import HIDDEN, changes, lines
from liftgate.domain.protection.foreign import foreign_lines
from liftgate.domain.protection.ruleset import Actor, Ruleset
from liftgate.domain.protection.wanted import wanted_rulesets
from liftgate.errors import Refused, Unavailable
from liftgate.integrations.forge.github import GitHub
from liftgate.integrations.forge.github_clicks import classic_clicks
from liftgate.integrations.forge.protection import NoRight
from tests.examples import SEED
from tests.integrations.conftest import Hosted
from tests.integrations.forge import test_github_app as app
from tests.integrations.forge.github_world import BOT, made
from tests.integrations.forge.test_contract import fault


@pytest.fixture
def owner(hosted: Hosted) -> GitHub:
    hosted.forge.add_user("owner", "token-of-owner", permission="admin")
    return made(hosted, token="token-of-owner")


def wanted(*worker: Actor) -> tuple[Ruleset, ...]:
    return wanted_rulesets(Configuration.model_validate(SEED), "main", worker)


def test_an_app_that_signs_in_is_the_account_and_is_found_by_its_name(hosted: Hosted, owner: GitHub) -> None:
    app.install(hosted)
    own = app.made(hosted).protection().own_account()
    assert own == owner.protection().account(f"{app.APP.lower()}[bot]")
    assert (own.is_app, own.actor.type) == (True, "Integration")
    for each in wanted(own.actor):
        owner.protection().write(each)
    seen = app.made(hosted).protection().seen(wanted(own.actor))
    assert changes(wanted(own.actor), seen) == ()


def test_a_team_may_stand_for_the_worker_and_its_members_see_that_they_may_bypass(
    hosted: Hosted, owner: GitHub
) -> None:
    hosted.forge.add_team("shop", "workers", BOT)
    team = owner.protection().account("@shop/workers").actor
    for each in wanted(team):
        owner.protection().write(each)
    assert changes(wanted(team), owner.protection().seen(wanted(team))) == ()
    worker = made(hosted).protection()
    own = worker.own_account().actor
    assert changes(wanted(own), worker.seen(wanted(own))) == ()


def test_a_lost_answer_makes_no_second_ruleset(hosted: Hosted, owner: GitHub) -> None:
    rulesets = wanted(owner.protection().account(BOT).actor)
    fault(hosted, "lost-answer", path="/rulesets")
    with pytest.raises(Unavailable):
        owner.protection().write(rulesets[0])
    assert changes(rulesets, owner.protection().seen(rulesets)) == rulesets[1:]


def classic(hosted: Hosted, **rules: Any) -> None:
    """GitHub's older kind of protection of main."""
    hosted.forge.protect("shop/config", "main", Protection(classic=True, **rules))


def test_what_a_classic_protection_guarantees_is_not_written_again(hosted: Hosted, owner: GitHub) -> None:
    """It forbids deletion, force pushes and merges without the check; reviews and our own branches are missing."""
    classic(hosted, contexts=("liftgate",))
    rulesets = wanted()
    written = changes(rulesets, owner.protection().seen(rulesets))
    assert [each.name for each in written] == [each.name for each in rulesets[1:]]
    assert [rule.type for rule in written[0].rules] == ["pull_request"]
    for each in written:
        owner.protection().write(each)
    seen = owner.protection().seen(rulesets)
    assert changes(rulesets, seen) == ()
    assert [line.wanted for line in lines(rulesets, seen) if line.state != "in place"] == []
    assert owner.protection().seen(rulesets).foreign["main"] != ()
    hosted.forge.store.edit("shop/config", protections={})
    again = changes(rulesets, owner.protection().seen(rulesets))
    assert [each.name for each in again] == [each.name for each in rulesets[:2]], "it was removed, and is missed"


def test_a_classic_protection_that_keeps_the_worker_out_is_named_and_one_that_lets_it_pass_is_not(
    hosted: Hosted, owner: GitHub
) -> None:
    worker = owner.protection().account(BOT).actor
    rulesets = wanted(worker)

    def told() -> list[tuple[str, str, str]]:
        found = foreign_lines(rulesets, owner.protection().seen(rulesets))
        return [(line.wanted, line.state, line.by_hand) for line in found]

    classic(hosted, approvals=1, contexts=("test",), locked=True, may_push=("ada",))
    ((title, state, click),) = told()
    assert (title, state) == ("the worker may push to main", "missing")
    assert f"add {BOT} to those who may push" in click
    assert f"let {BOT} bypass required pull requests" in click
    assert "turn off its required status checks" in click
    classic(hosted, approvals=1, locked=True, may_push=("ada", BOT))
    assert told() == []


@pytest.mark.parametrize(
    ("rules", "who"), [({"admins_pass": True}, "all administrators"), ({"may_push": ("ada", BOT)}, "ada")]
)
def test_a_classic_protection_that_lets_others_pass_guarantees_nothing(
    rules: dict[str, Any], who: str, hosted: Hosted, owner: GitHub
) -> None:
    classic(hosted, **rules, approvals=1)
    wanted_now = wanted(owner.protection().account(BOT).actor)
    seen = owner.protection().seen(wanted_now)
    (line,) = (each for each in lines(wanted_now, seen) if each.wanted.startswith("main: changes by pull request only"))
    assert (line.state, line.there) == ("missing", f"a rule of others has it, and lets {who} pass")
    written = next(each for each in changes(wanted_now, seen) if each.name == line.ruleset)
    assert "pull_request" in {rule.type for rule in written.rules}
    owner.protection().write(written)
    now = {each.wanted: each.state for each in lines(wanted_now, owner.protection().seen(wanted_now))}
    assert (now[line.wanted], now["main: no deletion"]) == ("in place", "in place")


def test_what_only_an_administrator_is_told_is_not_called_missing(hosted: Hosted) -> None:
    classic(hosted, approvals=1)
    seen = made(hosted).protection().seen(wanted())
    states = {line.wanted: (line.state, line.there) for line in lines(wanted(), seen)}
    assert states["main: no deletion"] == ("not checked", HIDDEN)
    assert states["liftgate/ledger: no deletion"][0] == "missing"
    assert [each.name for each in changes(wanted(), seen)] == [each.name for each in wanted()[2:]]


def test_a_repository_that_can_have_no_rules_at_all_is_told_so(hosted: Hosted, owner: GitHub) -> None:
    """A private one, on a free plan."""
    fault(hosted, "not-allowed", path="/rulesets", times=99)
    rulesets = wanted()
    with pytest.raises(NoRight, match="neither rulesets nor classic protections"):
        owner.protection().write(rulesets[0])
    assert "make https://github.com/shop/config public" in owner.protection().by_hand(rulesets[0])


def test_an_old_enterprise_server_gets_the_clicks_of_its_classic_protections(hosted: Hosted, owner: GitHub) -> None:
    worker = owner.protection().account(BOT).actor
    answer = JSONResponse({"message": "Not Found"}, 404, {"x-github-enterprise-version": "3.10.2"})
    with serve(answer) as served:
        old = made(hosted, url=served.url).protection()
        with pytest.raises(NoRight, match="this Enterprise Server has no rulesets"):
            old.write(wanted(worker)[0])
        said = "\n".join(map(old.by_hand, wanted(worker)))
    assert "Open https://github.com/shop/config/settings/branches" in said
    for click in (
        "Branch name pattern: main",
        "Branch name pattern: liftgate/promotions/*\n",
        "leave “Allow force pushes” off",
        "turn on “Require a pull request before merging”",
        f"turn on “Allow specified actors to bypass required pull requests”: {BOT}",
        "leave “Require status checks to pass before merging” off: it would refuse the worker's pushes",
        f"turn on “Restrict who can push to matching branches”: {BOT}",
    ):
        assert click in said, click
    by_pull_request = wanted()[1].copy_with(bypass=())
    assert "turn on “Require status checks to pass before merging”" in classic_clicks("https://x", by_pull_request)


def test_where_there_are_no_rulesets_the_classic_protection_counts(hosted: Hosted, owner: GitHub) -> None:
    classic(hosted, approvals=1, contexts=("liftgate",))
    fault(hosted, "not-allowed", path="/rulesets", times=99)
    rulesets = wanted()
    missing = changes(rulesets, owner.protection().seen(rulesets))
    assert [each.name for each in missing] == ["Liftgate: ledger", "Liftgate: branches of the worker"]


def test_a_reader_learns_of_the_classic_protection_what_every_reader_is_told(hosted: Hosted) -> None:
    hosted.forge.protect("shop/config", "main", Protection(contexts=("liftgate",)))
    fault(hosted, "not-allowed", path="/rulesets", times=99)
    found = made(hosted).protection().seen(wanted()).foreign["main"]
    assert [rule.type for rule in found] == ["required_status_checks"]


def test_an_enterprise_server_takes_no_single_user_and_what_it_takes_is_named(hosted: Hosted, owner: GitHub) -> None:
    """Its own description says so; tests/github_openapi.py knows this one difference."""
    ruleset = next(each for each in wanted(owner.protection().account(BOT).actor) if each.bypass)
    headers = {"x-github-enterprise-version": "3.19.1"}
    answer = JSONResponse({"message": "Validation Failed", "errors": ["Invalid actor"]}, 422, headers)
    with serve(answer) as served, pytest.raises(Refused, match=r"--worker @ORGANIZATION/TEAM"):
        made(hosted, url=served.url).protection().write(ruleset)


def test_owners_that_github_does_not_know_are_told(hosted: Hosted, owner: GitHub) -> None:
    assert owner.protection().owner_errors("main") == {}
    hosted.commit({".github/CODEOWNERS": b"# all\n* @ada @mallory\n"})
    assert owner.protection().owner_errors("main") == {
        "line 2": "Unknown owner on line 2: make sure @mallory exists and has write access to the repository"
    }
