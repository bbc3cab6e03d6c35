"""What the doctor says of the sign-in and of the Liftgate server's database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Said
from tests.identity_provider import provider
from tests.server.test_oidc import oidc

Doctor = Callable[..., tuple[str, str]]


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with provider() as issuer:
        yield issuer


@pytest.fixture
def doctor(tmp_path: Path, liftgate: Callable[..., Said]) -> Doctor:
    def call(check: str, settings: dict[str, str]) -> tuple[str, str]:
        usual = {"LIFTGATE_STATE": str(tmp_path / "state"), "LIFTGATE_SERVER__URL": "https://liftgate.example.com"}
        said = liftgate("doctor", "--json", **usual | settings)
        assert "hunter2" not in said.out
        found = next(one for one in said.data["checks"] if one["check"] == check)
        return found["state"], found["reason"]

    return call


def test_a_provider_that_answers_passes_with_the_address_to_register(doctor: Doctor, issuer: str) -> None:
    state, reason = doctor("sign-in", oidc(issuer))
    assert state == "passed"
    assert "https://liftgate.example.com/sign-in/oidc/callback" in reason


def test_a_wrong_issuer_is_named_with_the_right_one(doctor: Doctor, issuer: str) -> None:
    state, reason = doctor("sign-in", oidc(f"{issuer}/"))
    assert (state, f"the provider calls itself '{issuer}'" in reason) == ("failed", True)
    state, reason = doctor("sign-in", oidc(issuer.replace("127.0.0.1", "login.example.com")))
    assert (state, "LIFTGATE_SERVER__OIDC__ISSUER must begin with https://" in reason) == ("failed", True)
    state, reason = doctor("sign-in", oidc("http://127.0.0.1:1"))
    assert (state, "the sign-in provider is not reachable" in reason) == ("failed", True)


def test_without_the_servers_address_people_cannot_come_back(doctor: Doctor, issuer: str) -> None:
    state, reason = doctor("sign-in", oidc(issuer) | {"LIFTGATE_SERVER__URL": ""})
    assert (state, "LIFTGATE_SERVER__URL" in reason) == ("failed", True)


def test_no_provider_is_advice_only(doctor: Doctor) -> None:
    state, reason = doctor("sign-in", {})
    assert (state, "LIFTGATE_SERVER__OIDC__ISSUER" in reason) == ("not configured", True)


def test_a_database_is_tried_and_nothing_is_created(doctor: Doctor, tmp_path: Path) -> None:
    assert doctor("server's database", {})[0] == "passed"
    assert not (tmp_path / "state" / "server.sqlite").exists()
    state, reason = doctor("server's database", {"LIFTGATE_SERVER__DATABASE": "postgresql://u:hunter2@127.0.0.1:1/d"})
    assert (state, "LIFTGATE_SERVER__DATABASE" in reason) == ("failed", True)


def test_a_server_with_a_wrong_database_does_not_start(tmp_path: Path, liftgate: Callable[..., Said]) -> None:
    settings = {
        "LIFTGATE_STATE": str(tmp_path / "state"),
        "LIFTGATE_REPOSITORY__URL": "https://git.example.com/shop/config.git",
        "LIFTGATE_PREFECT__API_URL": "http://127.0.0.1:1/api",
        "LIFTGATE_SERVER__DATABASE": "mysql://u:hunter2@db/d",
    }
    said = liftgate("server", "--port", "0", **settings)
    assert (said.code, "LIFTGATE_SERVER__DATABASE must begin with postgresql://" in said.err) == (5, True)
    assert "hunter2" not in said.out + said.err
