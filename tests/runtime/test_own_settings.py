"""Each program sees its own settings: the table is whole, and nothing of another program passes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liftgate.runtime.own_settings import PROGRAMS, environment, own
from liftgate.settings import Settings, from_variables, load, names, to_variables, variable

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
KEYS = {"LIFTGATE_WORKER__SIGNING_KEY": "commits", "LIFTGATE_SERVER__SIGNING_KEY": "votes"}


def every_setting() -> set[str]:
    """The variable of each setting there is."""
    return {variable(*each) for each in names()}


def test_every_setting_has_its_place() -> None:
    assert PROGRAMS.keys() == every_setting()


def test_no_program_has_both_signing_keys() -> None:
    assert all(len(PROGRAMS[name]) == 1 for name in KEYS)
    assert not PROGRAMS["LIFTGATE_WORKER__SIGNING_KEY"] & PROGRAMS["LIFTGATE_SERVER__SIGNING_KEY"]


@given(st.dictionaries(st.sampled_from(sorted(KEYS)), TEXTS), st.lists(TEXTS), st.dictionaries(TEXTS, st.lists(TEXTS)))
def test_variables_and_settings_are_the_same_in_two_forms(
    keys: dict[str, str], scopes: list[str], commands: dict[str, list[str]]
) -> None:
    more = {
        "LIFTGATE_SERVER__TRUSTED_PROXIES": json.dumps(["10.0.0.7", "2001:db8::/32"]),
        "LIFTGATE_WORKER__COMMANDS": json.dumps(commands),
        "LIFTGATE_SERVER__OIDC__ISSUER": "https://login.example.com",
        "LIFTGATE_SERVER__OIDC__SCOPES": json.dumps(scopes),
        "LIFTGATE_SYNC_DEADLINE": "12.5",
        "LIFTGATE_ARGOCD__INSECURE": "True",
    }
    settings = from_variables(keys | more)
    assert to_variables(settings) == keys | more
    assert from_variables(to_variables(settings)) == settings


@pytest.mark.parametrize("spelling", ["LIFTGATE_SERVER__SIGNING_KEY", "liftgate_server__signing_key"])
def test_whatever_its_case_a_key_reaches_its_program_alone(spelling: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(spelling, "votes")
    assert "votes" not in environment("worker", load(), {spelling: "votes"}).values()
    assert environment("server", load(), {spelling: "votes"}) == {"LIFTGATE_SERVER__SIGNING_KEY": "votes"}


def test_a_section_written_as_one_json_variable_is_taken_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    section = json.dumps({"webhook_secret": "hook", "token": "sync"})
    monkeypatch.setenv("LIFTGATE_ARGOCD", section)
    assert environment("worker", load(), {"LIFTGATE_ARGOCD": section}) == {"LIFTGATE_ARGOCD__TOKEN": "sync"}


def test_a_misspelled_setting_reaches_no_program() -> None:
    wrong = {"LIFTGATE_WORKER_SIGNING_KEY": "commits", "LIFTGATE_DEBUG": "1", "PATH": "/bin"}
    for program in ("worker", "server", "Prefect server"):
        assert environment(program, Settings(), wrong) == {"LIFTGATE_DEBUG": "1", "PATH": "/bin"}


def test_keys_that_sops_gets_from_the_worker_are_the_workers_alone() -> None:
    settings = from_variables({"LIFTGATE_SOPS__PASS_ON": '["VAULT_TOKEN"]'})
    seen = {p: environment(p, settings, {"VAULT_TOKEN": "t"}) for p in ("worker", "server", "Prefect server")}
    assert [program for program, variables in seen.items() if "VAULT_TOKEN" in variables] == ["worker"]


def test_a_path_means_the_same_in_the_folder_where_the_program_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "key").write_text("…")
    given_ = {
        "LIFTGATE_WORKER__SIGNING_KEY": "key",
        "LIFTGATE_STATE": "not-made-yet",
        "LIFTGATE_REPOSITORY__URL": "https://forge.example.com/shop/config.git",
        "LIFTGATE_SOPS__AGE_KEY": "AGE-SECRET-KEY-1",
    }
    found = own("worker", from_variables(given_))
    assert found["LIFTGATE_WORKER__SIGNING_KEY"] == str(tmp_path / "key")
    assert found["LIFTGATE_STATE"] == str(tmp_path / "not-made-yet")
    unchanged = ("LIFTGATE_REPOSITORY__URL", "LIFTGATE_SOPS__AGE_KEY")
    assert {name: found[name] for name in unchanged} == {name: given_[name] for name in unchanged}


def test_what_a_program_was_given_it_gives_itself_unchanged() -> None:
    """The Liftgate server begins again without others' settings; then there are none, so it goes on."""
    settings = from_variables(dict.fromkeys(KEYS, "x") | {"LIFTGATE_SYNC_DEADLINE": "7"})
    once = environment("server", settings, KEYS | {"PREFECT_API_URL": "http://127.0.0.1:1/api"})
    ours = {name: value for name, value in once.items() if name.startswith("LIFTGATE_")}
    assert environment("server", from_variables(ours), once) == once
