"""GitHub's own ways: its limits, its renamed repositories, its rules, and answers that are none."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from liftgate_sandbox.forge import Protection
from liftgate_sandbox.serve import serve
from sandbox_tests.plain import http
from starlette.requests import Request
from starlette.responses import JSONResponse

from liftgate.errors import Misconfigured, Refused, Unavailable
from liftgate.integrations.forge import Access, Hook
from liftgate.integrations.forge.github import GitHub, api_of
from liftgate.integrations.forge.github_limits import Limits
from tests.integrations.conftest import Hosted
from tests.integrations.forge.test_contract import BRANCH, SECRET, fault, propose, pushed, signed

BOT = "liftgate-bot"


def made(hosted: Hosted, **more: Any) -> GitHub:
    given = {"url": f"{hosted.url}/api/v3", "repository": "shop/config", "token": hosted.tokens[BOT]}
    return GitHub(Access(**given | more))


@pytest.fixture
def forge(hosted: Hosted) -> GitHub:
    return made(hosted)


def calls(hosted: Hosted) -> int:
    """How many calls of the bot cost something of its rate limit."""
    return hosted.forge.core.used[BOT]


def ask(hosted: Hosted, who: str, method: str, path: str, **body: Any) -> Any:
    headers = {"Authorization": f"Bearer {hosted.tokens[who]}"}
    url = f"{hosted.url}/api/v3/repos/shop/config{path}"
    return http.request(method, url, json=body, headers=headers).raise_for_status().json()


def check(hosted: Hosted, sha: str, name: str, **state: str) -> None:
    ask(hosted, "ada", "POST", "/check-runs", head_sha=sha, name=name, **state)


LIMITED = ("rate-limited", "rate-limited-until", "rate-limit-used-up", "rate-limit-used-up-429")


@pytest.mark.parametrize("kind", LIMITED)
def test_a_rate_limit_says_when_the_next_try_is(hosted: Hosted, forge: GitHub, kind: str) -> None:
    fault(hosted, kind, seconds=40)
    with pytest.raises(Unavailable, match="rate limit") as told:
        forge.find(BRANCH, "main")
    assert told.value.retry_after is not None
    assert 30 < told.value.retry_after <= 41


def test_a_limit_without_a_time_is_a_minute(hosted: Hosted, forge: GitHub) -> None:
    fault(hosted, "rate-limited-in-words")
    with pytest.raises(Unavailable) as told:
        forge.find(BRANCH, "main")
    assert told.value.retry_after == 60


def test_nothing_is_asked_while_a_limit_holds_by_no_process_of_the_installation(hosted: Hosted, tmp_path: Path) -> None:
    worker, server = made(hosted, memory=tmp_path), made(hosted, memory=tmp_path)
    fault(hosted, "rate-limited", seconds=40)
    with pytest.raises(Unavailable):
        worker.find(BRANCH, "main")
    for each in (worker, server):
        with pytest.raises(Unavailable) as told:
            each.find(BRANCH, "main")
        assert told.value.retry_after is not None
        assert 30 < told.value.retry_after <= 40
    assert calls(hosted) == 0
    assert made(hosted, memory=tmp_path, token=hosted.tokens["ada"]).find(BRANCH, "main") is None, "its own limit"


def test_a_limit_in_a_merge_is_told_with_its_time(hosted: Hosted, forge: GitHub) -> None:
    head = pushed(hosted)
    number = propose(forge)
    fault(hosted, "rate-limited", seconds=40, path="/merge")
    with pytest.raises(Unavailable) as told:
        forge.merge(number, head=head, title="T", message="M")
    assert told.value.retry_after is not None


@pytest.mark.parametrize("text", ["garbage", "1e400", "nan", ""])
def test_a_memory_that_cannot_be_read_limits_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "x").write_text(text)
    assert Limits(tmp_path / "x").left() == 0.0
    (tmp_path / "x").write_text(repr(time.time() + 10**9))
    assert Limits(tmp_path / "x").left() == 0.0, "no limit lasts so long"


def test_what_did_not_change_costs_nothing(hosted: Hosted, forge: GitHub) -> None:
    pushed(hosted)
    propose(forge)
    forge.reviewed(BRANCH, "main")
    before = calls(hosted)
    for _ in range(3):
        assert forge.reviewed(BRANCH, "main") is not None
        assert forge.merge_problem("main") == ""
    assert calls(hosted) - before == 2, "the repository and its rules, once each"


def a_minute_later(forge: GitHub) -> None:
    waiting = forge._waiting
    waiting._open = {base: (asked - 60, listed) for base, (asked, listed) in waiting._open.items()}
    waiting._seen = {name: each._replace(asked=each.asked - 60) for name, each in waiting._seen.items()}


def test_one_list_does_for_all_that_wait(hosted: Hosted, forge: GitHub) -> None:
    """The pull requests were changed some time ago; then only what is new is read."""
    head = pushed(hosted)
    branches = [f"liftgate/promotions/{number}" for number in range(6)]
    for branch in branches:
        hosted.forge.bare("shop/config").update_ref(f"refs/heads/{branch}", head)
        forge.propose(branch=branch, base="main", title="T", body="b")
    pulls = hosted.forge.store.edit("shop/config").pulls
    old = tuple(pull.model_copy(update={"updated_at": "2026-01-01T00:00:00Z"}) for pull in pulls)
    hosted.forge.store.edit("shop/config", pulls=old)
    server = made(hosted)
    for branch in branches:
        assert server.reviewed(branch, "main", within=30) is not None
    a_minute_later(server)
    before = calls(hosted)
    for branch in branches:
        found = server.reviewed(branch, "main", within=30)
        assert found is not None
        assert found.reviews == ()
    assert calls(hosted) == before, "the list did not change"
    ask(hosted, "ada", "POST", f"/pulls/{pulls[2].number}/reviews", event="APPROVE")
    a_minute_later(server)
    given = [server.reviewed(name, "main", within=30) for name in branches]
    states = [[review.state for review in each.reviews] if each else None for each in given]
    assert states == [[], [], ["approved"], [], [], []]
    assert calls(hosted) - before <= 4, "the list, and what changed"


def test_a_pending_required_check_is_waited_for(hosted: Hosted, forge: GitHub) -> None:
    hosted.forge.protect("shop/config", "main", Protection(contexts=("test", "lint")))
    head = pushed(hosted)
    number = propose(forge)
    check(hosted, head, "test", status="in_progress")
    with pytest.raises(Unavailable, match=r"test \(pending\), lint \(expected\)") as told:
        forge.merge(number, head=head, title="T", message="M")
    assert told.value.retry_after
    check(hosted, head, "test", conclusion="success")
    ask(hosted, "ada", "POST", f"/statuses/{head}", context="lint", state="success")
    assert forge.merge(number, head=head, title="T", message="M").state == "merged"


def test_checks_that_the_token_may_not_read_are_waited_for_too(hosted: Hosted, forge: GitHub) -> None:
    """GitHub's own refusal tells then."""
    hosted.forge.protect("shop/config", "main", Protection(contexts=("test",)))
    head = pushed(hosted)
    number = propose(forge)
    fault(hosted, "not-allowed", path="/check-runs", times=99)
    with pytest.raises(Unavailable, match='"test" is expected') as told:
        forge.merge(number, head=head, title="T", message="M")
    assert told.value.retry_after
    ask(hosted, "ada", "POST", f"/statuses/{head}", context="test", state="failure")
    assert "test (failure)" in forge.merge(number, head=head, title="T", message="M").reason


