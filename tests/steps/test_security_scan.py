from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import pytest

from liftgate.domain.common.value import Json
from liftgate.domain.common.verdict import Verdict
from liftgate.domain.config.configuration import Allowed
from liftgate.steps import config_validation
from liftgate.steps.context import Context
from liftgate.steps.security_scan import run
from tests.steps.corpus import benign, planted, values_with


def scanned(values: Json, **more: Any) -> Verdict:
    data = values if isinstance(values, bytes) else json.dumps(values, indent=2).encode()
    return run(Context(application="shop", environment="dev", path="v.json", data=data, **more))


@pytest.mark.parametrize(("pointer", "secret"), planted(), ids=[pointer for pointer, _ in planted()])
def test_a_planted_secret_is_found_and_not_repeated(pointer: str, secret: Json) -> None:
    verdict = scanned(values_with(pointer, secret))
    assert verdict.failed
    assert str(secret) not in verdict.model_dump_json()


@pytest.mark.parametrize(("pointer", "value"), benign(), ids=[pointer for pointer, _ in benign()])
def test_an_ordinary_value_is_left_alone(pointer: str, value: Json) -> None:
    verdict = scanned(values_with(pointer, value))
    assert (verdict.state, verdict.findings) == ("passed", ())


def test_a_finding_says_where_and_what_to_do() -> None:
    finding = scanned({"db": {"password": "hunter2"}}).findings[0]
    assert str(finding) == (
        "v.json:3:5: /db/password looks like a text under the name of a password. [plain-secret] "
        "Encrypt it with sops or refer to a secret store; if it is none, allow it with a reason and a day."
    )


def test_a_secret_in_a_key_is_found() -> None:
    assert scanned({"tokens": {"ghp_" + "aB3" * 12: True}}).failed


@pytest.mark.parametrize(
    "values",
    [
        {"parameters": [{"ParameterKey": "DbPassword", "ParameterValue": "hunter2"}]},
        {"parameters": [{"ParameterName": "db_password", "ParameterValue": "hunter2"}]},
        {"command": ["serve", "--db-password", "hunter2", "--port", "80"]},
        {"command": ["serve", "--db-password=hunter2"]},
        {"command": ["serve", "-password", "hunter2"]},
        {"vendor": {"key": "7f" * 16}},
    ],
)
def test_a_secret_goes_by_the_name_beside_it(values: Json) -> None:
    verdict = scanned(values)
    assert verdict.failed
    assert "hunter2" not in verdict.model_dump_json()


@pytest.mark.parametrize(
    "values",
    [
        {"command": ["serve", "--password-file", "/run/secrets/db", "--verbose", "hunter2"]},
        {"cache": {"key": "7f" * 16}},
        {"public": {"key": "7f" * 16}},
        {"pairs": [{"key": "7f" * 16, "value": "blue"}]},
    ],
)
def test_an_ordinary_value_beside_such_a_name_is_left_alone(values: Json) -> None:
    assert scanned(values).passed


def test_a_reference_that_is_none_is_a_finding() -> None:
    finding = scanned({"pw": "vault:kv/shop"}).findings[0]
    assert finding.rule == "reference-form"
    assert finding.place == "v.json:2:3"


@pytest.mark.parametrize(
    "text",
    ["postgres://a:hunter2@h/<path:kv/data/a#b>", "ENC[hunter2]", "ENC[AES256_GCM,data:x,iv:y,tag:z,type:str] hunter2"],
)
def test_plain_text_does_not_hide_beside_a_reference_or_in_ciphertext(text: str) -> None:
    verdict = scanned({"dsn": text})
    assert verdict.failed
    assert "hunter2" not in verdict.model_dump_json()


def test_nothing_hides_in_the_sops_block() -> None:
    scan = scanned({"sops": {"mac": "ENC[AES256_GCM,data:x,iv:y,tag:z,type:str]", "note": "ghp_" + "aB3" * 12}})
    assert [finding.place for finding in scan.findings if finding.rule == "plain-secret"] == ["v.json:4:5"]


class TestAllowed:
    today = dt.date(2026, 3, 1)

    def scanned(self, until: dt.date | None, *more: Allowed) -> Verdict:
        entry = Allowed(pointer="/db/*", reason="a test fixture", until=until)
        return scanned({"db": {"password": "hunter2"}}, allow=(entry, *more), today=self.today)

    @pytest.mark.parametrize("until", [None, dt.date(2026, 3, 1)])
    def test_a_finding_somebody_answers_for_does_not_block(self, until: dt.date | None) -> None:
        verdict = self.scanned(until)
        assert verdict.passed
        assert [(each.rule, each.blocking) for each in verdict.findings] == [("allowed", False)]
        assert "a test fixture" in verdict.findings[0].message

    def test_after_its_day_it_blocks_again_and_says_so(self) -> None:
        verdict = self.scanned(dt.date(2026, 2, 28))
        assert verdict.failed
        assert "allowed until 2026-02-28: a test fixture" in verdict.findings[0].message

    def test_an_entry_that_holds_counts_before_one_that_is_over(self) -> None:
        assert self.scanned(dt.date(2026, 2, 28), Allowed(pointer="/db", reason="still")).passed


def test_a_broken_file_is_not_scanned_but_named() -> None:
    verdict = scanned(b'{"a": }')
    assert verdict.failed
    assert verdict.findings[0].rule == "missing-value"


def test_very_long_texts_are_answered() -> None:
    texts = ["a." * 30000, "eyJaaaaaaaa" * 3000, "://" * 30000, "sk-" * 30000, "${vault:" * 9000, "-eyJaaaaaaaa" * 3000]
    assert scanned({"list": texts}).findings


@pytest.mark.parametrize(
    "text",
    ["vault:kv/shop#key", "vault:kv/data/shop", "<path:kv/shop#key>", "ref+vault://kv/shop", "vault:kv/data/shop#k#0"],
)
@pytest.mark.parametrize("step", [run, config_validation.run])
def test_each_spelling_of_a_malformed_reference_is_a_finding_of_both_steps(
    text: str, step: Callable[[Context], Verdict]
) -> None:
    values = {
        "application": {"name": "shop", "version": "1.0.0", "environment": {"name": "dev", "configs": {"a": text}}}
    }
    verdict = step(Context(application="shop", environment="dev", path="v.json", data=json.dumps(values).encode()))
    assert verdict.failed
    assert [finding.rule for finding in verdict.findings] == ["reference-form"]


def test_an_encrypted_file_that_no_rule_covers_fails_the_scan() -> None:
    verdict = scanned({"sops": {"mac": "x"}})
    assert verdict.reason == "v.json is not encrypted as it must be in 2 places"
