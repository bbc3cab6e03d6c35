"""From a name that a system proved to a person of `liftgate.json`."""

from __future__ import annotations

import pytest

from liftgate.domain.approval.policy import Person
from liftgate.domain.config.configuration import read_configuration
from liftgate.domain.config.people import Claim, Who, by_account, by_claim, by_login
from tests.examples import SEED, text

KNOWN = read_configuration(text(SEED | {"people": {"ada": {"slack": "U01ADA", "github": "Ada"}, "grace": {}}}))


def slack(person: Person) -> str:
    return person.account("slack")


def github(person: Person) -> str:
    return person.account("github")


def test_a_forges_name_is_the_same_in_any_case_of_letters_and_a_chats_id_is_not() -> None:
    assert by_login(KNOWN, "aDA", github).name == "ada"
    assert by_account(KNOWN, "U01ADA", slack).name == "ada"
    assert not by_account(KNOWN, "u01ada", slack).known


def test_no_name_is_no_person() -> None:
    assert not by_account(KNOWN, "", slack).known
    assert not by_login(KNOWN, "", github).known


SIGNED_IN = read_configuration(
    text(
        SEED
        | {
            "people": {
                "ada": {"email": "Ada@example.com", "oidc": "E-1", "github": "grace"},
                "grace": {"email": "grace@example.com"},
                "E-2": {},
                "twin": {"email": "both@example.com"},
                "other": {"email": "both@example.com"},
            }
        }
    )
)


@pytest.mark.parametrize(
    ("claim", "who"),
    [
        (Claim(kind="name", value="grace"), Who(name="grace", known=True)),
        (Claim(kind="name", value="mallory"), Who(name="mallory", known=False)),
        (Claim(kind="email", value="ADA@example.com"), Who(name="ada", known=True)),
        (Claim(kind="email", value="grace"), Who(name="grace", known=False)),
        (Claim(kind="email", value="both@example.com"), Who(name="both@example.com", known=False)),
        (Claim(kind="email", value=""), Who(name="", known=False)),
        (Claim(kind="id", value="E-1"), Who(name="ada", known=True)),
        (Claim(kind="id", value="e-1"), Who(name="e-1", known=False)),
        (Claim(kind="id", value="E-2"), Who(name="E-2", known=False)),
        (Claim(kind="id", value="grace"), Who(name="grace", known=False)),
        (Claim(kind="id", value="grace@example.com"), Who(name="grace@example.com", known=False)),
    ],
    ids=str,
)
def test_what_a_sign_in_proved_is_compared_with_nothing_else(claim: Claim, who: Who) -> None:
    """A stranger may choose an id or an address that looks like a name, a login or an address of ours."""
    assert by_claim(SIGNED_IN, claim) == who
