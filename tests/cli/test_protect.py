"""`liftgate protect` over the sandbox's GitHub: from nothing to protected, drift, and what a person must click."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sandbox_tests.plain import http

from liftgate.errors import Refused
from liftgate.integrations.git.mirror import Mirror
from liftgate.integrations.git.process import sign_in
from tests.cli.conftest import Said, git
from tests.examples import NOW, SEED, text
from tests.integrations.conftest import AUTHOR, Hosted, hosted

__all__ = ["hosted"]
Protect = Callable[..., Said]
POLICY = {"prod": {"approvals": {"needed": 1, "from": ["ada", "grace"]}}}
PEOPLE = {"ada": {"github": "ada"}, "grace": {"github": "grace"}}
OWNED = ("/configs/prod/", "/liftgate.json", "/.liftgate/", "/.github/CODEOWNERS")
OWNERS = "".join(f"{pattern} @ada @grace\n" for pattern in OWNED).encode()
WORKER = ("--worker", "liftgate-bot")


@pytest.fixture
def protect(hosted: Hosted, tmp_path: Path, liftgate: Callable[..., Said]) -> Protect:
    """As the administrator `owner`, or with `token`."""
    hosted.forge.add_user("owner", "token-of-owner", permission="admin")
    variables = {
        "LIFTGATE_STATE": str(tmp_path / "state"),
        "LIFTGATE_REPOSITORY__URL": f"{hosted.url}/shop/config.git",
        "LIFTGATE_REPOSITORY__TOKEN": hosted.tokens["liftgate-bot"],
        "LIFTGATE_FORGE__KIND": "github",
        "LIFTGATE_FORGE__TOKEN": "token-of-owner",
    }

    def call(*arguments: str, command: str = "protect", **more: str) -> Said:
        return liftgate(command, *arguments, **variables | more)

    return call


def missing(said: Said) -> list[str]:
    return [each["wanted"] for each in said.data["rules"] if each["state"] == "missing"]


def asked(hosted: Hosted, method: str, path: str, **body: Any) -> Any:
    url = f"{hosted.url}/api/v3/repos/shop/config{path}"
    headers = {"Authorization": "Bearer token-of-owner"}
    return http.request(method, url, json=body or None, headers=headers).raise_for_status().json()


def rulesets(hosted: Hosted) -> list[Any]:
    return [asked(hosted, "GET", f"/rulesets/{each['id']}") for each in asked(hosted, "GET", "/rulesets")]


def test_from_nothing_to_protected_and_the_second_run_changes_nothing(hosted: Hosted, protect: Protect) -> None:
    hosted.commit({"liftgate.json": text(SEED | {"policy": POLICY, "people": PEOPLE})})
    before = protect(*WORKER, "--json")
    assert (before.code, rulesets(hosted)) == (1, [])
    first = protect("--apply", *WORKER, "--json")
    assert [each["name"] for each in rulesets(hosted)] == first.data["changed"]
    assert len(first.data["changed"]) == 4
    assert missing(first) == [
        "prod: reviews by the code owners ada or grace",
        "liftgate.json and its keys: reviews by the code owners ada or grace",
    ]
    assert first.code == 1
    there = rulesets(hosted)
    again = protect("--apply", *WORKER, "--json")
    assert (again.data["changed"], rulesets(hosted)) == ([], there)


def test_code_owners_are_shown_and_never_written(hosted: Hosted, protect: Protect) -> None:
    head = hosted.commit({"liftgate.json": text(SEED | {"policy": POLICY, "people": PEOPLE})})
    shown = protect("--apply", *WORKER)
    assert "add to the end of .github/CODEOWNERS:\n/configs/prod/ @ada @grace" in shown.out
    assert hosted.mirror("reader").fetch() == head


def test_all_in_place_ends_with_0_and_people_are_held_by_it(hosted: Hosted, protect: Protect, tmp_path: Path) -> None:
    files = {"liftgate.json": text(SEED | {"policy": POLICY, "people": PEOPLE}), ".github/CODEOWNERS": OWNERS}
    hosted.commit(files)
    assert protect("--apply", *WORKER).code == 0
    ada = Mirror(tmp_path / "ada", f"{hosted.url}/shop/config.git", "main", sign_in("ada", "token-of-ada"))
    head = ada.fetch()
    sha = ada.write(head, {"by-hand": b""}, "by hand\n", NOW, AUTHOR, None)
    with pytest.raises(Refused, match="Changes must be made through a pull request"):
        ada.push(sha, ada.ref, head)
    with pytest.raises(Refused, match="creations being restricted"):
        ada.push(sha, "refs/heads/liftgate/ledger", "")
    worker = hosted.mirror("worker")
    sha = worker.write(worker.fetch(), {"by-worker": b""}, "by the worker\n", NOW, AUTHOR, None)
    assert worker.push(sha, worker.ref, head) == "pushed"


def test_drift_is_found_by_protect_and_by_the_doctor_and_mended(hosted: Hosted, protect: Protect) -> None:
    protect("--apply", *WORKER)
    assert protect(*WORKER).code == 0
    of_main = rulesets(hosted)[1]
    asked(hosted, "PUT", f"/rulesets/{of_main['id']}", rules=[])
    found = protect(*WORKER, "--json")
    assert (found.code, len(missing(found))) == (1, 2)
    checks = protect("--json", command="doctor", LIFTGATE_FORGE__TOKEN="token-of-liftgate-bot").data["checks"]
    state, reason = next((each["state"], each["reason"]) for each in checks if each["check"] == "forge: protection")
    assert state == "failed"
    assert "past the gates" in reason
    assert "run: liftgate protect" in reason
    assert protect("--apply", *WORKER, "--json").data["changed"] == [of_main["name"]]
    assert rulesets(hosted)[1] == of_main


def test_a_worker_that_has_all_rules_passes_the_doctor(hosted: Hosted, protect: Protect) -> None:
    protect("--apply", *WORKER)
    checks = protect("--json", command="doctor", LIFTGATE_FORGE__TOKEN="token-of-liftgate-bot").data["checks"]
    found = {each["check"]: each["state"] for each in checks if each["check"].startswith("forge: ")}
    assert found == dict.fromkeys(found, "passed")


def test_without_the_right_it_prints_what_to_click(hosted: Hosted, protect: Protect) -> None:
    said = protect("--apply", *WORKER, LIFTGATE_FORGE__TOKEN="token-of-ada")
    assert (said.code, rulesets(hosted)) == (3, [])
    assert f"Open {hosted.url}/shop/config/settings/rules/new?target=branch" in said.out
    assert "turn on “Require a pull request before merging”" in said.out
    assert "Add checks: liftgate" in said.out
    assert "Add bypass: liftgate-bot, Always" in said.out
    assert "may not change the rules of shop/config" in said.err


def test_the_account_of_the_worker_must_be_named_to_set_rules(protect: Protect) -> None:
    assert (protect("--apply").code, protect().code) == (2, 1)
    said = protect("--apply", "--worker", "liftgate-bto")
    assert (said.code, said.out) == (3, "")
    assert 'no account "liftgate-bto"' in said.err


def test_a_bypass_that_a_person_added_is_told_and_stays(hosted: Hosted, protect: Protect) -> None:
    protect("--apply", *WORKER)
    history = rulesets(hosted)[0]
    admins = {"actor_type": "RepositoryRole", "actor_id": 5, "bypass_mode": "always"}
    asked(hosted, "PUT", f"/rulesets/{history['id']}", bypass_actors=[admins])
    said = protect("--apply", *WORKER, "--json")
    assert (said.code, said.data["changed"]) == (1, [])
    assert missing(said) == [f"main: no account may bypass the ruleset “{history['name']}”"]
    assert rulesets(hosted)[0]["bypass_actors"] == [admins]


def test_a_forge_without_rules_says_what_to_do_in_general(protect: Protect) -> None:
    said = protect(LIFTGATE_FORGE__KIND="git")
    assert said.code == 3
    assert "liftgate/ledger: let only the worker's account push" in said.out


def test_a_clone_is_enough(hosted: Hosted, protect: Protect, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    url = f"{hosted.url}/shop/config.git"
    git(tmp_path, "clone", "--quiet", url.replace("//", "//x:token-of-ada@"), str(clone))
    git(clone, "remote", "set-url", "origin", url)
    said = protect("--repo", str(clone), *WORKER, "--json", LIFTGATE_REPOSITORY__URL="")
    assert (said.code, len(missing(said))) == (1, 9)
    git(clone, "remote", "remove", "origin")
    said = protect("--repo", str(clone), LIFTGATE_REPOSITORY__URL="")
    assert (said.code, "LIFTGATE_REPOSITORY__URL" in said.err) == (5, True)
