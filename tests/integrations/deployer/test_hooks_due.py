"""Whether a commit's hooks are still to be run, by what Argo CD renders it and the last one to; in doubt they are."""

from __future__ import annotations

import json
from typing import Any

import pytest
from starlette.responses import JSONResponse, Response

from liftgate.domain.argocd.snapshot import Snapshot
from liftgate.errors import Unavailable
from liftgate.integrations.deployer.argocd import ArgoCD
from tests.domain.argocd.test_hooks import hook, thing
from tests.steps.world import Script, serving_all

NOW, SYNCED = "a" * 40, "b" * 40
SEEN = Snapshot(name="app", revisions=(NOW,), synced_revisions=(SYNCED,))
TEST = hook("PostSync")


def rendered(*objects: Any) -> Response:
    return JSONResponse({"manifests": [json.dumps(each) for each in objects]})


def error(status: int, code: int, message: str) -> Response:
    return JSONResponse({"error": message, "code": code, "message": message}, status)


BROKEN = error(500, 2, "x failed exit status 1: Error: no such file")
AWAY = error(503, 14, "upstream connect error")
UNSEEN = error(500, 2, "Failed to checkout revision b: upload-pack: not our ref")


def asked(*answers: Response, seen: Snapshot = SEEN) -> tuple[bool, Script]:
    script = Script(*answers)
    with serving_all({"/api/v1/applications/app/manifests": script}) as url:
        return ArgoCD(url, "token", "promo").are_hooks_due("app", seen), script


@pytest.mark.parametrize(
    ("answers", "due", "questions"),
    [
        ([rendered(thing())], False, 1),
        ([rendered()], False, 1),
        ([rendered(thing(), TEST), rendered(TEST, thing())], False, 2),
        ([rendered(thing(), TEST), rendered(thing())], True, 2),
        ([rendered(thing("new"), TEST), rendered(thing(), TEST)], True, 2),
        ([rendered(TEST), BROKEN], True, 2),
        ([rendered(TEST), UNSEEN], True, 2),
        ([rendered(TEST), AWAY], True, 2),
        ([BROKEN], True, 1),
    ],
)
def test_they_are_due_unless_all_of_it_was_synced_before(answers: list[Response], due: bool, questions: int) -> None:
    found, script = asked(*answers)
    assert (found, len(script.asked)) == (due, questions)


def test_what_cannot_be_told_now_is_asked_again() -> None:
    with pytest.raises(Unavailable):
        asked(AWAY)


@pytest.mark.parametrize("changes", [{"synced_revisions": ()}, {"synced_here": False}])
def test_without_a_sync_of_this_source_they_never_ran(changes: dict[str, Any]) -> None:
    found, script = asked(rendered(TEST), seen=SEEN.copy_with(**changes))
    assert (found, len(script.asked)) == (True, 1)


def test_of_a_list_of_sources_each_is_asked_for_by_its_position() -> None:
    seen = SEEN.copy_with(several=True, revisions=(NOW, "1.4.2"), synced_revisions=(SYNCED, "1.4.2"))
    _, script = asked(rendered(TEST), seen=seen)
    queries = [each.query_params.multi_items()[1:] for each in script.asked]
    assert queries == [
        [("revisions", one), ("revisions", "1.4.2"), ("sourcePositions", "1"), ("sourcePositions", "2")]
        for one in (NOW, SYNCED)
    ]
