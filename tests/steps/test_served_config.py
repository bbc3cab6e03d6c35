"""`served-config` against a real HTTP server and the sandbox's Argo CD: what is served, not what was sent."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
from liftgate_sandbox.application.service import application
from liftgate_sandbox.serve import serve
from sandbox_tests.argocd.lab import Lab
from sandbox_tests.argocd.repository import settings
from starlette.responses import JSONResponse, PlainTextResponse, Response

from liftgate.domain.common.verdict import Verdict
from liftgate.errors import Misconfigured
from liftgate.steps.context import StepCapabilities
from liftgate.steps.served_config import run
from tests.steps.world import context, drift, reads, serving, values_of

FILE = b'{"a": 1}\n'
RIGHT, WRONG = sha256(FILE).hexdigest(), sha256(b"{}").hexdigest()


def answer(fingerprint: str) -> Response:
    return JSONResponse({"fingerprint": fingerprint})


def by_http(*answers: Response, within: float = 0.4, **settings: Any) -> Verdict:
    with serving(*answers) as url:
        return run(context(FILE, http=f"{url}/{{environment}}", within=within, **settings))


@pytest.mark.parametrize("said", [RIGHT, f"sha256:{RIGHT}", f"SHA256:{RIGHT.upper()}"])
def test_the_commits_fingerprint_passes_however_it_is_written(said: str) -> None:
    assert by_http(answer(said)).passed


def test_another_configuration_fails_and_both_are_named() -> None:
    verdict = by_http(answer(f"sha256:{WRONG}"))
    assert verdict.failed
    assert f"the application serves {WRONG[:12]}, the commit's file is {RIGHT[:12]}" in verdict.reason


def test_the_last_moments_of_a_rollout_are_forgiven() -> None:
    assert by_http(answer(WRONG), JSONResponse({}, 503), answer(RIGHT), within=5).passed


def test_one_instance_that_serves_something_else_is_found() -> None:
    answers = [answer(RIGHT), answer(RIGHT), answer(WRONG)]
    assert by_http(*answers, within=0).failed
    assert by_http(*answers, within=0, times=2).passed


def test_the_fingerprint_may_stand_elsewhere() -> None:
    assert by_http(JSONResponse({"config": {"sha": RIGHT}}), pointer="/config/sha").passed


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (JSONResponse({"other": RIGHT}), "no fingerprint at /fingerprint"),
        (PlainTextResponse("oh"), "no fingerprint at /fingerprint"),
        (JSONResponse({"fingerprint": RIGHT}, 503), "status 503"),
    ],
)
def test_no_fingerprint_is_no_pass(said: Response, why: str) -> None:
    verdict = by_http(said)
    assert verdict.failed
    assert why in verdict.reason


def test_nobody_there_fails() -> None:
    verdict = run(context(FILE, http="http://127.0.0.1:9/config", within=0))
    assert verdict.failed
    assert "no answer from 127.0.0.1" in verdict.reason


def test_the_address_may_differ_by_environment() -> None:
    with serving(answer(RIGHT)) as url:
        assert run(context(FILE, http={"prod": url, "dev": "http://127.0.0.1:9"})).passed
        assert run(context(FILE, http={"dev": url})).state == "not configured"


def test_without_an_address_and_a_deployer_it_is_not_configured() -> None:
    verdict = run(context(FILE))
    assert verdict.state == "not configured"
    assert "applications.example-app.checks.served-config.http" in verdict.reason


def test_a_wrong_key_is_named_with_the_nearest_right_one() -> None:
    with pytest.raises(Misconfigured, match=r'checks\.served-config\.htp: unknown key; did you mean "http"'):
        run(context(FILE, htp="x"))


class TestConfigMap:
    """By Argo CD: the live object, not what Git would make of it."""

    def verdict(self, app: Lab, **more: Any) -> Verdict:
        return run(context(values_of(app), StepCapabilities(live=reads(app)), within=0.4, **more))

    def name(self, app: Lab) -> str:
        return reads(app).held("prod", "values.json")[0].name

    def test_what_runs_is_the_commits_file(self, app: Lab) -> None:
        assert self.verdict(app).passed

    def test_and_the_application_says_the_same_by_http(self, app: Lab) -> None:
        with serve(application(app.argocd.cluster, "prod")) as served:
            assert run(context(values_of(app), http=f"{served.url}/config")).passed
            assert run(context(FILE, http=f"{served.url}/config", within=0)).failed

    def test_a_commit_that_is_not_deployed_fails(self, app: Lab) -> None:
        app.config.values("prod", settings("prod", "9.9.9"))
        verdict = self.verdict(app)
        assert verdict.failed
        assert "is not what the commit holds" in verdict.reason

    def test_a_change_by_hand_fails(self, app: Lab) -> None:
        drift(app, self.name(app), {"data": {"values.json": "{}\n"}})
        app.refresh("prod")
        assert self.verdict(app).failed

    def test_a_deleted_one_fails(self, app: Lab) -> None:
        drift(app, self.name(app))
        app.refresh("prod")
        verdict = self.verdict(app)
        assert verdict.failed
        assert "is not there" in verdict.reason

    def test_what_an_earlier_commit_left_behind_is_not_looked_at(self, app: Lab) -> None:
        before = self.name(app)
        app.config.values("prod", settings("prod", "1.0.1"))
        sha = app.config.commit()
        app.refresh("prod")
        app.sync("prod").raise_for_status()
        app.settled("prod", sha)
        assert self.name(app) != before
        assert self.verdict(app).passed

    def test_it_may_be_named_and_must_be_there_then(self, app: Lab) -> None:
        assert self.verdict(app, configmap="environment-config").passed
        verdict = self.verdict(app, configmap="other")
        assert verdict.failed
        assert "no live ConfigMap other… holds values.json" in verdict.reason

    def test_an_application_without_one_is_not_configured(self, lab: Lab) -> None:
        lab.create("bare", "base", namespace="prod").raise_for_status()
        lab.refresh("bare")
        verdict = run(replace(context(FILE, StepCapabilities(live=reads(lab))), deployed_as=("bare",)))
        assert verdict.state == "not configured"
