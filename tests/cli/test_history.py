"""History and report, from the ledger in a clone alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from liftgate.domain.approval.requester import AUTOMATIC
from liftgate.domain.ledger.ledger import Times
from tests.cli.conftest import Folder, Said
from tests.examples import ALLOWED_SIGNERS, NOW, entry

Liftgate = Callable[..., Said]


def test_it_tells_the_newest_first(clone: Folder, liftgate: Liftgate) -> None:
    later = Times(requested=NOW, finished=NOW + timedelta(hours=1))
    clone.record(entry(), entry(promotion="two", environment="prod", times=later, outcome="refused", reason="not now"))
    data = liftgate("history", "--repo", str(clone.path), "--json").data
    assert [each["environment"] for each in data["entries"]] == ["prod", "staging"]
    only = liftgate("history", "--repo", str(clone.path), "--environment", "staging", "--limit", "5")
    assert "1.4.2 → staging" in only.out
    assert "prod" not in only.out


def test_who_asked_is_a_person_or_the_schedule_or_liftgate_itself(clone: Folder, liftgate: Liftgate) -> None:
    by_itself = AUTOMATIC.model_dump()
    clone.record(
        entry(),
        entry(promotion="two", requested_by="", proof="claimed"),
        entry(promotion="three", kind="rollback", requested_by=by_itself["name"], proof=by_itself["proof"]),
    )
    told = liftgate("history", "--repo", str(clone.path)).out
    assert all(who in told for who in ("ada (server)", "unknown (claimed)", "Liftgate (automatic)"))
    assert "somebody" not in told


def test_a_clone_without_a_ledger_says_how_to_get_one(clone: Folder, liftgate: Liftgate) -> None:
    said = liftgate("history", "--repo", str(clone.path))
    assert said.code == 0
    assert "git fetch" in said.out


def test_what_nobody_allowed_signed_is_counted_and_left_out(clone: Folder, liftgate: Liftgate) -> None:
    clone.record(entry())
    clone.put(".liftgate/allowed_signers", "\n".join(ALLOWED_SIGNERS.splitlines()[1:]).encode())
    clone.commit()
    data = liftgate("history", "--repo", str(clone.path), "--json").data
    assert (data["entries"], data["ignored"]) == ([], 1)


@pytest.mark.parametrize("path", ["entries/example-app/prod/deep.json", "drift/example-app/prod/000001.json"])
@pytest.mark.parametrize("command", ["history", "report", "status"])
def test_a_file_that_cannot_be_read_is_named_and_the_others_are_read(
    command: str, path: str, clone: Folder, liftgate: Liftgate
) -> None:
    clone.record(entry(), garbled=path)
    said = liftgate(command, "--repo", str(clone.path), LIFTGATE_PREFECT__API_URL="")
    assert said.code == 0, said.err
    assert f"{path} in the ledger is nested deeper than 128 levels, and is left out" in said.out
    assert "1.4.2" in said.out or "example-app" in said.out
    assert "entries left out" not in said.out, "that is said of what nobody signed"


def test_an_unknown_word_names_the_nearest(clone: Folder, liftgate: Liftgate) -> None:
    said = liftgate("history", "--repo", str(clone.path), "--environment", "stagin")
    assert said.code == 3
    assert 'did you mean "staging"?' in said.err


def test_the_report_has_a_line_for_every_place(clone: Folder, liftgate: Liftgate) -> None:
    now = datetime.now(UTC) - timedelta(hours=1)
    times = Times(requested=now, committed=now, synced=now + timedelta(seconds=2), verified=now, finished=now)
    clone.record(entry(times=times, first_sync=True))
    data = liftgate("report", "--repo", str(clone.path), "--days", "2", "--json").data
    figures = {each["environment"]: each for each in data["figures"]}
    assert set(figures) == {"dev", "staging", "prod"}
    assert figures["staging"]["deployments_a_day"] == 0.5
    assert figures["staging"]["commit_to_synced"] == {"count": 1, "p50": 2.0, "max": 2.0}
    assert figures["prod"]["change_failure_rate"] is None
    assert "example-app staging" in liftgate("report", "--repo", str(clone.path)).out
