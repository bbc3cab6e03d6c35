"""Who requested a run: a statement holds for one run and its parameters, and for nothing that differs in anything."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from liftgate.domain.approval.request import (
    CHAINED_KEY,
    REQUEST_KEY,
    ChainedRequest,
    Request,
    Started,
    proven_request,
    started,
)
from liftgate.domain.approval.requester import Requester
from liftgate.domain.approval.statement import Statement, sign_statement
from liftgate.domain.commits import signature
from liftgate.domain.commits.allowed_signers import read_allowed
from liftgate.domain.common.canonical import same
from tests.examples import ALLOWED_SIGNERS, NOW, SERVER, WORKER

SIGNERS = read_allowed(ALLOWED_SIGNERS)
PARAMETERS = {"application": "example-app", "to": "prod"}
RUN = started("liftgate", "promote", "r", PARAMETERS)
ROSA = Request(started=RUN, person="rosa", at=NOW)
CHAINED = ChainedRequest(started=RUN, before="b", requester=Requester(name="rosa", proof="server"), at=NOW)
json = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats(allow_nan=False, allow_infinity=False) | some.text(),
    lambda below: some.lists(below, max_size=3) | some.dictionaries(some.text(), below, max_size=3),
    max_leaves=8,
)
parameters = some.dictionaries(some.text(), json, max_size=4)


def by_server(statement: Statement) -> dict[str, str]:
    return {REQUEST_KEY: sign_statement(statement, SERVER, signature.VOTES)}


def by_worker(statement: Statement) -> dict[str, str]:
    return {CHAINED_KEY: sign_statement(statement, WORKER, signature.RUNS)}


@pytest.mark.parametrize(("inputs", "found"), [(by_server(ROSA), ROSA), (by_worker(CHAINED), CHAINED), ({}, None)])
def test_the_statement_of_the_run_is_found(inputs: dict[str, str], found: Any) -> None:
    assert proven_request(inputs, RUN, SIGNERS) == found


@pytest.mark.parametrize(
    "inputs",
    [
        {REQUEST_KEY: sign_statement(ROSA, WORKER, signature.VOTES)},
        {REQUEST_KEY: sign_statement(ROSA, WORKER, signature.RUNS)},
        {REQUEST_KEY: sign_statement(ROSA, SERVER, signature.DRIFT)},
        {CHAINED_KEY: sign_statement(CHAINED, SERVER, signature.RUNS)},
        {CHAINED_KEY: sign_statement(CHAINED, SERVER, signature.VOTES)},
        {CHAINED_KEY: sign_statement(CHAINED, WORKER, signature.LEDGER)},
        {CHAINED_KEY: by_server(ROSA)[REQUEST_KEY]},
        {REQUEST_KEY: by_worker(CHAINED)[CHAINED_KEY]},
        {REQUEST_KEY: by_server(ROSA)[REQUEST_KEY].replace("rosa", "ada")},
        {CHAINED_KEY: by_worker(CHAINED)[CHAINED_KEY].replace("rosa", "ada")},
        {REQUEST_KEY: "{}"},
        {REQUEST_KEY: "not json"},
    ],
)
def test_another_key_namespace_kind_or_text_proves_nothing(inputs: dict[str, str]) -> None:
    assert proven_request(inputs, RUN, SIGNERS) is None


@pytest.mark.parametrize("field", list(Started.model_fields))
@pytest.mark.parametrize("inputs", [by_server(ROSA), by_worker(CHAINED)])
def test_it_holds_for_nothing_else(field: str, inputs: dict[str, str]) -> None:
    assert proven_request(inputs, RUN.copy_with(**{field: "other"}), SIGNERS) is None


@given(parameters, parameters)
def test_it_holds_for_the_same_parameters_only(signed: dict[str, Any], now: dict[str, Any]) -> None:
    this = Request(started=started("liftgate", "promote", "r", signed), person="rosa", at=NOW)
    found = proven_request(by_server(this), started("liftgate", "promote", "r", now), SIGNERS)
    assert (found == this) == same(signed, now)


def test_what_is_not_json_is_never_proven() -> None:
    run = started("liftgate", "promote", "r", {"a": float("nan")})
    assert proven_request(by_server(ROSA.copy_with(started=run)), run, SIGNERS) is None
