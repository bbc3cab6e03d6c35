"""Going back to a chosen promotion from a terminal: what goes is shown first, and what cannot be is refused there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from liftgate.domain.ledger.ledger import Times
from tests.cli.conftest import Folder, Said
from tests.cli.test_servers import nowhere
from tests.cli.test_validate import configure
from tests.examples import NOW, entry, text, values
from tests.steps.test_registry import package

__all__ = ["package"]
Liftgate = Callable[..., Said]
FIRST, SECOND = "11111111-0001-7000-8000-000000000000", "22222222-0002-7000-8000-000000000000"
BACK = ("rollback", "example-app", "--in", "staging")


@pytest.fixture
def past(clone: Folder) -> str:
    """staging had 1.4.2, then 1.4.3 with a token; the clone's folder."""
    entries = []
    for number, (identity, version) in enumerate(((FIRST, "1.4.2"), (SECOND, "1.4.3"))):
        secret = {"token": "ghp_" + "A1b2C3d4" * 5} if number else {}
        clone.put("configs/staging/values.json", text(values("staging", version, **secret)))
        sha = clone.commit(f"Promote\n\nPromotion-Id: {identity}\nPromotion-Environment: staging")
        times = Times(requested=NOW, finished=NOW + timedelta(minutes=number))
        entries.append(entry(promotion=identity, version=version, revision=sha, times=times))
    clone.record(*entries)
    return str(clone.path)


def test_what_would_change_is_shown_without_secrets_and_nothing_is_started(past: str, liftgate: Liftgate) -> None:
    said = liftgate(*BACK, "--to", FIRST[:13], "--dry-run", "--repo", past, LIFTGATE_PREFECT__API_URL=nowhere())
    assert said.code == 0, said.err
    assert '/application/version                    "1.4.3" → "1.4.2"' in said.out
    assert "/application/environment/configs/token" in said.out
    assert "A1b2C3d4" not in said.out
    assert f"rolls back promotion {SECOND}" in said.out
    data = liftgate(*BACK, "--to", FIRST, "--dry-run", "--repo", past, "--json").data
    assert (data["took_back"], data["promotion"]) == ([SECOND], "")
    assert [row["kind"] for row in data["rows"]] == ["remove", "replace"]


def test_what_does_not_fit_todays_schema_is_said_and_stops_nothing(
    past: str, clone: Folder, liftgate: Liftgate
) -> None:
    to = (*BACK, "--to", FIRST, "--dry-run", "--repo", past)
    assert "today's checks" not in liftgate(*to).out
    configure(clone, ["applications"], {"example-app": {"schema": "schema.json"}})
    clone.put("schema.json", text({"properties": {"application": {"required": ["team"]}}}))
    clone.commit()
    said = liftgate(*to)
    assert said.code == 0, said.err
    assert "does not fit today's checks: configs/staging/values.json" in said.out
    [misfit] = liftgate(*to, "--json").data["misfits"]
    assert "team" in misfit
    clone.put("schema.json", text({"type": "nothing"}))
    clone.commit()
    [misfit] = liftgate(*to, "--json").data["misfits"]
    assert "could not be checked" in misfit


@pytest.mark.usefixtures("package")
def test_a_step_of_the_team_that_raises_keeps_nobody_from_going_back(
    past: str, clone: Folder, liftgate: Liftgate
) -> None:
    configure(clone, ["pipeline", "stages", 0, "steps"], ["careless", "security-scan"])
    clone.commit()
    assert liftgate("validate", "--repo", past).code != 0, "it does raise"
    said = liftgate(*BACK, "--to", FIRST, "--dry-run", "--repo", past)
    assert said.code == 0, said.err
    assert '"1.4.3" → "1.4.2"' in said.out
    assert "never ready" not in said.out + said.err


@pytest.mark.parametrize(
    ("to", "words"),
    [
        ("11111111-0001-7000-8000-00000000000f", f'did you mean "{FIRST}"?'),
        (SECOND, "nothing to do"),
    ],
)
def test_what_cannot_be_gone_back_to_is_refused_before_anything_is_asked(
    to: str, words: str, past: str, liftgate: Liftgate
) -> None:
    said = liftgate(*BACK, "--to", to, "--repo", past, LIFTGATE_PREFECT__API_URL=nowhere())
    assert said.code == 3
    assert words in said.err
    assert "git pull" in said.err


def test_words_that_do_not_go_together_are_a_wrong_call(past: str, liftgate: Liftgate) -> None:
    assert liftgate(*BACK, "--to", FIRST, "--promotion", SECOND, "--repo", past).code == 2
    assert liftgate(*BACK, "--dry-run", "--repo", past).code == 2


def test_without_a_ledger_at_hand_the_run_alone_shows_it(clone: Folder, liftgate: Liftgate) -> None:
    said = liftgate(*BACK, "--to", FIRST, "--repo", str(clone.path), LIFTGATE_PREFECT__API_URL=nowhere())
    assert said.code == 4, "it asked Prefect all the same"
    assert "only the run shows the changes" in said.err


def test_the_history_shows_enough_of_each_id(past: str, liftgate: Liftgate) -> None:
    assert FIRST[:13] in liftgate("history", "--repo", past).out


@pytest.mark.parametrize("broken", [b"{", None])
def test_while_liftgate_json_is_broken_it_shows_what_would_change(
    past: str, clone: Folder, liftgate: Liftgate, broken: bytes | None
) -> None:
    if broken is None:
        (clone.path / "liftgate.json").unlink()
    else:
        clone.put("liftgate.json", broken)
    clone.commit()
    said = liftgate(*BACK, "--to", FIRST, "--dry-run", "--repo", past)
    assert (said.code, '"1.4.3" → "1.4.2"' in said.out) == (0, True), said.err
    promoted = liftgate("promote", "example-app", "--to", "staging", "--repo", past)
    assert promoted.code != 0
    assert liftgate("rollback", "exmple-app", "--in", "staging", "--to", FIRST, "--repo", past).code == 3
