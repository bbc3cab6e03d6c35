"""From a name that a system proved to a person of `liftgate.json`."""

from __future__ import annotations

from liftgate.domain.configuration import read
from liftgate.domain.people import by_account, by_login
from liftgate.domain.policy import Person
from tests.examples import SEED, text

KNOWN = read(text(SEED | {"people": {"ada": {"slack": "U01ADA", "github": "Ada"}, "grace": {}}}))


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
