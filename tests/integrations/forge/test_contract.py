"""What every forge must do: proposing once, merging at the expected head, lost answers, reviews, webhooks, links.

A product is one parameter here. `small` is none of ours: it is registered by a line, as a team's own would be.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator, Mapping

import pytest
from liftgate_sandbox.forge import Protection
from liftgate_sandbox.serve import serve
from sandbox_tests.plain import http

from liftgate.domain.approval.policy import Person
from liftgate.domain.promotion.message import read_trailers
from liftgate.errors import Misconfigured, Unavailable
from liftgate.integrations.forge import Access, Forge, Hook
from liftgate.integrations.forge.github import GitHub
from liftgate.integrations.forge.plain import PlainRemote
from liftgate.integrations.products import FORGES, Product
from tests.examples import NOW, WORKER
from tests.integrations.conftest import AUTHOR, Hosted
from tests.integrations.forge.github_world import ask
from tests.integrations.forge.small import Small
from tests.integrations.forge.small_server import SmallServer

BRANCH = "liftgate/promotions/one"
PATH = "configs/prod/values.json"


SECRET = "of the webhook"
Called = tuple[Mapping[str, str], bytes]


def signed(body: bytes) -> dict[str, str]:
    return {"x-hub-signature-256": "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()}


def _to_github(event: str, branch: str) -> Called:
    body = json.dumps({"pull_request": {"head": {"ref": branch}}}).encode()
    return signed(body) | {"x-github-event": event}, body


def _to_small(event: str, branch: str) -> Called:
    about = "opinion" if event == "pull_request_review" else event
    return {"x-small-secret": SECRET}, json.dumps({"about": about, "from": branch}).encode()


CALLS: dict[str, Callable[[str, str], Called]] = {"github": _to_github, "small": _to_small}
"""How each calls our webhook."""


@pytest.fixture(params=CALLS)
def kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setitem(FORGES, "small", Product("tests.integrations.forge.small:Small"))
    return str(request.param)


@pytest.fixture
def adapter(kind: str, hosted: Hosted) -> Iterator[Callable[[str], Forge]]:
    """The product's adapter for a token, made as `wiring` makes it."""
    with serve(SmallServer(hosted.url)) as small:
        urls = {"github": f"{hosted.url}/api/v3", "small": small.url}
        yield lambda token: FORGES[kind].made(
            access=Access(url=urls[kind], repository="shop/config", token=token, webhook_secret=SECRET)
        )


@pytest.fixture
def forge(adapter: Callable[[str], Forge], hosted: Hosted) -> Forge:
    return adapter(hosted.tokens["liftgate-bot"])


def pushed(hosted: Hosted, data: bytes = b'{"new": 1}\n', expected: str = "") -> str:
    mirror = hosted.mirror("proposer")
    sha = mirror.write(mirror.fetch(), {PATH: data}, "Propose\n", NOW, AUTHOR, WORKER)
    assert mirror.push(sha, f"refs/heads/{BRANCH}", expected) == "pushed"
    return sha


def fault(hosted: Hosted, name: str, **more: object) -> None:
    http.post(f"{hosted.url}/sandbox/faults", json={"fault": name, "times": 1} | more).raise_for_status()


def propose(forge: Forge) -> int:
    return forge.propose(branch=BRANCH, base="main", title="example-app → prod", body="the plan").number


def test_proposing_twice_is_one_pull_request(hosted: Hosted, forge: Forge) -> None:
    pushed(hosted)
    assert propose(forge) == propose(forge)


def test_it_is_merged_at_the_expected_head_by_a_commit_with_two_parents(hosted: Hosted, forge: Forge) -> None:
    head = pushed(hosted)
    merged = forge.merge(propose(forge), head=head, title="T", message="Promotion-Id: one")
    assert merged.state == "merged"
    mirror = hosted.mirror("reader")
    assert mirror.fetch() == merged.commit
    newest = mirror.log(mirror.ref, limit=1)[0]
    assert newest.parents[1] == head
    assert read_trailers(newest.message)["Promotion-Id"] == ("one",)


