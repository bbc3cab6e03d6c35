"""What only GitHub has of branch rules: Apps, teams, the classic protection, lost answers, and lines of CODEOWNERS."""

from __future__ import annotations

import pytest
from liftgate_sandbox.forge import Protection
from liftgate_sandbox.serve import serve
from starlette.responses import JSONResponse

from liftgate.domain.config.configuration import Configuration
from liftgate.domain.protection.difference import changes
from liftgate.domain.protection.ruleset import Actor, Ruleset
from liftgate.domain.protection.wanted import wanted_rulesets
from liftgate.errors import Refused, Unavailable
from liftgate.integrations.forge.github import GitHub
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


def test_where_there_are_no_rulesets_the_classic_protection_counts_and_its_page_is_named(
    hosted: Hosted, owner: GitHub
) -> None:
    hosted.forge.protect("shop/config", "main", Protection(approvals=1, contexts=("liftgate",)))
    fault(hosted, "not-allowed", path="/rulesets", times=99)
    rulesets = wanted()
    missing = changes(rulesets, owner.protection().seen(rulesets))
    assert [each.name for each in missing] == ["Liftgate: ledger", "Liftgate: branches of the worker"]
    with pytest.raises(NoRight, match="/shop/config/settings/branches"):
        owner.protection().write(missing[0])


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
