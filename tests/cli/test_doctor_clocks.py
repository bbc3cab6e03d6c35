"""What the doctor says of the clocks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Said
from tests.skewed_server import skewed_server

Doctor = Callable[..., tuple[str, str]]


@pytest.fixture
def doctor(tmp_path: Path, liftgate: Callable[..., Said]) -> Doctor:
    def call(**settings: str) -> tuple[str, str]:
        said = liftgate("doctor", "--json", LIFTGATE_STATE=str(tmp_path / "state"), **settings)
        (found,) = [one for one in said.data["checks"] if one["check"] == "clocks"]
        return found["state"], found["reason"]

    return call


@pytest.mark.parametrize(("seconds", "words"), [(120, "min behind Argo CD"), (-120, "min ahead of Argo CD")])
def test_a_clock_that_is_wrong_is_named_beside_the_one_that_it_differs_from(
    doctor: Doctor, seconds: int, words: str
) -> None:
    with skewed_server(seconds) as argocd, skewed_server(2) as prefect:
        state, reason = doctor(LIFTGATE_ARGOCD__URL=argocd, LIFTGATE_PREFECT__API_URL=f"{prefect}/api")
    assert (state, words in reason, "Prefect" in reason) == ("failed", True, False), reason


def test_clocks_that_agree_are_named(doctor: Doctor) -> None:
    with skewed_server(0) as argocd, skewed_server(-10) as prefect:
        state, reason = doctor(LIFTGATE_ARGOCD__URL=argocd, LIFTGATE_PREFECT__API_URL=f"{prefect}/api")
    assert (state, "Prefect and Argo CD" in reason) == ("passed", True), reason


def test_without_a_server_that_answers_nothing_is_known(doctor: Doctor) -> None:
    assert doctor(LIFTGATE_ARGOCD__URL="http://127.0.0.1:1")[0] == "not configured"
