"""Sign-in as a GitHub App: its tokens are made for one repository, and renewed before they end, for API and git."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import RSAKey

from liftgate.errors import Misconfigured, Unavailable
from liftgate.integrations.forge import Access
from liftgate.integrations.forge.github import GitHub
from liftgate.integrations.git.mirror import Mirror
from liftgate.integrations.git.process import SignIn, sign_in
from liftgate.settings import from_variables
from liftgate.wiring import Integrations
from tests.examples import NOW
from tests.integrations.conftest import AUTHOR, Hosted
from tests.integrations.forge.test_contract import BRANCH, fault, propose

APP = "Iv23liftgate"


@cache
def key() -> RSAKey:
    """To make one takes a while, in every process that collects the tests."""
    return RSAKey.generate_key(2048)


def pem() -> str:
    return key().as_pem(private=True).decode()


def install(hosted: Hosted, lifetime: float = 3600) -> None:
    public = key().as_pem(private=False).decode()
    hosted.forge.add_app(APP, public, repositories=("shop/config",), lifetime=lifetime)


def made(hosted: Hosted, **more: Any) -> GitHub:
    given = {"url": f"{hosted.url}/api/v3", "repository": "shop/config", "app_id": APP, "app_key": pem()}
    return GitHub(Access(**given | more))


def wired(hosted: Hosted, folder: Path) -> Integrations:
    variables = {
        "LIFTGATE_STATE": str(folder / "state"),
        "LIFTGATE_REPOSITORY__URL": f"{hosted.url}/shop/config.git",
        "LIFTGATE_FORGE__KIND": "github",
        "LIFTGATE_FORGE__APP_ID": APP,
        "LIFTGATE_FORGE__APP_KEY": pem(),
    }
    return Integrations(from_variables(variables))


def issued(hosted: Hosted) -> int:
    return len(hosted.forge.core.issued)


def test_the_app_signs_in_for_the_api(hosted: Hosted) -> None:
    install(hosted)
    forge = made(hosted)
    hosted.commit({"a": b"1"})
    head = hosted.mirror("reader").fetch()
    hosted.forge.bare("shop/config").update_ref(f"refs/heads/{BRANCH}", head)
    hosted.commit({"a": b"2"})
    assert forge.find(BRANCH, "main") is None
    assert forge.merge_problem("main") == ""
    assert issued(hosted) == 1, "one token for an hour"


def test_the_key_may_be_a_file(hosted: Hosted, tmp_path: Path) -> None:
    install(hosted)
    (tmp_path / "app.pem").write_text(pem())
    assert made(hosted, app_key=str(tmp_path / "app.pem")).find(BRANCH, "main") is None


@pytest.mark.parametrize("key", ["~no-such-user/app.pem", "/nowhere/app.pem", "a\0b"])
def test_a_path_of_no_key_is_one_sentence(hosted: Hosted, key: str) -> None:
    with pytest.raises(Misconfigured, match="LIFTGATE_FORGE__APP_KEY: the key file cannot be read"):
        made(hosted, app_key=key).find(BRANCH, "main")


def test_a_token_is_renewed_before_it_ends(hosted: Hosted) -> None:
    install(hosted, lifetime=299)
    forge = made(hosted)
    forge.find(BRANCH, "main")
    forge.find(BRANCH, "main")
    assert issued(hosted) == 2


def test_a_token_that_is_about_to_end_does_while_no_new_one_can_be_had(hosted: Hosted) -> None:
    install(hosted, lifetime=299)
    forge = made(hosted)
    forge.find(BRANCH, "main")
    fault(hosted, "status-503", path="/installation")
    assert forge.find(BRANCH, "main") is None
    assert issued(hosted) == 1


def test_a_token_that_ended_early_is_replaced_at_once(hosted: Hosted) -> None:
    install(hosted)
    forge = made(hosted)
    forge.find(BRANCH, "main")
    hosted.forge.core.issued.clear()
    assert forge.find(BRANCH, "main") is None
    assert issued(hosted) == 1


def test_git_gets_the_apps_tokens_too(hosted: Hosted, tmp_path: Path) -> None:
    """In a process that lives longer than a token."""
    install(hosted, lifetime=299)
    at = wired(hosted, tmp_path)
    head = at.git.fetch()
    sha = at.git.write(head, {"a": b"1"}, "By the App\n", NOW, AUTHOR, None)
    hosted.forge.core.issued.clear()
    assert at.git.push(sha, f"refs/heads/{BRANCH}", "") == "pushed"
    assert propose(at.forge) == 1


def test_a_token_of_git_that_ended_early_is_replaced_at_the_next_try(hosted: Hosted, tmp_path: Path) -> None:
    install(hosted)
    at = wired(hosted, tmp_path)
    head = at.git.fetch()
    hosted.forge.core.issued.clear()
    with pytest.raises(Unavailable, match="it worked before; trying again"):
        at.git.fetch()
    assert at.git.fetch() == head


def test_reading_needs_no_token_for_what_is_here(hosted: Hosted, tmp_path: Path) -> None:
    def none() -> dict[str, str]:
        raise Misconfigured("no token")

    url = f"{hosted.url}/shop/config.git"
    head = Mirror(tmp_path / "s", url, "main", sign_in("bot", hosted.tokens["ada"])).fetch()
    mirror = Mirror(tmp_path / "s", url, "main", renewed=SignIn(none))
    assert mirror.file(head, "liftgate.json") is not None
    with pytest.raises(Misconfigured, match="no token"):
        mirror.fetch()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"app_key": "-----BEGIN nothing"}, "LIFTGATE_FORGE__APP_KEY is no RSA private key"),
        ({"app_key": "/no/such/file"}, "LIFTGATE_FORGE__APP_KEY: the key file cannot be read"),
        ({"app_key": ""}, "LIFTGATE_FORGE__APP_ID and LIFTGATE_FORGE__APP_KEY"),
        ({"app_id": ""}, "LIFTGATE_FORGE__APP_ID and LIFTGATE_FORGE__APP_KEY"),
        ({"app_id": "another"}, "does not accept the GitHub App"),
        ({"repository": "shop/other"}, "the GitHub App is not installed for shop/other"),
    ],
)
def test_what_is_wrong_is_named(hosted: Hosted, changes: dict[str, str], said: str) -> None:
    install(hosted)
    with pytest.raises(Misconfigured, match=said) as told:
        made(hosted, **changes).find(BRANCH, "main")
    assert "PRIVATE" not in str(told.value)


def test_a_renamed_repository_is_found_by_the_app(hosted: Hosted) -> None:
    install(hosted)
    hosted.forge.rename("shop/config", "shop/settings")
    assert made(hosted).find(BRANCH, "main") is None
