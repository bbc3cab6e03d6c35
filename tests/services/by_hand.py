"""People who merge and push by themselves, and what Liftgate does about it, without a flow around it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from liftgate_sandbox.town import REPOSITORY, token_of
from sandbox_tests.plain import http

from liftgate.domain.ledger.ledger import Entry
from liftgate.domain.promotion.attempt import GatedChange, TakeOver
from liftgate.domain.promotion.take_over import FLOW, HandMade, hand_made_of
from liftgate.integrations.git.repository import Author
from liftgate.integrations.runs.run import Run
from liftgate.services.standing import nothing_to_change
from liftgate.services.take_over import announce, begin_take_over
from liftgate.services.take_overs import TakeOvers
from tests.committing import branch_and_push, commit_and_push
from tests.examples import text
from tests.lab import Lab
from tests.services.course import Course

GATED = {"dev": {"approvals": {"needed": 1, "from": ["ada", "grace"]}}}
"""A policy by which dev needs an approval."""
ADA = Author(name="Ada Lovelace", email="ada@example.com")


def path_of(environment: str) -> str:
    return f"configs/{environment}/values.json"


def changed(lab: Lab, environment: str, **configs: Any) -> bytes:
    """The values there with settings of the environment changed; `version` changes the application's."""
    there = lab.json(environment)
    if version := configs.pop("version", ""):
        there["application"]["version"] = version
    there["application"]["environment"]["configs"] |= configs
    return text(there)


def push(lab: Lab, environment: str = "dev", **configs: Any) -> str:
    """The SHA of a push past every pull request."""
    return commit(lab, {path_of(environment): changed(lab, environment, **configs)})


def commit(lab: Lab, files: Mapping[str, bytes | None]) -> str:
    """By ada, on main."""
    return commit_and_push(lab.town.forge, REPOSITORY, "ada", files, "Mine\n", author=ADA)


def ask(lab: Lab, who: str, method: str, path: str, **body: Any) -> Any:
    url = f"{lab.town.urls['forge']}/api/v3/repos/{REPOSITORY}{path}"
    answer = http.request(method, url, json=body, headers={"Authorization": f"Bearer {token_of(who)}"})
    return json.loads(answer.raise_for_status().content or b"null")


def propose(lab: Lab, environment: str = "dev", *, by: str = "ada", **configs: Any) -> Any:
    """A person's own pull request."""
    files, branch = {path_of(environment): changed(lab, environment, **configs)}, f"{by}-{uuid4()}"
    branch_and_push(lab.town.forge, REPOSITORY, by, branch, files, ADA)
    return ask(lab, by, "POST", "/pulls", title="Mine", head=branch, base="main", body="")


def approve(lab: Lab, pull: Any, by: str) -> None:
    ask(lab, by, "POST", f"/pulls/{pull['number']}/reviews", event="APPROVE", body="")


def merge(lab: Lab, pull: Any, by: str = "ada", method: str = "merge") -> str:
    return str(ask(lab, by, "PUT", f"/pulls/{pull['number']}/merge", merge_method=method)["sha"])


def taken_over(course: Course) -> list[Run]:
    """The runs that take a commit over, after a server looked."""
    course.at.git.fetch()
    TakeOvers(course.at).look()
    return list(course.at.runs.find(flows=(FLOW,)).runs)


def begin(course: Course, run: Run) -> TakeOver:
    taken = begin_take_over(course.at, run.id, hand_made_of(run.parameters))
    announce(course.at, taken)
    return taken


def seen_by_both(course: Course) -> tuple[TakeOver, GatedChange, Run]:
    """A person pushes a release; the take-over has begun, in this run, and a promotion found the same commit at its
    gate, before either was recorded."""
    course.release("1.4.3")
    pushed = push(course.lab, version="1.4.3")
    (run,) = taken_over(course)
    taken = begin(course, run)
    found, _ = nothing_to_change(course.at, course.begin(course.start("promote", to="dev")))
    assert found.revision == taken.revision == pushed
    return taken, found, run


def take_over(course: Course) -> Entry:
    """What was committed by hand last, taken over to its end."""
    run, *_ = taken_over(course)
    return course.finish(begin(course, run))


def hand_of(commit: str, environment: str = "dev") -> HandMade:
    return HandMade(application="example-app", environment=environment, commit=commit)
