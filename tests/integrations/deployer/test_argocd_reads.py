"""What verification reads of Argo CD, from the sandbox and from recorded answers of a real one."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sandbox_tests.argocd.conftest import lab, manual
from sandbox_tests.argocd.lab import Lab
from starlette.responses import JSONResponse, PlainTextResponse, Response

from liftgate.errors import LiftgateError, Misconfigured, Refused, Unavailable
from liftgate.integrations.deployer.argocd_reads import ArgoCDReads
from liftgate.integrations.deployer.live import Chosen, Held
from tests.steps.world import Script, reads, serving, serving_all, values_of

__all__ = ["lab", "manual"]
CASES = Path(__file__).parents[2] / "cases" / "argocd"
NOON = "2026-11-24T12:00:00.123456789Z"


def log(*lines: str) -> str:
    """Argo CD's log stream, one JSON object a line."""
    rows = [{"content": line, "timeStampStr": NOON, "podName": "app-1", "last": False} for line in lines]
    last = {"content": "", "timeStampStr": "0001-01-01T00:00:00Z", "podName": "", "last": True}
    return "".join(json.dumps({"result": row}) + "\n" for row in [*rows, last])


@pytest.fixture
def app(manual: Lab) -> Lab:
    manual.sync("prod").raise_for_status()
    manual.settled("prod")
    return manual


def test_a_synced_application_holds_the_file_and_says_what_it_prints(app: Lab) -> None:
    live = reads(app)
    (held,) = live.held("prod", "values.json")
    assert held.text == values_of(app).decode()
    lines = live.lines("prod", 3600, Chosen())
    assert {line.text for line in lines} == {"INFO starting version 1.0.0", "INFO ready, version 1.0.0"}
    assert lines[0].at <= datetime.now(UTC)


def test_the_beginning_of_a_sync_is_that_of_the_commits_own_operation(app: Lab) -> None:
    live = reads(app)
    revision = app.get("prod").json()["status"]["sync"]["revision"]
    began = live.synced_at("prod", revision)
    assert began is not None
    assert began <= datetime.now(UTC)
    assert live.synced_at("prod", "f" * 40) is None
    assert live.synced_at("missing", revision) is None


def test_an_application_nobody_synced_holds_nothing_yet(manual: Lab) -> None:
    (held,) = reads(manual).held("prod", "values.json")
    assert held.text is None


def test_a_real_argo_cds_answer_is_read() -> None:
    body = json.loads((CASES / "65-managed-resources.json").read_text())["response"]["body"]
    with serving(JSONResponse(body)) as url:
        held = ArgoCDReads(url, "token", "promo").held("app-prod", "values.json")
    assert [each.name for each in held] == ["environment-config-k9mbkmdmcd"]
    assert json.loads(held[0].text or "")["application"]["name"] == "app-name"


def test_what_git_no_longer_names_does_not_count() -> None:
    def state(text: str) -> str:
        return json.dumps({"data": {"values.json": text}})

    old = {"kind": "ConfigMap", "name": "old", "targetState": "null", "liveState": state("old")}
    gone = {"kind": "ConfigMap", "name": "gone", "targetState": state("new"), "liveState": "null"}
    with serving(JSONResponse({"items": [old, gone]})) as url:
        assert ArgoCDReads(url, "token", "promo").held("app", "values.json") == (Held(name="gone", text=None),)


def test_the_log_is_asked_for_with_the_project_an_age_and_an_end() -> None:
    script = Script(PlainTextResponse(log("one", "two")))
    with serving_all({"/api/v1/applications/{name}/logs": script}) as url:
        lines = ArgoCDReads(url, "token", "promo").lines("app", 61.2, Chosen(container="main"))
    assert [line.text for line in lines] == ["one", "two"]
    asked = dict(script.asked[0].query_params)
    assert asked == {
        "project": "promo", "sinceSeconds": "62", "tailLines": "5000", "follow": "false", "container": "main",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("answer", "error", "said"),
    [
        (JSONResponse({"message": "permission denied: logs, get"}, 403), Misconfigured, "logs, get, promo/app, allow"),
        (JSONResponse({"message": "max pods to view logs are reached"}, 400), Refused, "max pods"),
        (PlainTextResponse('{"error": {"http_code": 503, "message": "cut"}}\n'), Unavailable, "ended early: cut"),
        (PlainTextResponse('{"error": {"http_code": 400, "message": "bad"}}\n'), Refused, "ended early: bad"),
    ],
)
def test_a_log_that_cannot_be_had_is_an_error_with_a_sentence(
    answer: Response, error: type[LiftgateError], said: str
) -> None:
    with serving(answer) as url, pytest.raises(error, match=said):
        ArgoCDReads(url, "token", "promo").lines("app", 1, Chosen())


def test_without_an_address_it_is_a_mistake_in_the_settings() -> None:
    with pytest.raises(Misconfigured, match="LIFTGATE_ARGOCD__URL"):
        ArgoCDReads("", "token", "promo")
