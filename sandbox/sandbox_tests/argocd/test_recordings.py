"""The stand-in against 275 exchanges recorded from Argo CD v3.5.1: status, words and shape of each answer.

Plain manifests stand in for the chart of 200-207, 223-228, 241-244 and 270-281. Compared elsewhere: 45 (test_timeline),
97-105 (test_stream), 250, 252, 255, 257 and 287 (test_sequences), 116, 230, 247, 307, 309, 312 and 315 (test_families).
208-217, 235, 272 and 282 are compared where the `helm` program is on the PATH, for they are what Helm itself says. Not
compared: 187 and 269, which show what a race inside Argo CD left behind: a self-heal of what was already right, begun
from a cluster cache that was late (test_faults has it). What they are about, an operation after a terminated one and
none in a deny window, is in 186 and 166.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from sandbox_tests.argocd.shapes import said, shape
from sandbox_tests.argocd.situations import access, charts, later, operations, parents, sets, shop, trouble
from sandbox_tests.argocd.situations.stage import Stage, applications

_CASES = Path(__file__).parents[3] / "tests" / "cases" / "argocd"
_LEFT_OUT = {
    45, *range(97, 106), 116, 187, 230, 247, 250, 252, 255, 257, 269, 287, 307, 309, 312, 315,
}  # fmt: skip
_HELM = shutil.which("helm") is not None
_HELMS = {*range(208, 218), 235, 272, 282}
_SITUATIONS = [
    applications,
    access.sign_in, access.no_repo_server, access.permissions, access.tokens, access.wrong_requests,
    operations.by_hand, operations.partly, operations.revisions, operations.reading, operations.rolling_back,
    operations.hooks, operations.terminated, operations.failing,
    trouble.drifting, trouble.healing, access.stuck_refresh, trouble.health,
    trouble.not_rendering, trouble.outages, trouble.denied,
    trouble.webhooks, trouble.several_sources, trouble.blocking_retry,
    access.the_rest,
    later.charts, later.missing, sets.directories, later.paths, later.waves, later.tested, later.windows,
    later.previews, sets.new_directories, sets.failing, sets.going, parents.of_applications,
    shop.shop, shop.changed_by_hand,
    *([charts.one_source, charts.two_sources, charts.a_folder_less] if _HELM else []),
]  # fmt: skip


def _recordings() -> Iterator[tuple[int, str]]:
    for file in sorted(_CASES.glob("[0-9]*.json")):
        number = int(file.name.partition("-")[0])
        if number not in _LEFT_OUT and (_HELM or number not in _HELMS):
            yield number, file.name


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[int, httpx.Response]]:
    """Our answers to all of them, by number."""
    stage = Stage(tmp_path_factory.mktemp("stage"))
    try:
        for situation in _SITUATIONS:
            situation(stage)
        yield stage.answers
    finally:
        stage.stop()


@pytest.mark.parametrize(("number", "name"), [pytest.param(*one, id=one[1][:-5]) for one in _recordings()])
def test_the_answer_is_like_the_recorded_one(answers: dict[int, httpx.Response], number: int, name: str) -> None:
    recorded = json.loads((_CASES / name).read_text())["response"]
    ours = answers[number]
    assert ours.status_code == recorded["status"]
    assert ours.headers.get("content-type", "") == recorded["headers"].get("content-type", "")
    body = _body(ours)
    assert said(body) == said(recorded["body"])
    assert shape(body) == shape(recorded["body"])


def _body(answer: httpx.Response) -> Any:
    return answer.json() if answer.headers.get("content-type") == "application/json" else answer.text
