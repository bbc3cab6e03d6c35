"""CODEOWNERS: which line decides, and whether it names the people who may approve."""

from __future__ import annotations

import pytest

from liftgate.domain.config.configuration import Configuration
from liftgate.domain.protection.code_owners import Owned, owner_lines, owners_of, read_owners
from liftgate.domain.protection.wanted_owners import wanted_owners
from tests.examples import SEED

FILES = {name: (f"configs/{name}/values.json",) for name in SEED["environments"]}
PEOPLE = {"ada": {"github": "Ada"}, "grace": {"github": "grace"}, "rosa": {"email": "rosa@example.com"}}


@pytest.mark.parametrize(
    ("pattern", "path", "fits"),
    [
        ("*", "configs/prod/values.json", True),
        ("*.json", "configs/prod/values.json", True),
        ("/configs/prod/", "configs/prod/values.json", True),
        ("/configs/prod", "configs/prod/values.json", True),
        ("configs/", "configs/prod/values.json", True),
        ("prod/", "configs/prod/values.json", True),
        ("/prod/", "configs/prod/values.json", False),
        ("configs/*", "configs/prod/values.json", False),
        ("configs/*", "configs/values.json", True),
        ("configs/**", "configs/prod/values.json", True),
        ("**/prod/", "configs/prod/values.json", True),
        ("/configs/pro?/values.json", "configs/prod/values.json", True),
        ("/configs/production/", "configs/prod/values.json", False),
        (r"/a\ b/", "a b/values.json", True),
        ("/configs/*/values.json", "configs/prod/values.json", True),
        ("a.b", "axb", False),
    ],
)
def test_which_files_a_pattern_fits(pattern: str, path: str, fits: bool) -> None:
    assert bool(owners_of(path, [Owned(pattern, ("@ada",))])) is fits


def test_the_last_line_that_fits_decides() -> None:
    owned = read_owners("# all\n* @team\n\n/configs/ @ada # reason\n/configs/dev/\n")
    assert owned == (Owned("*", ("@team",)), Owned("/configs/", ("@ada",)), Owned("/configs/dev/", ()))
    assert owners_of("configs/prod/x", owned) == ("@ada",)
    assert owners_of("configs/dev/x", owned) == ()


def told(text: str, **policy: object) -> dict[str, str]:
    configuration = Configuration.model_validate(SEED | {"people": PEOPLE, "policy": policy})
    wanted = wanted_owners(configuration, FILES, lambda person: person.account("github"), ".github/CODEOWNERS")
    found = owner_lines(wanted, ".github/CODEOWNERS", read_owners(text), {})
    return {line.wanted.partition(":")[0]: line.by_hand or line.state for line in found}


PROD = {"approvals": {"needed": 1, "from": ["ada", "grace"]}}
LINES = (
    "/configs/prod/ @Ada @grace\n/liftgate.json @Ada @grace\n/.liftgate/ @Ada @grace\n/.github/CODEOWNERS @Ada @grace\n"
)


def test_the_lines_to_add_are_shown_and_after_that_all_is_in_place() -> None:
    found = told("", prod=PROD)
    assert found["prod"] == "add to the end of .github/CODEOWNERS:\n/configs/prod/ @Ada @grace"
    assert set(told(LINES, prod=PROD).values()) == {"in place"}
    assert set(told(LINES.replace("@Ada", "@ada"), prod=PROD).values()) == {"in place"}


def test_an_owner_who_may_not_approve_is_told_and_a_team_is_the_teams_own_matter() -> None:
    assert "add to" in told(LINES + "/configs/ @mallory\n", prod=PROD)["prod"]
    assert told(LINES + "/configs/ @shop/release\n", prod=PROD)["prod"] == "in place"


def test_an_e_mail_address_is_no_account_that_may_approve() -> None:
    """A stranger's address would else be the only owner of prod, and all in place."""
    assert "add to" in told(LINES + "/configs/ mallory@example.com\n", prod=PROD)["prod"]


def test_each_file_of_keys_needs_an_owner() -> None:
    """Also the one of an OpenPGP key that does not exist yet: it would sign the next commit."""
    keys = LINES.replace("/.liftgate/ ", "/.liftgate/allowed_signers ")
    assert "/.liftgate/ @Ada @grace" in told(keys, prod=PROD)["liftgate.json and its keys"]


def test_only_a_line_feed_ends_a_line() -> None:
    assert read_owners("# was:\f/configs/ @ada\r\n* @team\r\n") == (Owned("*", ("@team",)),)


def test_a_policy_without_names_can_have_no_code_owners() -> None:
    assert told("") == {"prod": "not checked"}
    assert told("", prod={"approvals": {"needed": 1, "from": ["rosa"]}}) == {"prod": "not checked"}


def test_an_owner_that_the_forge_does_not_know_makes_the_line_worth_nothing() -> None:
    (line,) = owner_lines((), "CODEOWNERS", (), {"line 3": "Unknown owner @ada"})
    assert (line.state, line.there) == ("missing", "line 3: Unknown owner @ada")