def test_checks_that_are_not_done_by_the_deadline_end_it(hosted: Hosted) -> None:
    hosted.forge.protect("shop/config", "main", Protection(contexts=("test",)))
    head = pushed(hosted)
    forge = made(hosted, deadline=0.0)
    merged = forge.merge(propose(forge), head=head, title="T", message="M")
    assert (merged.state, "test (expected)" in merged.reason) == ("not ready", True)


def test_a_failed_required_check_refuses_with_its_name_and_link(hosted: Hosted, forge: GitHub) -> None:
    hosted.forge.protect("shop/config", "main", Protection(contexts=("test", "lint")))
    head = pushed(hosted)
    check(hosted, head, "test", conclusion="failure")
    check(hosted, head, "other", conclusion="failure")
    url = "https://ci.example.com/7"
    ask(hosted, "ada", "POST", f"/statuses/{head}", context="lint", state="error", target_url=url)
    merged = forge.merge(propose(forge), head=head, title="T", message="M")
    assert merged.state == "not ready"
    assert "test (failure, http" in merged.reason
    assert f"lint (error, {url})" in merged.reason
    assert "other" not in merged.reason, "it is not required"


def test_a_merge_queue_is_refused_by_name(hosted: Hosted, forge: GitHub) -> None:
    head = pushed(hosted)
    number = propose(forge)
    hosted.forge.protect("shop/config", "main", Protection(merge_queue=True))
    assert "merge queue" in forge.merge_problem("main")
    merged = forge.merge(number, head=head, title="T", message="M")
    assert (merged.state, "merge queue" in merged.reason) == ("not ready", True)


def test_reviews_that_the_rules_want_are_named(hosted: Hosted, forge: GitHub) -> None:
    hosted.forge.protect("shop/config", "main", Protection(approvals=2))
    head = pushed(hosted)
    number = propose(forge)
    assert "needs 2 approving reviews" in forge.merge(number, head=head, title="T", message="M").reason
    ask(hosted, "grace", "POST", f"/pulls/{number}/reviews", event="REQUEST_CHANGES", body="no")
    assert "requested in a review by grace" in forge.merge(number, head=head, title="T", message="M").reason


def test_an_answer_that_it_was_not_merged_is_no_merge(hosted: Hosted, forge: GitHub) -> None:
    head = pushed(hosted)
    number = propose(forge)
    fault(hosted, "not-merged")
    with pytest.raises(Unavailable, match="did not merge"):
        forge.merge(number, head=head, title="T", message="M")
    assert forge.merge(number, head=head, title="T", message="M").state == "merged"


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
