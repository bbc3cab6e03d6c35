"""A forge signs the merges that it makes with a key of its own: that proves no person, wherever the key is."""

from __future__ import annotations

import shutil
from collections.abc import Mapping

import pytest
from sandbox_tests.plain import http

from liftgate.integrations.git import openpgp
from liftgate.integrations.git.config_snapshot import ConfigSnapshot
from liftgate.integrations.git.openpgp import GPG_KEYS
from liftgate.integrations.git.repository import Author
from liftgate.services import signatures
from tests.examples import NOW
from tests.integrations.conftest import Hosted, hosted
from tests.integrations.forge.github_world import ask, made

__all__ = ["hosted"]
ADA = Author(name="Ada", email="ada@example.com")
KEY_FILE = f"{GPG_KEYS}/noreply@github.com.asc"
FORGES = ("key not valid", "signed with the forge's key, which proves no person")
UNCHECKED = ("not checked", "signed with OpenPGP, which is not checked")
with_gpg = pytest.mark.skipif(not shutil.which("gpg"), reason="gpg is not installed")


def merged(hosted: Hosted, method: str) -> str:
    """The commit that the forge makes of ada's pull request, while main goes on."""
    mirror = hosted.mirror(f"ada-{method}")
    sha = mirror.write(mirror.fetch(), {f"{method}.md": b"x"}, "Mine\n", NOW, ADA, None)
    assert mirror.push(sha, f"refs/heads/ada/{method}", "") == "pushed"
    number = ask(hosted, "ada", "POST", "/pulls", title="Mine", head=f"ada/{method}", base="main", body="")["number"]
    hosted.commit({f"meanwhile-{method}.md": b"x"})
    return str(ask(hosted, "grace", "PUT", f"/pulls/{number}/merge", merge_method=method)["sha"])


def judged(hosted: Hosted, *methods: str) -> Mapping[str, tuple[str, str]]:
    """State and reason of the merge by each method."""
    hosted.forge.allow_merges("shop/config", *methods)
    made_by = {merged(hosted, method): method for method in methods}
    mirror = hosted.mirror("reader")
    found = signatures.judge_commits(ConfigSnapshot(mirror, mirror.fetch()), made(hosted), list(made_by))
    return {made_by[each.commit]: (each.state, each.reason) for each in found}


def test_without_its_key_a_merge_is_judged_by_its_parents_and_a_squash_is_not_checked(hosted: Hosted) -> None:
    found = judged(hosted, "merge", "squash")
    assert found == {"merge": ("clean merge", "a clean merge of its parents"), "squash": UNCHECKED}


@with_gpg
def test_with_its_key_in_the_repository_it_proves_no_person_either(hosted: Hosted) -> None:
    key = http.get(f"{hosted.url}/web-flow.gpg").content
    hosted.commit({KEY_FILE: key})
    found = judged(hosted, "merge", "squash")
    assert found == {"merge": ("clean merge", "a clean merge of its parents"), "squash": FORGES}


@with_gpg
@pytest.mark.parametrize(
    "names", [("ada@example.com", "noreply@github.com"), ("*",)], ids=["under two names", "under a pattern"]
)
def test_its_key_under_another_name_too_proves_no_person(names: tuple[str, ...], hosted: Hosted) -> None:
    """`gpg --export` of a person writes every key that the person has, the forge's too."""
    key = http.get(f"{hosted.url}/web-flow.gpg").content
    hosted.commit({f"{GPG_KEYS}/{name}.asc": key for name in names})
    assert judged(hosted, "squash") == {"squash": FORGES}


def test_with_its_key_but_without_gpg_it_is_not_checked(hosted: Hosted, monkeypatch: pytest.MonkeyPatch) -> None:
    openpgp._keyring.cache_clear()
    monkeypatch.setattr(shutil, "which", lambda _: None)
    hosted.commit({KEY_FILE: http.get(f"{hosted.url}/web-flow.gpg").content})
    assert judged(hosted, "squash") == {"squash": UNCHECKED}
    openpgp._keyring.cache_clear()
