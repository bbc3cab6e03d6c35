"""Back to a promotion that somebody chose: its values byte for byte, once, and everything later is taken back."""

from __future__ import annotations

import json
from typing import Any

import pytest

from liftgate.domain.message import PROMOTION_ID, RESTORES, REVERTS
from liftgate.sandbox.forge import Protection
from tests.examples import text, values
from tests.flows.artifacts import artifacts
from tests.flows.faults import fault, heal
from tests.lab import Lab, configured
from tests.prefect_server import eventually

pytestmark = pytest.mark.prefect

FILE = "configs/dev/values.json"


@pytest.fixture
def dev(lab: Lab) -> Lab:
    """Nothing goes on from dev by itself."""
    lab.commit({"liftgate.json": text(configured(lab, policy={"staging": {"start": "manual"}}))})
    return lab


def promoted(lab: Lab, version: str) -> str:
    lab.commit({"configs/base/values.json": text(values("base", version))})
    run = lab.start("promote", application="example-app", to="dev")
    state = lab.ended(run)
    assert state["name"] == "Promoted", state
    return run


def back(lab: Lab, to: str, **more: Any) -> tuple[str, Any]:
    run = lab.start("rollback", application="example-app", environment="dev", back_to=to, **more)
    return run, lab.ended(run)


def file_at(lab: Lab, commit: str, path: str = FILE) -> bytes:
    mirror = lab.mirror("reader")
    mirror.fetch()
    found = mirror.file(commit, path)
    assert found is not None
    return found.data


def artifact(lab: Lab, run: str, kind: str) -> str:
    return artifacts(lab, run, f"{kind}-example-app-dev")[-1]


def said(lab: Lab) -> str:
    return "\n".join(str(m.blocks) + m.text for m in lab.town.slack.store.state.messages)


def test_the_values_are_as_they_were_verified_and_all_later_promotions_are_taken_back(dev: Lab) -> None:
    first, second, third = (promoted(dev, version) for version in ("1.4.2", "1.4.3", "1.4.4"))
    dev.commit({FILE: text(dev.json("dev") | {"note": "by hand"}), "README.md": b"stays\n"})
    run, state = back(dev, first, reason="all of it was bad")
    assert (state["type"], state["name"]) == ("COMPLETED", "Verified"), state
    assert f"back to 1.4.2 as promotion {first} had verified it; 2 promotions are taken back" in state["message"]
    newest = dev.commits()[0]
    assert (newest.trailer(PROMOTION_ID), newest.trailer(RESTORES)) == (run, first)
    assert newest.trailers[REVERTS] == (third, second)
    entries = {entry.promotion: entry for entry in dev.entries("dev")}
    assert file_at(dev, newest.sha) == file_at(dev, entries[first].revision)
    assert file_at(dev, newest.sha, "README.md") == b"stays\n"
    assert (dev.version("dev"), dev.serves("dev")) == ("1.4.2", "1.4.2")
    done = entries[run]
    assert (done.kind, done.outcome, done.version) == ("rollback", "verified", "1.4.2")
    assert (done.restores, done.took_back, done.revision) == (first, (third, second), newest.sha)
    assert "/note" in artifact(dev, run, "rollback")
    assert "by hand" in artifact(dev, run, "rollback")
    assert "*back to*" in said(dev)
    check_what_comes_after(dev, first, run)


def check_what_comes_after(dev: Lab, first: str, run: str) -> None:
    """Blocked releases, ids that cannot be gone back to, and the newest to take back is the one that was chosen."""
    blocked = dev.ended(dev.start("promote", application="example-app", to="dev"))
    assert blocked["name"] == "Refused"
    assert "1.4.4 was rolled back in dev" in blocked["message"]
    assert "nothing to do" in back(dev, first)[1]["message"]
    of_itself = dev.ended(dev.start("rollback", application="example-app", environment="dev", promotion=run))
    assert "is itself a rollback, which cannot be taken back" in of_itself["message"]
    newest = dev.ended(dev.start("rollback", application="example-app", environment="dev"))
    assert (newest["type"], newest["message"]) == ("COMPLETED", "verified: back to 1.4.1")
    assert dev.commits()[0].trailer(REVERTS) == first


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ("nobody", 'the ledger knows no promotion "nobody"'),
        ("elsewhere", "is one of example-app in staging, not of example-app in dev"),
        ("bad", "was never verified in dev (rolled back"),
    ],
)
def test_what_cannot_be_gone_back_to_is_refused_with_the_nearest_right_thing(dev: Lab, wanted: str, words: str) -> None:
    good = promoted(dev, "1.4.2")
    ids = {"nobody": "nobody"}
    if wanted == "elsewhere":
        ids[wanted] = dev.start("promote", application="example-app", to="staging")
        assert dev.ended(ids[wanted])["name"] == "Promoted"
    if wanted == "bad":
        dev.commit({"configs/base/values.json": text(values("base", "1.5.0"))})
        ids[wanted] = dev.start("promote", application="example-app", to="dev")
        assert dev.ended(ids[wanted])["name"] == "RolledBack"
    commits = len(dev.commits())
    state = back(dev, ids[wanted])[1]
    assert state["name"] == "Refused"
    assert words in state["message"]
    assert wanted == "elsewhere" or good in state["message"]
    assert len(dev.commits()) == commits


