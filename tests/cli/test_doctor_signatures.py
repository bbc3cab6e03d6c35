"""What the doctor says of people's keys and of commits without a signature."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sandbox_tests.argocd.lab import Lab

from liftgate.cli.doctor_signatures import keys_verdict
from liftgate.domain.commits.allowed_signers import ALLOWED_SIGNERS, read_allowed
from tests.cli.test_doctor import Doctor, doctor, lab
from tests.examples import ALLOWED_SIGNERS as PROGRAMS
from tests.examples import NOW
from tests.integrations.git.test_commit_signatures import ADA, MALLORY, line

__all__ = ["doctor", "lab"]
OVER = ',valid-before="20260101"'
CASES = {
    ("", ()): ("not configured", "no person has a key for commits, so their signatures are not checked"),
    ("", ("prod",)): ("failed", "no person has a key for commits, but the policy of prod requires signatures"),
    ("ada", ("prod",)): ("passed", "people with a key for commits: 1"),
    ("over", ()): ("passed", "people with a key for commits: 0; no key of ada@example.com is valid now"),
    ("over", ("dev", "prod")): ("failed", "no key of ada@example.com is valid now, but the policy of dev and prod"),
    ("replaced", ("prod",)): ("passed", "people with a key for commits: 1"),
    ("one is over", ("prod",)): ("passed", "people with a key for commits: 1; no key of ada@example.com is valid now"),
}
KEYS = {
    "": b"",
    "ada": line(ADA),
    "over": line(ADA, options=OVER),
    "replaced": line(ADA, options=OVER) + line(MALLORY, "ada@example.com"),
    "one is over": line(ADA, options=OVER) + line(MALLORY),
}


@pytest.mark.parametrize("case", CASES)
def test_keys_that_are_missing_or_over_are_told(case: tuple[str, tuple[str, ...]]) -> None:
    keys, required = case
    verdict = keys_verdict(read_allowed(KEYS[keys].decode()), list(required), NOW)
    state, reason = CASES[case]
    assert verdict.state == state
    assert verdict.reason.startswith(reason)
    assert ("add a line to .liftgate/allowed_signers" in verdict.reason) == (state != "passed")


def test_openpgp_keys_are_keys_too() -> None:
    assert keys_verdict((), ["prod"], NOW, 2).reason == "people with a key for commits: 0; OpenPGP keys: 2"


def test_environments_with_unsigned_commits_are_told(lab: Lab, doctor: Doctor) -> None:
    """Failed only where signatures are required."""
    path = Path(lab.config.folder) / "liftgate.json"
    configuration = json.loads(path.read_text())
    for rule, state in (("reported", "not configured"), ("required", "failed")):
        configuration["policy"] = {"dev": {"signatures": rule}}
        lab.config.write("liftgate.json", json.dumps(configuration))
        lab.config.write(ALLOWED_SIGNERS, PROGRAMS + line(ADA).decode())
        lab.config.commit()
        found = doctor(check="signatures in dev")
        assert found[0] == state, found
        assert "not validly signed" in found[1]
    assert doctor(check="signatures") == ("passed", "people with a key for commits: 1")
