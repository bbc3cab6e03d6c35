"""What the doctor says of GitHub: token, repository, push, protection, merge methods, and the product that answers."""

from __future__ import annotations

from typing import Any

import pytest
from liftgate_sandbox.forge import Protection
from liftgate_sandbox.serve import serve
from starlette.requests import Request
from starlette.responses import JSONResponse

from liftgate.domain.protection.ruleset import Ruleset
from liftgate.integrations.forge.github import GitHub
from tests.integrations.conftest import Hosted
from tests.integrations.forge.github_world import BOT, made


def states(forge: GitHub) -> dict[str, str]:
    return {name.removeprefix("forge: "): verdict.state for name, verdict in forge.inspect("main").items()}


def reason(forge: GitHub, check: str) -> str:
    return forge.inspect("main")[f"forge: {check}"].reason


def test_a_good_setup_passes(hosted: Hosted) -> None:
    hosted.forge.protect("shop/config", "main", Protection(approvals=1, may_push=(BOT,)))
    assert states(made(hosted)) == dict.fromkeys(("token", "repository", "push", "merge"), "passed")


def test_a_wrong_token_is_named_and_ends_it(hosted: Hosted) -> None:
    assert states(made(hosted, token="wrong")) == {"token": "failed"}
    assert states(made(hosted, token="")) == {"token": "failed"}
    assert "LIFTGATE_FORGE__TOKEN" in reason(made(hosted, token=""), "token")


def test_a_repository_that_is_not_there(hosted: Hosted) -> None:
    assert states(made(hosted, repository="shop/nothing")) == {"token": "passed", "repository": "failed"}


def test_a_renamed_repository_has_its_new_name(hosted: Hosted) -> None:
    hosted.forge.rename("shop/config", "shop/settings")
    assert "shop/config is called shop/settings now" in reason(made(hosted), "repository")


def test_a_reader_may_not_push(hosted: Hosted) -> None:
    hosted.forge.add_user("reader", "token-of-reader", permission="read")
    assert states(made(hosted, token="token-of-reader"))["push"] == "failed"


def test_rules_over_our_own_branches_are_named(hosted: Hosted) -> None:
    hosted.forge.protect("shop/config", "liftgate/*", Protection(locked=True))
    assert "update of liftgate/ledger" in reason(made(hosted), "push")
    hosted.forge.protect("shop/config", "liftgate/*", Protection(locked=True, may_push=(BOT,)))
    assert states(made(hosted))["push"] == "passed"


def test_a_branch_that_takes_pull_requests_only_says_what_that_means(hosted: Hosted) -> None:
    hosted.forge.protect("shop/config", "main", Protection(approvals=1))
    assert states(made(hosted))["push"] == "not configured"
    assert "main only by pull request (pull_request)" in reason(made(hosted), "push")


def test_merge_methods_and_queues_that_stop_us_are_named(hosted: Hosted) -> None:
    hosted.forge.protect("shop/config", "main", Protection(merge_queue=True))
    assert "merge queue" in reason(made(hosted), "merge")
    hosted.forge.allow_merges("shop/config", "squash")
    assert "allow_merge_commit" in reason(made(hosted), "merge")


@pytest.mark.parametrize(
    ("headers", "state", "said"),
    [
        ({"github-authentication-token-expiration": "2020-01-01 09:00:00 UTC"}, "not configured", "2020-01-01"),
        ({"github-authentication-token-expiration": "2099-01-01 09:00:00 +0200"}, "passed", "2099-01-01"),
        ({"github-authentication-token-expiration": "2099-01-01 09:00:00"}, "passed", "2099-01-01"),
        ({"github-authentication-token-expiration": "soon"}, "passed", "accepted"),
        ({"x-oauth-scopes": "repo, workflow"}, "not configured", "classic token (repo, workflow)"),
    ],
)
def test_a_tokens_kind_and_end_are_told(hosted: Hosted, headers: dict[str, str], state: str, said: str) -> None:
    async def answer(scope: Any, receive: Any, send: Any) -> None:
        body = {"id": 1, "full_name": "shop/config"} if Request(scope).url.path.endswith("/config") else []
        await JSONResponse(body, headers=headers | {"x-github-request-id": "1"})(scope, receive, send)

    with serve(answer) as served:
        found = made(hosted, url=served.url).inspect("main")["forge: token"]
    assert found.state == state
    assert said in found.reason


@pytest.mark.parametrize(
    ("path", "status", "product"),
    [
        ("/api/v1/version", 200, "Gitea"),
        ("/api/forgejo/v1/version", 200, "Forgejo"),
        ("/api/v4/version", 401, "GitLab"),
        ("/nowhere", 200, "is not GitHub"),
    ],
)
def test_another_product_is_named(hosted: Hosted, path: str, status: int, product: str) -> None:
    async def answer(scope: Any, receive: Any, send: Any) -> None:
        here = Request(scope).url.path == path
        response = JSONResponse({"version": "1"} if here else {"message": "no"}, status if here else 404)
        await response(scope, receive, send)

    with serve(answer) as served:
        found = made(hosted, url=f"{served.url}/api/v3").inspect("main")
    assert product in found["forge"].reason
    assert found["forge"].failed


def test_a_branch_may_have_any_name(hosted: Hosted) -> None:
    async def answer(scope: Any, receive: Any, send: Any) -> None:
        body: Any = {} if scope["raw_path"].endswith(b"/config/branches/release%2F1%23a/protection") else []
        await JSONResponse(body, headers={"x-github-request-id": "1"})(scope, receive, send)

    with serve(answer) as served:
        forge = made(hosted, url=served.url)
        rules = forge.protection().seen([Ruleset(name="any", include=("refs/heads/release/1#a",))])
    assert [rule.type for rule in rules.foreign["release/1#a"]] == ["deletion", "non_fast_forward"]


def test_what_does_not_answer_is_one_sentence(hosted: Hosted) -> None:
    assert states(made(hosted, url="http://127.0.0.1:9")) == {"token": "failed"}