def test_where_only_squash_or_rebase_is_allowed_it_says_so(hosted: Hosted, forge: Forge) -> None:
    """They keep no signature."""
    assert forge.merge_problem("main") == ""
    hosted.forge.allow_merges("shop/config", "squash", "rebase")
    assert "merge commits" in forge.merge_problem("main")


def test_merging_again_finds_it_merged(hosted: Hosted, forge: Forge) -> None:
    head = pushed(hosted)
    number = propose(forge)
    first = forge.merge(number, head=head, title="T", message="M")
    assert forge.merge(number, head=head, title="T", message="M") == first


def test_a_lost_answer_is_settled_by_looking(hosted: Hosted, forge: Forge) -> None:
    head = pushed(hosted)
    number = propose(forge)
    fault(hosted, "lost-answer")
    assert forge.merge(number, head=head, title="T", message="M").state == "merged"


def test_a_head_that_moved_is_not_merged(hosted: Hosted, forge: Forge) -> None:
    head = pushed(hosted)
    number = propose(forge)
    pushed(hosted, b'{"sneaky": 1}\n', expected=head)
    assert forge.merge(number, head=head, title="T", message="M").state == "head moved"


def test_a_conflict_is_told_apart(hosted: Hosted, forge: Forge) -> None:
    head = pushed(hosted)
    number = propose(forge)
    hosted.commit({PATH: b'{"other": 2}\n'})
    assert forge.merge(number, head=head, title="T", message="M").state == "conflict"


def test_missing_reviews_are_not_ready_with_the_forges_words(hosted: Hosted, forge: Forge) -> None:
    hosted.forge.protect("shop/config", "main", Protection(approvals=1))
    head = pushed(hosted)
    merged = forge.merge(propose(forge), head=head, title="T", message="M")
    assert merged.state == "not ready"
    assert "review" in merged.reason.lower()


def test_a_busy_branch_is_worth_another_try(hosted: Hosted, forge: Forge) -> None:
    head = pushed(hosted)
    number = propose(forge)
    fault(hosted, "merge-busy")
    with pytest.raises(Unavailable):
        forge.merge(number, head=head, title="T", message="M")
    assert forge.merge(number, head=head, title="T", message="M").state == "merged"


def test_closing_says_why_deletes_the_branch_and_may_be_repeated(hosted: Hosted, forge: Forge) -> None:
    pushed(hosted)
    number = propose(forge)
    for _ in range(2):
        forge.close(number, BRANCH, "rejected by grace")
    found = forge.find(BRANCH, "main")
    assert found is not None
    assert found.state == "closed"
    mirror = hosted.mirror("reader")
    mirror.fetch()
    assert mirror.resolve(f"refs/heads/{BRANCH}") == ""


def test_a_wrong_token_is_a_mistake_of_the_settings(adapter: Callable[[str], Forge]) -> None:
    with pytest.raises(Misconfigured, match="token"):
        adapter("wrong").find(BRANCH, "main")


def test_reviews_come_in_their_order_with_the_commit_they_are_of(hosted: Hosted, forge: Forge) -> None:
    head = pushed(hosted)
    assert forge.reviewed(BRANCH, "main") is None
    number = propose(forge)
    for who, event in (("ada", "COMMENT"), ("grace", "REQUEST_CHANGES"), ("ada", "APPROVE")):
        given = {"event": event, "body": f"{event} by {who}"}
        url = f"{hosted.url}/api/v3/repos/shop/config/pulls/{number}/reviews"
        http.post(url, json=given, headers={"Authorization": f"Bearer {hosted.tokens[who]}"}).raise_for_status()
    assert forge.reviewed(BRANCH, "main", within=60) is None, "as it was a moment ago"
    found = forge.reviewed(BRANCH, "main")
    assert found is not None
    assert [(each.login, each.state) for each in found.reviews] == [
        ("ada", "other"),
        ("grace", "changes requested"),
        ("ada", "approved"),
    ]
    assert {each.commit for each in found.reviews} == {head}
    assert found.pull.author == "liftgate-bot"


