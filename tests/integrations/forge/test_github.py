"""GitHub's own ways: renamed repositories, forks, forms, and answers that are none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

import pytest
from liftgate_sandbox.serve import serve
from sandbox_tests.plain import http
from starlette.requests import Request
from starlette.responses import JSONResponse

from liftgate.errors import LiftgateError, Misconfigured, Refused, Unavailable
from liftgate.integrations.forge import Access, Hook
from liftgate.integrations.forge.github import GitHub, api_of
from tests.integrations.conftest import Hosted
from tests.integrations.forge.github_world import ask, made
from tests.integrations.forge.test_contract import BRANCH, SECRET, fault, propose, pushed, signed


def test_the_reasons_of_a_refusal_are_kept(hosted: Hosted, forge: GitHub) -> None:
    head = hosted.mirror("reader").fetch()
    hosted.forge.bare("shop/config").update_ref(f"refs/heads/{BRANCH}", head)
    with pytest.raises(Refused, match=f"No commits between main and {BRANCH}"):
        propose(forge)
    hosted.forge.bare("shop/config").delete_ref(f"refs/heads/{BRANCH}")
    with pytest.raises(Refused, match="head invalid"):
        propose(forge)


@pytest.mark.parametrize("kind", ["something-else", "something-else-in-a-list"])
def test_an_answer_without_the_expected_fields_is_not_githubs(hosted: Hosted, forge: GitHub, kind: str) -> None:
    head = pushed(hosted)
    number = propose(forge)
    ways: list[Callable[[], object]] = [
        lambda: forge.find(BRANCH, "main"),
        lambda: made(hosted).reviewed(BRANCH, "main"),
        lambda: made(hosted).reviewed(BRANCH, "main", within=30),
        lambda: forge.merge(number, head=head, title="T", message="M"),
        lambda: forge.merge_problem("main"),
        lambda: forge.close(number, BRANCH, "why"),
    ]
    for way in ways:
        fault(hosted, kind, times=9)
        with pytest.raises(Misconfigured, match="not GitHub's answer"):
            way()
        http.delete(f"{hosted.url}/sandbox/faults")


def test_a_comment_that_is_not_allowed_stops_no_closing(hosted: Hosted, forge: GitHub) -> None:
    pushed(hosted)
    number = propose(forge)
    fault(hosted, "not-allowed", path="/comments")
    forge.close(number, BRANCH, "rejected by grace")
    found = forge.find(BRANCH, "main")
    assert found is not None
    assert found.state == "closed"


def test_a_closing_that_is_tried_again_says_why_once(hosted: Hosted, forge: GitHub) -> None:
    pushed(hosted)
    number = propose(forge)
    fault(hosted, "status-503", path=f"/pulls/{number}", method="PATCH")
    with pytest.raises(Unavailable):
        forge.close(number, BRANCH, "rejected by grace")
    forge.close(number, BRANCH, "rejected by grace")
    said = [each["body"] for each in ask(hosted, "ada", "GET", f"/issues/{number}/comments")]
    assert said == ["rejected by grace"]


def test_a_renamed_repository_is_followed(hosted: Hosted, forge: GitHub) -> None:
    head = pushed(hosted)
    number = propose(forge)
    hosted.forge.rename("shop/config", "store/settings")
    for each in (forge, made(hosted)):
        found = each.find(BRANCH, "main")
        assert found is not None
        assert found.number == number
    assert forge.merge(number, head=head, title="T", message="M").state == "merged"
    assert hosted.mirror("reader").fetch() != head, "git follows it by itself"


def test_a_redirect_to_another_host_gets_no_token(hosted: Hosted) -> None:
    seen: list[str] = []

    async def elsewhere(scope: Any, receive: Any, send: Any) -> None:
        request = Request(scope)
        seen.append(request.headers.get("authorization", ""))
        to = str(request.url).replace("127.0.0.1", "localhost")
        await JSONResponse({}, 301, {"location": to})(scope, receive, send)

    with serve(elsewhere) as served, pytest.raises(Misconfigured, match="redirects to localhost"):
        made(hosted, url=served.url).find(BRANCH, "main")
    assert len(seen) == 1


def test_only_the_pull_request_of_the_branch_is_closed(hosted: Hosted, forge: GitHub) -> None:
    """The number comes from a flow, which may lie; the branch is checked to be a proposal's."""
    pushed(hosted)
    number = propose(forge)
    forge.close(number, f"{BRANCH}-another", "why")
    found = forge.find(BRANCH, "main")
    assert found is not None
    assert found.state == "open"


