"""Two hosts that share a Postgres, a Redis and a lab: on each runs `liftgate up` with a home of its own."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg
from liftgate_sandbox.argocd import Timings
from liftgate_sandbox.town import Town
from sandbox_tests.plain import NO_CERTIFICATES, eventually, http

from liftgate.runtime.postgres import EmbeddedPostgres
from liftgate.runtime.supervisor import Supervisor
from liftgate.services import session
from liftgate.services.notes import Notes
from liftgate.services.requests import start_for_person
from liftgate.settings import from_variables
from liftgate.wiring import Integrations
from tests.examples import text, values
from tests.flows.test_kills import check_once
from tests.lab import Lab, configured, seed, settings_of, variables
from tests.redis_server import Redis, redis_server
from tests.up_program import Up

CONNECTIONS = 150
"""Sixty of each Prefect server, and those of the two Liftgate servers."""
WEBHOOKS = "of the forge"
SMOKE = "import pathlib, sys, time\nwhile pathlib.Path(sys.argv[1]).exists(): time.sleep(0.1)"
GOES_ON_WITHIN = 240.0
"""Seconds that a test waits for the end of a promotion whose host was lost; without other load it takes under 60."""


@dataclass
class Hosts:
    lab: Lab
    both: tuple[Up, Up]
    redis: Redis
    databases: Supervisor
    held: Path
    """While this file is there, the integration test of a promotion does not end."""
    releases: int = 0

    def release(self, policy: dict[str, Any], **configuration: Any) -> None:
        """A new version in the base that no environment has, and this policy."""
        self.releases += 1
        version = text(values("base", f"1.4.{self.releases + 1}"))
        configured_now = text(configured(self.lab, policy=policy, **configuration))
        self.lab.commit({"configs/base/values.json": version, "liftgate.json": configured_now})

    def start(self, flow: str, **parameters: Any) -> str:
        """As rosa, whom the Liftgate server has proven."""
        settings = self.lab.variables | {
            "LIFTGATE_PREFECT__API_URL": self.lab.prefect.url,
            "LIFTGATE_PREFECT__AUTH_STRING": self.lab.prefect.secret,
            "LIFTGATE_STATE": str(self.lab.folder / "starts"),
        }
        return start_for_person(Integrations(from_variables(settings)), "rosa", flow, parameters).id

    def of(self, run: str) -> Up:
        """The host whose worker the run names."""
        (found,) = [host for host in self.both if self.at(host, [run])]
        return found

    def at(self, host: Up, runs: Sequence[str]) -> bool:
        """Whether the host's worker has one of the runs."""
        holders = [Notes(self.lab.prefect.runs, run).holder() for run in runs]
        command = _command(host.pid("worker"))
        return any(holder.worker in command for holder in holders if holder)

    def goes_on(self, run: str, left: Up) -> str:
        """The run is promoted on the host that is left, once. In words, after how many seconds what happened."""
        began = time.monotonic()
        assert eventually(lambda: self.at(left, [run]) or self._is_promoted(run), within=GOES_ON_WITHIN, every=0.2)
        went_on = time.monotonic() - began
        assert eventually(lambda: self._is_promoted(run), within=GOES_ON_WITHIN, every=0.2)
        check_once(self.lab, run, "promoted")
        return f"it went on after {went_on:.0f} s and was over after {time.monotonic() - began:.0f} s"

    def _is_promoted(self, run: str) -> bool:
        return bool(self.lab.prefect.read(run)["state"]["name"] == "Promoted")

    def other(self, host: Up) -> Up:
        (found,) = [each for each in self.both if each is not host]
        return found

    def lose(self, host: Up) -> Up:
        """The host fails for good; the one that is left."""
        left = self.other(host)
        self.lab.prefect = left.prefect
        host.lose()
        return left

    def both_run(self) -> None:
        """Start again what was lost; both at the same time."""
        lost = [host for host in self.both if host.process is None or host.process.poll() is not None]
        for host in lost:
            host.begin()
        for host in lost:
            host.wait()
        self.lab.prefect = self.both[0].prefect

    def link(self, person: str) -> str:
        """The ticket of a new one-time link."""
        return httpx.URL(session.link(Integrations(settings_of(self.lab)), person)).params["ticket"]

    def use(self, host: Up, ticket: str) -> int:
        """Sign in with it at the host's Liftgate server; the status of the answer."""
        form = {"ticket": ticket, "to": "/"}
        return http.post(f"{host.url}/sign-in", data=form, headers={"origin": host.url}).status_code

    def decide(self, host: Up, run: str, person: str) -> None:
        """Approve at the host's Liftgate server what it shows."""
        plan = self.lab.digest(run)
        asked = {"plan": plan, "shown": Notes(self.lab.prefect.runs, run).shown(plan).page, "decision": "approve"}
        link, own = {"ticket": self.link(person), "to": "/"}, {"origin": host.url}
        with httpx.Client(
            verify=NO_CERTIFICATES, base_url=host.url, headers=own, trust_env=False, timeout=30
        ) as client:
            assert client.post("/sign-in", data=link).status_code == 303
            answer = client.post(f"/api/v1/promotions/{run}/decision", json=asked)
        assert answer.status_code in (200, 409), answer.text


def _command(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/cmdline").read_text().split("\0") if pid else []


@contextmanager
def two_hosts(folder: Path) -> Iterator[Hosts]:
    """Both run."""
    with (
        tempfile.TemporaryDirectory(prefix="liftgate-pg-") as made,
        redis_server(folder / "redis") as redis,
        Town(folder / "town", timings=Timings.fast()) as town,
    ):
        place = Path(made)
        place.chmod(0o711)
        postgres = EmbeddedPostgres(place, durable=False, connections=CONNECTIONS)
        with Supervisor(place) as databases:
            databases.start(postgres)
            with psycopg.connect(_plain(postgres, "postgres"), autocommit=True) as connection:
                connection.execute("create database liftgate")
            held = folder / "held"
            both = Up(folder / "a"), Up(folder / "b")
            lab = Lab(both[0].prefect, town, folder)
            seed(lab, configured(lab))
            town.deploy("example-app")
            lab.variables = variables(lab)
            shared = {
                "LIFTGATE_PREFECT__DATABASE": postgres.url,
                "LIFTGATE_PREFECT__REDIS": redis.url,
                "LIFTGATE_SERVER__DATABASE": _plain(postgres, "liftgate"),
                "LIFTGATE_FORGE__WEBHOOK_SECRET": WEBHOOKS,
                "LIFTGATE_WORKER__LIMIT": "4",
                "LIFTGATE_WORKER__COMMANDS": json.dumps({"smoke": [sys.executable, "-c", SMOKE, str(held)]}),
            }
            for host in both:
                host.variables = lab.variables | shared
            hosts = Hosts(lab, both, redis, databases, held)
            try:
                hosts.both_run()
                yield hosts
            finally:
                for host in both:
                    host.stop()


def _plain(postgres: EmbeddedPostgres, database: str) -> str:
    """The address of one of its databases."""
    return postgres.url.replace("+asyncpg", "").replace("/postgres?", f"/{database}?")