def test_a_worker_that_may_not_push_calls_people_with_the_commands_and_records_what_they_did(dev: Lab) -> None:
    first, second = promoted(dev, "1.4.2"), promoted(dev, "1.4.3")
    dev.town.forge.protect("shop/config", "main", Protection(approvals=1, may_push=("ada",)))
    run, state = back(dev, first)
    assert state["name"] == "Refused"
    good = next(entry.revision for entry in dev.entries("dev") if entry.promotion == first)
    for line in (
        "does not let the worker push",
        f"git restore --source={good} --staged --worktree -- {FILE}",
        "git commit --message 'Roll back example-app in dev to 1.4.2'",
        f"liftgate rollback example-app --in dev --to {first}",
    ):
        assert line in state["message"]
        assert line.replace("'", "") in said(dev).replace("\\'", "").replace("'", "")
    assert "<@U01ADA>" in said(dev)
    assert run not in {entry.promotion for entry in dev.entries("dev")}
    # Somebody merges it by hand; the same command then verifies and records it.
    dev.commit({FILE: file_at(dev, good)})
    commits = len(dev.commits())
    again, state = back(dev, first)
    assert state["name"] == "Verified", state
    assert len(dev.commits()) == commits
    done = next(entry for entry in dev.entries("dev") if entry.promotion == again)
    assert (done.took_back, done.restores) == ((second,), first)


def asks_for_a_team(lab: Lab) -> None:
    """A schema that came after the values."""
    document = configured(lab, policy={"staging": {"start": "manual"}})
    document["applications"]["example-app"]["schema"] = "schema.json"
    schema = {"properties": {"application": {"required": ["team"]}}}
    lab.commit({"liftgate.json": text(document), "schema.json": text(schema)})


def test_values_that_do_not_heal_call_people_with_the_next_ones_that_were_verified(dev: Lab) -> None:
    older, first, _ = (promoted(dev, version) for version in ("1.4.2", "1.4.3", "1.4.4"))
    dev.variables["LIFTGATE_WORKER__COMMANDS"] = '{"smoke": ["sh", "-c", "echo 2 of 9 failed; exit 1"]}'
    dev.deploy()
    asks_for_a_team(dev)
    run, state = back(dev, first)
    assert state["name"] == "RollbackFailed"
    assert "2 of 9 failed" in state["message"]
    assert "does not fit today's checks" in artifact(dev, run, "rollback"), "which stops nothing"
    assert "team" in artifact(dev, run, "rollback")
    assert f"liftgate rollback example-app --in dev --to {older}" in said(dev)
    assert dev.version("dev") == "1.4.3"
    (done,) = [entry for entry in dev.entries("dev") if entry.promotion == run]
    assert done.outcome == "rollback failed"


def under_way(lab: Lab, version: str) -> str:
    """A promotion that has its commit."""
    lab.commit({"configs/base/values.json": text(values("base", version))})
    run = lab.start("promote", application="example-app", to="dev")
    assert eventually(lambda: lab.commits()[0].trailer(PROMOTION_ID) == run, within=60)
    return run


def started(lab: Lab, to: str) -> str:
    run = lab.start("rollback", application="example-app", environment="dev", back_to=to)
    assert eventually(lambda: lab.commits()[0].trailer(RESTORES) == to, within=60)
    return run


def test_a_promotion_that_is_under_way_is_overtaken_and_taken_back_too(dev: Lab) -> None:
    first = promoted(dev, "1.4.2")
    fault(dev, "argocd", "controller-down")
    overtaken = under_way(dev, "1.4.3")
    run = started(dev, first)
    heal(dev, "argocd")
    assert dev.ended(run)["name"] == "Verified"
    assert dev.ended(overtaken)["name"] == "Superseded"
    outcomes = {entry.promotion: entry for entry in dev.entries("dev")}
    assert outcomes[run].took_back == (overtaken,)
    assert (dev.version("dev"), dev.serves("dev")) == ("1.4.2", "1.4.2")


def test_a_promotion_that_fails_after_it_was_taken_back_is_not_taken_back_again(dev: Lab) -> None:
    first = promoted(dev, "1.4.2")
    seen, go = dev.folder / "seen", dev.folder / "go"
    smoke = f"test -e {go} || {{ touch {seen}; while test ! -e {go}; do sleep 0.1; done; exit 1; }}"
    dev.variables["LIFTGATE_WORKER__COMMANDS"] = json.dumps({"smoke": ["sh", "-c", smoke]})
    dev.deploy()
    bad = under_way(dev, "1.4.3")
    assert eventually(seen.exists, within=60)
    run = started(dev, first)
    go.touch()
    assert dev.ended(bad)["name"] == "RolledBack"
    assert dev.ended(run)["name"] == "Verified"
    assert [commit.trailers[REVERTS] for commit in dev.commits() if REVERTS in commit.trailers] == [(bad,)]
    assert dev.version("dev") == "1.4.2"
