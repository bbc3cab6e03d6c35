"""The demo waits as long as people need: hours, in virtual time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import inf
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import pytest

from liftgate.demo.invitation import Invitation
from liftgate.demo.watch import Watch
from liftgate.demo.world import World
from liftgate.errors import Unavailable
from liftgate.integrations.runs.run import Listed, Moment, Run
from liftgate.services import session
from liftgate.settings import from_variables
from liftgate.wiring import Integrations
from tests.examples import NOW, SERVER, private_text

HOUR = 3600.0


class Virtual:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.passed = 0.0

    def now(self) -> datetime:
        return NOW + timedelta(seconds=self.passed)

    def monotonic(self) -> float:
        return self.passed

    def sleep(self, seconds: float) -> None:
        self.passed += seconds


@dataclass
class Slow:
    """Runs in which a task begins every `every` seconds, and which are promoted after `takes`; away for a minute."""

    clock: Virtual
    takes: float
    every: float = inf

    def find(self, **_: Any) -> Listed:
        if HOUR / 60 < self.clock.passed < HOUR / 30:
            raise Unavailable("Prefect gave no answer in time")
        over = self.clock.passed >= self.takes
        run = Run(
            id="1", name="prod", flow="promote", deployment="", parameters={"to": "prod"}, since=NOW, created=NOW,
            state="COMPLETED" if over else "PAUSED", state_name="Promoted" if over else "Suspended", message="",
        )  # fmt: skip
        return Listed(runs=(run,))

    def lines(self, _: str) -> list[str]:
        return []

    def inputs(self, _: str) -> dict[str, str]:
        return {}

    def history(self, _: str) -> list[Moment]:
        return [Moment(when=NOW, what="task", state="Running")] * int(self.clock.passed / self.every)


def watching(runs: Slow, folder: Path) -> Watch:
    @dataclass
    class At:
        runs: Slow
        clock: Virtual

    @dataclass
    class Small:
        at: At
        folder: Path

    return Watch(cast("World", Small(At(runs, runs.clock), folder)), NOW, lambda _: None)


def test_a_person_who_comes_back_the_next_day_finds_it_waiting(tmp_path: Path) -> None:
    clock = Virtual()
    run = watching(Slow(clock, takes=20 * HOUR), tmp_path).until("prod", "Promoted", within=inf)
    assert run.state_name == "Promoted"
    assert clock.passed >= 20 * HOUR


def test_a_machine_that_gets_on_is_waited_for(tmp_path: Path) -> None:
    run = watching(Slow(Virtual(), takes=HOUR / 2, every=250), tmp_path).until("prod", "Promoted", within=300)
    assert run.state_name == "Promoted"


def test_one_that_stands_still_is_told_with_the_place_of_its_logs(tmp_path: Path) -> None:
    clock = Virtual()
    with pytest.raises(Unavailable, match=f"prod is not Promoted .* {tmp_path}"):
        watching(Slow(clock, takes=HOUR), tmp_path).until("prod", "Promoted", within=300)
    assert clock.passed < HOUR


def test_at_any_time_the_last_link_signs_the_person_in() -> None:
    at = Integrations(
        from_variables(
            {
                "LIFTGATE_SERVER__URL": "https://gate.example.com",
                "LIFTGATE_SERVER__SIGNING_KEY": private_text(SERVER),
            }
        )
    )
    at.clock = clock = Virtual()
    said: list[str] = []
    invitation = Invitation(at, "grace", "/promotions/1", said.append)
    while clock.passed < 3 * HOUR:
        clock.sleep(0.3)
        invitation.renew()
        if int(clock.passed) % 7 == 0:
            given = parse_qs(urlsplit(said[-1].split()[-1]).query)
            assert session.read(at, session.Link, given["ticket"][0]) is not None
            assert given["to"] == ["/promotions/1"]
    assert 18 <= len(said) <= 19
