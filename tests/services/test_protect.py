"""Setting the rules of branches: what a forge refuses stops nothing else, and signatures need an account with a key."""

from __future__ import annotations

import base64
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from liftgate.domain.commits import signature
from liftgate.domain.config.configuration import Configuration
from liftgate.domain.protection.ruleset import Ruleset
from liftgate.domain.protection.wanted import asks_for_signatures
from liftgate.errors import Refused
from liftgate.integrations.forge.protection_memory import InMemoryRules, MemoryProtection
from liftgate.integrations.git.config_snapshot import ConfigSnapshot
from liftgate.integrations.git.work_tree import NOW, WorkTree
from liftgate.services import protect
from liftgate.services.protect import Asked, protection_of, protection_verdict, set_protection
from tests.examples import ALLOWED_SIGNERS, SEED, WORKER, text, values

KEY = "ssh-ed25519 " + base64.b64encode(signature.public_bytes(WORKER)).decode()


@pytest.fixture
def there() -> InMemoryRules:
    rules = InMemoryRules()
    rules.add("owner", is_admin=True)
    rules.add("bot")
    return rules


@pytest.fixture
def asked(there: InMemoryRules, tmp_path: Path) -> Asked:
    (tmp_path / ".liftgate").mkdir()
    (tmp_path / ".liftgate/allowed_signers").write_text(ALLOWED_SIGNERS)
    (tmp_path / "liftgate.json").write_bytes(text(SEED))
    for name in SEED["environments"]:
        (tmp_path / "configs" / name).mkdir(parents=True)
        (tmp_path / "configs" / name / "values.json").write_bytes(text(values(name)))
    tree = ConfigSnapshot(WorkTree(tmp_path), NOW)
    return Asked(there.protection("owner"), tree, "main", lambda person: person.account("github"), ("bot",))


class Picky(MemoryProtection):
    """A server that does not take one of them."""

    def write(self, ruleset: Ruleset) -> None:
        if ruleset.bypass:
            raise Refused("no user may bypass a ruleset here")
        super().write(ruleset)


def test_what_the_forge_does_not_take_is_told_and_the_rest_is_set(there: InMemoryRules, asked: Asked) -> None:
    written: list[str] = []
    picky = Asked(Picky(there, "owner"), asked.tree, "main", asked.login, asked.workers)
    refused = set_protection(picky, written.append)
    assert written == ["Liftgate: main", "Liftgate: ledger"]
    assert [each.partition(" no user")[0] for each in refused] == [
        "Liftgate: changes of main:",
        "Liftgate: branches of the worker:",
    ]
    assert [each.name for each in there.rulesets.values()] == written


def test_without_the_right_one_try_is_enough(there: InMemoryRules, asked: Asked) -> None:
    as_bot = Asked(there.protection("bot"), asked.tree, "main", asked.login)
    assert set_protection(as_bot, print) == ("this account may not change the rules",)
    assert protection_verdict(as_bot).state == "not configured"


def test_the_doctor_names_what_is_missing_what_that_allows_and_the_command(there: InMemoryRules, asked: Asked) -> None:
    set_protection(asked, lambda _: None)
    assert protection_verdict(asked).passed
    number = next(number for number, each in there.rulesets.items() if each.name == "Liftgate: ledger")
    there.rulesets[number] = there.rulesets[number].copy_with(rules=())
    verdict = protection_verdict(asked)
    assert verdict.failed
    assert "liftgate/ledger: no force push (the rule was removed: everyone with the role Write can" in verdict.reason
    assert verdict.reason.endswith("run: liftgate protect")


def test_the_doctor_says_what_the_worker_is_not_told(asked: Asked, there: InMemoryRules) -> None:
    there.hidden = ("main",)
    set_protection(asked, lambda _: None)
    verdict = protection_verdict(asked)
    assert (verdict.passed, "not checked: main: no deletion (only an admin" in verdict.reason) == (True, True), verdict
    assert verdict.reason.endswith("; and 2 more")


def signing(asked: Asked) -> dict[str, str]:
    return {line.wanted: line.there for line in protection_of(asked).lines if "signatures of" in line.wanted}


def test_where_signatures_are_required_the_workers_account_needs_its_key(
    there: InMemoryRules, asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert signing(asked) == {}
    monkeypatch.setattr(protect, "asks_for_signatures", lambda _: True)
    wanted = "the signatures of bot count at the forge"
    assert signing(asked)[wanted].startswith("none of the worker's keys")
    there.keys["bot"] = (KEY,)
    assert signing(asked) == {wanted: "as wanted"}
    there.add("app[bot]", is_app=True)
    as_app = Asked(asked.rules, asked.tree, "main", asked.login, ("app[bot]", "deploy-key"))
    assert signing(as_app) == {"the signatures of app[bot] count at the forge": "an app cannot register a signing key"}


def test_one_environment_that_requires_signatures_is_enough() -> None:
    def configuration(**signatures: str | None) -> Configuration:
        made: Any = SimpleNamespace(order=tuple(signatures))
        made.policy_of = lambda name: SimpleNamespace(signatures=signatures[name])
        return cast("Configuration", made)

    assert asks_for_signatures(configuration(dev=None, prod="required"))
    assert not asks_for_signatures(configuration(dev=None, prod="reported"))


def test_a_pipeline_by_pull_request_alone_is_told_what_it_means_for_rollbacks(asked: Asked) -> None:
    assert protection_of(asked).notes == ()
    configuration = Configuration.model_validate(
        SEED | {"policy": {name: {"deliver": "pull-request"} for name in SEED["environments"]}}
    )
    by_pull_request = ConfigSnapshot(asked.tree.repository, asked.tree.commit, configuration)
    (note,) = protection_of(Asked(asked.rules, by_pull_request, "main", asked.login)).notes
    assert "a rollback cannot push but calls people" in note
