from __future__ import annotations

from liftgate.steps.context import Context
from liftgate.steps.json_lint import run


def context(data: bytes) -> Context:
    return Context(application="shop", environment="dev", path="configs/dev/values.json", data=data)


def test_strict_json_passes() -> None:
    assert run(context(b'{"a": 1.50}')).passed


def test_every_violation_is_a_finding_an_editor_can_jump_to() -> None:
    verdict = run(context(b'{"a": 1,\n "a": NaN}'))
    assert verdict.failed
    assert verdict.reason == "configs/dev/values.json has 2 violations of strict JSON"
    assert [each.place for each in verdict.findings] == ["configs/dev/values.json:2:2", "configs/dev/values.json:2:7"]


def test_an_integer_beyond_2_53_is_a_warning() -> None:
    verdict = run(context(b'{"a": 9007199254740993}'))
    assert verdict.passed
    assert [(each.place, each.blocking) for each in verdict.findings] == [("configs/dev/values.json:1:2", False)]
