"""A variable that looks like a setting and is none is named, with the nearest right name; its value never is."""

from __future__ import annotations

import pytest

from liftgate import settings
from liftgate.errors import Misconfigured


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("LIFTGATE_ARGOCD_URL", "LIFTGATE_ARGOCD__URL"),
        ("LIFTGATE_ARGO__URL", "LIFTGATE_ARGOCD__URL"),
        ("LIFTGATE_SYNC_DEADLIN", "LIFTGATE_SYNC_DEADLINE"),
        ("LIFTGATE_WORKER__SIGNINGKEY", "LIFTGATE_WORKER__SIGNING_KEY"),
        ("LIFTGATE_REPOSITORY_URL", "LIFTGATE_REPOSITORY__URL"),
        ("liftgate_forge_kind", "LIFTGATE_FORGE__KIND"),
    ],
)
def test_a_misspelled_variable_is_found_with_the_nearest_right_name(wrong: str, right: str) -> None:
    assert settings.unknown({wrong: "hunter2"}) == [f'{wrong} is not a setting; did you mean "{right}"?']


def test_every_setting_is_known_and_so_is_what_is_none_of_them_on_purpose() -> None:
    ours = {settings.variable(*each) for each in settings.names()}
    assert {"LIFTGATE_STATE", "LIFTGATE_ARGOCD__TOKEN"} <= ours
    others = {
        "LIFTGATE_DEBUG", "LIFTGATE_ARGOCD", "LIFTGATE_WORKER__COMMANDS__SMOKE", "liftgate_argocd__url", "PATH",
        "LIFTGATE_PORT", "LIFTGATE_SERVICE_HOST", "LIFTGATE_SERVER_PORT_8080_TCP_ADDR",
    }  # fmt: skip
    assert settings.unknown(dict.fromkeys(ours | others, "")) == []


def test_one_within_a_section_stops_every_command_with_the_same_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIFTGATE_ARGOCD__TOKN", "hunter2")
    monkeypatch.setenv("LIFTGATE_SYNC_DEADLINE", "soon")
    with pytest.raises(Misconfigured) as stopped:
        settings.load()
    assert 'LIFTGATE_ARGOCD__TOKN is not a setting; did you mean "LIFTGATE_ARGOCD__TOKEN"?' in str(stopped.value)
    assert "LIFTGATE_SYNC_DEADLINE: " in str(stopped.value)
    assert "hunter2" not in str(stopped.value)


@pytest.mark.parametrize("name", ["", "Shop", "shop-eu", "1shop", "shop\n", "läden", "s" * 41])
def test_an_installations_name_that_could_not_begin_every_key_is_refused(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIFTGATE_PREFECT__NAME", name)
    with pytest.raises(Misconfigured, match=r"^LIFTGATE_PREFECT__NAME: must be lower-case letters and digits"):
        settings.load()


def test_proxies_that_could_never_be_compared_are_named_by_their_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(
        "LIFTGATE_SERVER__TRUSTED_PROXIES", '["10.0.0.7", "proxy.example.com", "10.0.0.0/8", "::1", "10/33"]'
    )
    with pytest.raises(Misconfigured, match=r"^LIFTGATE_SERVER__TRUSTED_PROXIES: entries 2, 5 are neither an address"):
        settings.load()
    monkeypatch.setenv("LIFTGATE_SERVER__TRUSTED_PROXIES", '["10.0.0.7", "10.1.2.3/8", "2001:db8::/32"]')
    assert settings.load().server.trusted_proxies == ["10.0.0.7", "10.1.2.3/8", "2001:db8::/32"]


def test_a_list_that_is_no_json_is_one_sentence_without_the_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIFTGATE_SOPS__PASS_ON", "hunter2")
    monkeypatch.setenv("liftgate_server__oidc__scopes", "openid")
    with pytest.raises(Misconfigured) as caught:
        settings.load()
    assert "LIFTGATE_SOPS__PASS_ON must be JSON" in str(caught.value)
    assert "LIFTGATE_SERVER__OIDC__SCOPES must be JSON" in str(caught.value)
    assert "hunter2" not in str(caught.value)
