from __future__ import annotations

import json
from typing import Any

import pytest
from shop_steps import log_level

from liftgate.plugins import Context, Verdict


def checked(level: str | None, environment: str = "prod", **settings: Any) -> Verdict:
    configs = {} if level is None else {"logLevel": level}
    values = {"application": {"name": "shop", "environment": {"name": environment, "configs": configs}}}
    data = json.dumps(values, indent=2).encode()
    context = Context(application="shop", environment=environment, path="values.json", data=data, settings=settings)
    return log_level.run(context)


def test_a_level_that_is_not_allowed_fails_at_its_place() -> None:
    verdict = checked("debug", allowed=["info", "warning"])
    assert verdict.failed
    assert verdict.findings[0].place == "values.json:7:9"


@pytest.mark.parametrize("level", ["info", None])
def test_an_allowed_level_or_none_passes(level: str | None) -> None:
    assert checked(level, allowed=["info"]).passed


def test_an_environment_the_settings_leave_out_may_log_anything() -> None:
    assert checked("debug", environment="dev", **{"allowed": ["info"], "in": ["prod"]}).passed


def test_without_settings_it_says_that_it_did_not_look() -> None:
    assert checked("debug").state == "not configured"