def test_a_forks_branch_of_the_same_name_is_not_ours(hosted: Hosted, forge: GitHub) -> None:
    pull = {
        "number": 3,
        "state": "open",
        "head": {"ref": BRANCH, "sha": "a" * 40, "repo": {"id": 2, "full_name": "shop/fork"}},
        "base": {"ref": "main", "sha": "b" * 40, "repo": {"id": 1, "full_name": "shop/config"}},
    }
    gone = pull | {"number": 4, "head": pull["head"] | {"repo": None}}  # type: ignore[operator]

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        await JSONResponse([pull, gone])(scope, receive, send)

    with serve(answer) as served:
        assert made(hosted, url=served.url).find(BRANCH, "main") is None


def test_an_address_that_is_none_is_one_sentence() -> None:
    remote = "http://127.0.0.1:99999/shop/config.git"
    with pytest.raises(LiftgateError, match="not reachable at"):
        GitHub(Access(remote=remote, token="t")).find(BRANCH, "main")


def test_calls_name_liftgate(hosted: Hosted) -> None:
    seen: list[Mapping[str, str]] = []

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        seen.append(Request(scope).headers)
        await JSONResponse([])(scope, receive, send)

    with serve(answer) as served:
        made(hosted, url=served.url).find(BRANCH, "main")
    assert seen[0]["user-agent"].startswith("Liftgate/")


def test_a_token_that_worked_before_is_tried_again_for_a_while(hosted: Hosted, forge: GitHub) -> None:
    fault(hosted, "bad-credentials")
    with pytest.raises(Misconfigured):
        forge.find(BRANCH, "main")
    assert forge.find(BRANCH, "main") is None
    fault(hosted, "bad-credentials", times=2)
    with pytest.raises(Unavailable, match="worked before"):
        forge.find(BRANCH, "main")
    forge._rest._refused_since -= 3600
    with pytest.raises(Misconfigured):
        forge.find(BRANCH, "main")


def test_a_form_is_read_like_json(hosted: Hosted) -> None:
    called: list[tuple[Mapping[str, str], bytes]] = []

    async def receiver(scope: Any, receive: Any, send: Any) -> None:
        request = Request(scope, receive)
        called.append((dict(request.headers), await request.body()))
        await JSONResponse({})(scope, receive, send)

    with serve(receiver) as served:
        hosted.forge.add_webhook("shop/config", served.url, SECRET, ("pull_request_review",), content_type="form")
        pushed(hosted)
        number = propose(made(hosted))
        ask(hosted, "ada", "POST", f"/pulls/{number}/reviews", event="APPROVE")
        hosted.forge.close()
    ((headers, body),) = called
    assert headers["content-type"] == "application/x-www-form-urlencoded"
    assert made(hosted, webhook_secret=SECRET).webhook(headers, body) == Hook(reviewed=BRANCH)


@pytest.mark.parametrize(
    "body", [b"payload=", b"", b"\xff", b"payload=%FF", b"x=1&" * 20, urlencode({"a": "{}"}).encode()]
)
def test_a_form_may_be_anything(body: bytes) -> None:
    headers = signed(body) | {
        "x-github-event": "pull_request_review",
        "content-type": "application/x-www-form-urlencoded; charset=utf-8",
    }
    assert GitHub(Access(webhook_secret=SECRET)).webhook(headers, body) == Hook()


@pytest.mark.parametrize(
    ("remote", "api"),
    [
        ("https://github.com/shop/config.git", "https://api.github.com"),
        ("git@github.com:shop/config.git", "https://api.github.com"),
        ("ssh://git@ssh.github.com:443/shop/config.git", "https://api.github.com"),
        ("https://acme.ghe.com/shop/config.git", "https://api.acme.ghe.com"),
        ("https://ada@git.example.com/shop/config.git", "https://git.example.com/api/v3"),
        ("https://git.example.com:8443/shop/config.git", "https://git.example.com:8443/api/v3"),
        ("ssh://git@git.example.com:2222/shop/config.git", "https://git.example.com/api/v3"),
        ("git@git.example.com:shop/config.git", "https://git.example.com/api/v3"),
        ("", "https://api.github.com"),
    ],
)
def test_the_api_is_where_the_repository_is(remote: str, api: str) -> None:
    assert api_of(remote) == api


def test_a_review_after_the_merge_says_nothing_of_it(hosted: Hosted, forge: GitHub) -> None:
    """GitHub takes reviews of merged pull requests too."""
    head = pushed(hosted)
    number = propose(forge)
    merge = ask(hosted, "ada", "PUT", f"/pulls/{number}/merge", sha=head)["sha"]
    ask(hosted, "grace", "POST", f"/pulls/{number}/reviews", event="APPROVE", body="late")
    store = hosted.forge.core.store
    repository = store.repository("shop/config")
    assert repository is not None
    late = tuple(each.model_copy(update={"submitted_at": "2999-01-01T00:00:00Z"}) for each in repository.reviews)
    store.edit("shop/config", reviews=late)
    found = forge.merged_with(merge, "main")
    assert found is not None
    assert (found.by, found.reviews) == ("ada", ())
    assert forge.merged_with("0" * 40, "main") is None, "GitHub does not know that commit"