def test_a_merged_pull_request_is_found_by_its_merge_with_who_merged_it_and_the_reviews_before(
    hosted: Hosted, forge: Forge
) -> None:
    assert forge.merged_with(hosted.commit({PATH: b'{"pushed": 1}\n'}), "main") is None
    head = pushed(hosted)
    number = propose(forge)
    assert forge.merged_with(head, "main") is None, "it is not merged yet"
    ask(hosted, "grace", "POST", f"/pulls/{number}/reviews", event="APPROVE", body="fine")
    merge = ask(hosted, "ada", "PUT", f"/pulls/{number}/merge", sha=head)["sha"]
    found = forge.merged_with(merge, "main")
    assert found is not None
    assert (found.pull.number, found.pull.head, found.pull.merge_commit) == (number, head, merge)
    assert (found.pull.author, found.by) == ("liftgate-bot", "ada")
    assert [(each.login, each.state, each.commit) for each in found.reviews] == [("grace", "approved", head)]
    assert forge.merged_with(merge, "another") is None


def offline(kind: str, remote: str = "https://git.example.com/shop/config.git", secret: str = SECRET) -> Forge:
    """Nothing is asked for here, so it has neither address nor token."""
    return FORGES[kind].made(access=Access(remote=remote, webhook_secret=secret))


def test_a_person_is_known_by_the_account_at_this_product(kind: str) -> None:
    person = Person(github="ada-gh", small="ada-s", slack="U01ADA")
    assert offline(kind).login(person) == {"github": "ada-gh", "small": "ada-s"}[kind]
    assert offline(kind).login(Person()) == ""


@pytest.mark.parametrize(
    ("email", "login"),
    [
        ("12345+ada@users.noreply.github.com", "ada"),
        ("Ada-9@users.noreply.github.example.com", "Ada-9"),
        ("noreply@github.com", "web-flow"),
        ("noreply@git.example.com", "web-flow"),
        ("noreply@example.com", ""),
        ("ada@example.com", ""),
        ("a+b+ada@users.noreply.github.com", ""),
        ("ada@users.noreply.github.com@example.com", ""),
        ("", ""),
    ],
)
def test_an_address_that_github_made_is_an_accounts(email: str, login: str) -> None:
    assert offline("github").account(email) == login


def test_a_proven_call_names_the_branch_that_was_reviewed(kind: str) -> None:
    assert offline(kind).webhook(*CALLS[kind]("pull_request_review", BRANCH)) == Hook(reviewed=BRANCH)
    assert offline(kind).webhook(*CALLS[kind]("push", BRANCH)) == Hook()


def test_a_call_that_the_secret_does_not_prove_is_none(kind: str) -> None:
    headers, body = CALLS[kind]("pull_request_review", BRANCH)
    assert offline(kind, secret="").webhook(dict.fromkeys(headers, ""), body) is None
    assert offline(kind, secret="another").webhook(headers, body) is None
    assert offline(kind).webhook({}, body) is None
    assert not offline(kind).may_be_proven({}), "the body of such a call is not read"
    assert not offline(kind, secret="").may_be_proven(headers)
    assert offline(kind).may_be_proven(headers)


def test_a_link_to_a_commit_names_it(kind: str) -> None:
    assert "c0ffee" in offline(kind).commit_url("c0ffee")


def test_a_link_has_no_sign_in_and_is_left_out_where_the_address_tells_none() -> None:
    assert offline("github").commit_url("c0ffee") == "https://git.example.com/shop/config/commit/c0ffee"
    secret = offline("github", "https://ada:hunter2@git.example.com:8443/shop/config.git")
    assert secret.commit_url("c0ffee") == "https://git.example.com:8443/shop/config/commit/c0ffee"
    assert offline("github", "git@git.example.com:shop/config.git").commit_url("c0ffee") == ""


def test_without_a_token_the_setting_is_named() -> None:
    with pytest.raises(Misconfigured, match="LIFTGATE_FORGE__TOKEN"):
        offline("github").find(BRANCH, "main")


ARE_FORGES: tuple[type[Forge], ...] = (PlainRemote, GitHub, Small)
"""The type checker reads here that each is one."""
