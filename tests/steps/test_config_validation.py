from __future__ import annotations

import json

from hypothesis import strategies as st

from liftgate.domain.common.value import Json
from liftgate.domain.common.verdict import Verdict
from liftgate.steps.config_validation import run
from liftgate.steps.context import Context
from tests.domain.properties import MARK, documents, holds


def validated(values: Json) -> Verdict:
    data = values if isinstance(values, bytes) else json.dumps(values).encode()
    return run(Context(application="shop", environment="dev", path="v.json", data=data))


GOOD = {"application": {"name": "shop", "version": "1.4.2", "environment": {"name": "dev"}}}


def test_sound_valid_values_without_secrets_pass() -> None:
    assert validated(GOOD).passed


def test_what_schema_and_scan_find_is_told_together() -> None:
    verdict = validated({**GOOD, "application": {}, "password": "hunter2"})
    assert {each.rule for each in verdict.findings} == {"required", "plain-secret"}
    assert "does not fit its schema" in verdict.reason
    assert "seems to hold a secret" in verdict.reason


def test_a_broken_file_is_also_judged_by_what_it_most_likely_means() -> None:
    verdict = validated(json.dumps({**GOOD, "password": "hunter2"}).encode()[:-1] + b",}")
    assert [each.rule for each in verdict.findings] == ["trailing-comma", "plain-secret"]
    assert "has 1 violation of strict JSON; v.json seems to hold a secret" in verdict.reason


def test_a_file_that_ends_nobody_knows_where_is_told_as_that_only() -> None:
    for data in (b'{"password": "hunter2"', b'{"password": "hunter2"]', b'{"password": "hunter2"} {}', b"\xff\xfe{}"):
        assert len(validated(data).findings) == 1, data


@holds(documents(secret=True) | st.binary(max_size=60))
def test_nothing_that_stands_in_a_file_raises_or_is_a_secret_repeated(values: Json) -> None:
    verdict = validated(values)
    assert verdict.state in ("passed", "failed")
    assert MARK not in verdict.model_dump_json()
