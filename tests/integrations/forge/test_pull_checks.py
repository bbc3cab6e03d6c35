"""What a forge must do for the check of people's pull requests; the twin in memory does the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import pytest

from liftgate.domain.approval.review import Review
from liftgate.domain.common.verdict import Finding
from liftgate.integrations.forge import CHECK_COMMENT, CommitStatus, OpenPull, PullRequestChecks
from liftgate.integrations.forge.github_answers import Pull
from liftgate.integrations.forge.github_pull_checks import PullChecks, open_pull
from liftgate.integrations.forge.memory_pull_checks import MemoryPullChecks, Written
from tests.examples import NOW
from tests.integrations.conftest import AUTHOR, Hosted
from tests.integrations.forge.github_world import ask, made
from tests.integrations.forge.test_github_app import install
from tests.integrations.forge.test_github_app import made as made_app

BRANCH, PATH = "rosa/one", "configs/prod/values.json"


class Stage(Protocol):
    """People at the forge, as a test moves them."""

    checks: PullRequestChecks
    own: str

    def open(self) -> OpenPull: ...
    def review(self, who: str, number: int) -> None: ...
    def write(self, who: str, number: int, body: str) -> None: ...
    def drop_ours(self, number: int) -> None: ...
    def read(self, number: int) -> list[tuple[str, str]]: ...


class OnGitHub:
    own = "liftgate-bot"

    def __init__(self, hosted: Hosted) -> None:
        self._hosted = hosted
        self.checks: PullRequestChecks = made(hosted).pull_checks

    def open(self) -> OpenPull:
        mirror = self._hosted.mirror("rosa")
        sha = mirror.write(mirror.fetch(), {PATH: b'{"new": 1}\n'}, "By hand\n", NOW, AUTHOR, None)
        mirror.push(sha, f"refs/heads/{BRANCH}", "")
        ask(self._hosted, "ada", "POST", "/pulls", title="T", head=BRANCH, base="main")
        (found,) = self.checks.open_pulls("main")
        return found

    def review(self, who: str, number: int) -> None:
        ask(self._hosted, who, "POST", f"/pulls/{number}/reviews", event="APPROVE", body="good")

    def write(self, who: str, number: int, body: str) -> None:
        ask(self._hosted, who, "POST", f"/issues/{number}/comments", body=body)

    def drop_ours(self, number: int) -> None:
        store = self._hosted.forge.store
        left = tuple(
            each for each in store.edit("shop/config").comments if (each.issue, each.user) != (number, self.own)
        )
        store.edit("shop/config", comments=left)

    def read(self, number: int) -> list[tuple[str, str]]:
        listed = ask(self._hosted, "ada", "GET", f"/issues/{number}/comments")
        return [(each["user"]["login"], each["body"]) for each in listed]


class InMemory:
    own = "liftgate-bot"

    def __init__(self, _: Hosted) -> None:
        self.checks: PullRequestChecks = MemoryPullChecks(own=self.own)
        assert isinstance(self.checks, MemoryPullChecks)
        self._memory = self.checks

    def open(self) -> OpenPull:
        pull = OpenPull(number=1, url="u", head="a" * 40, branch=BRANCH, author="ada", ref="refs/pull/1/head")
        self._memory.pulls[1] = pull
        return pull

    def review(self, who: str, number: int) -> None:
        given = Review(login=who, state="approved", commit="a" * 40, text="good")
        self._memory.given.setdefault(number, []).append(given)

    def write(self, who: str, number: int, body: str) -> None:
        self._memory.comments.setdefault(number, []).append(Written(who, body))

    def drop_ours(self, number: int) -> None:
        self._memory.comments[number] = [each for each in self._memory.comments[number] if each.author != self.own]

    def read(self, number: int) -> list[tuple[str, str]]:
        return [(each.author, each.body) for each in self._memory.comments.get(number, [])]


@pytest.fixture(params=[OnGitHub, InMemory])
def stage(request: pytest.FixtureRequest, hosted: Hosted) -> Stage:
    kind: Callable[[Hosted], Stage] = request.param
    return kind(hosted)


def test_an_open_pull_request_says_who_opened_it_and_where_its_head_is(stage: Stage) -> None:
    assert stage.checks.open_pulls("main") == ()
    found = stage.open()
    assert (found.number, found.branch, found.author, found.is_fork) == (1, BRANCH, "ada", False)
    assert found.ref == "refs/pull/1/head"


def test_reviews_come_with_the_commit_they_are_of(stage: Stage) -> None:
    pull = stage.open()
    stage.review("grace", pull.number)
    assert stage.checks.reviews(pull.number) == (
        Review(login="grace", state="approved", commit=pull.head, text="good"),
    )


def test_the_newest_status_counts(stage: Stage) -> None:
    head = stage.open().head
    assert stage.checks.status(head) is None
    for state in ("failure", "pending", "success"):
        given = CommitStatus.model_validate(
            {"state": state, "sentence": f"it is {state}", "url": "https://forge.test/1"}
        )
        stage.checks.set_status(head, given)
        assert stage.checks.status(head) == given


def test_there_is_one_comment_of_ours_and_it_is_kept_up_to_date(stage: Stage) -> None:
    number = stage.open().number
    stage.write("grace", number, f"{CHECK_COMMENT}\n### all is well")
    stage.write(stage.own, number, "closed by a person")
    stage.checks.keep_comment(number, "nothing", create=False)
    assert len(stage.read(number)) == 2
    for body in ("red", "green"):
        stage.checks.keep_comment(number, body)
    assert stage.read(number)[2:] == [(stage.own, f"{CHECK_COMMENT}\ngreen")]
    assert stage.read(number)[0] == ("grace", f"{CHECK_COMMENT}\n### all is well")


def test_a_comment_that_a_person_deleted_is_made_again(stage: Stage) -> None:
    number = stage.open().number
    stage.checks.keep_comment(number, "red")
    stage.drop_ours(number)
    stage.checks.keep_comment(number, "green")
    assert stage.read(number) == [(stage.own, f"{CHECK_COMMENT}\ngreen")]


def test_another_server_finds_the_comment_and_of_two_the_older_one_stays(hosted: Hosted) -> None:
    stage = OnGitHub(hosted)
    number = stage.open().number
    for body in ("one", "two"):
        stage.write(stage.own, number, f"{CHECK_COMMENT}\n{body}")
    made(hosted).pull_checks.keep_comment(number, "three")
    assert stage.read(number) == [(stage.own, f"{CHECK_COMMENT}\nthree")]


def test_a_comment_that_says_the_same_costs_no_call(hosted: Hosted) -> None:
    stage = OnGitHub(hosted)
    number = stage.open().number
    stage.checks.keep_comment(number, "red")
    before = hosted.forge.core.used[stage.own]
    stage.checks.keep_comment(number, "red")
    assert hosted.forge.core.used[stage.own] == before


def test_a_sentence_is_cut_to_what_a_status_shows(hosted: Hosted) -> None:
    stage = OnGitHub(hosted)
    head = stage.open().head
    stage.checks.set_status(head, CommitStatus(state="pending", sentence="long " * 100, url="/no-address"))
    found = stage.checks.status(head)
    assert found is not None
    assert (len(found.sentence), found.sentence[-1], found.url) == (140, "…", "")


def test_an_app_knows_its_own_account(hosted: Hosted) -> None:
    install(hosted)
    app = made_app(hosted)
    stage = OnGitHub(hosted)
    number = stage.open().number
    for body in ("red", "green"):
        app.pull_checks.keep_comment(number, body)
    (mine,) = stage.read(number)
    assert mine[0].endswith("[bot]")
    assert mine[1].endswith("green")


FINDINGS = tuple(
    Finding(place=f"{PATH}:{line}:5", rule="schema", message=f"wrong at {line}", blocking=line < 60)
    for line in range(1, 121)
)


def test_an_app_shows_findings_at_their_lines_once(hosted: Hosted) -> None:
    install(hosted)
    head = OnGitHub(hosted).open().head
    for _ in range(2):
        made_app(hosted).pull_checks.annotate(head, FINDINGS)
    (run,) = ask(hosted, "ada", "GET", f"/commits/{head}/check-runs")["check_runs"]
    assert (run["name"], run["conclusion"], run["output"]["annotations_count"]) == ("liftgate findings", "failure", 120)
    assert len(hosted.forge.store.edit("shop/config").checks) == 1
    first = ask(hosted, "ada", "GET", f"/check-runs/{run['id']}/annotations?per_page=100")[0]
    assert (first["path"], first["start_line"], first["annotation_level"]) == (PATH, 1, "failure")
    made_app(hosted).pull_checks.annotate(head, ())
    (run,) = ask(hosted, "ada", "GET", f"/commits/{head}/check-runs")["check_runs"]
    assert run["conclusion"] == "success"


def test_where_there_is_nothing_to_show_or_no_app_there_is_no_check_run(hosted: Hosted) -> None:
    install(hosted)
    stage = OnGitHub(hosted)
    head = stage.open().head
    stage.checks.annotate(head, FINDINGS)
    made_app(hosted).pull_checks.annotate(head, ())
    assert not hosted.forge.store.edit("shop/config").checks


def _as_pull(**more: Any) -> dict[str, Any]:
    repository = {"id": 1, "full_name": "shop/config"}
    side = {"ref": "main", "sha": "a" * 40, "repo": repository}
    return {"number": 1, "state": "open", "head": side, "base": side, "updated_at": "2026-11-24T12:00:00Z"} | more


@pytest.mark.parametrize("repository", [None, {"id": 2, "full_name": "eve/config"}])
def test_a_branch_of_another_repository_is_a_forks(repository: dict[str, Any] | None) -> None:
    head = {"ref": "liftgate/promotions/x", "sha": "b" * 40, "repo": repository}
    found = open_pull(Pull.model_validate(_as_pull(head=head)))
    assert (found.is_fork, found.author, found.updated) == (True, "", NOW)


ARE_CHECKS: tuple[type[PullRequestChecks], ...] = (PullChecks, MemoryPullChecks)
"""The type checker reads here that each is one."""
