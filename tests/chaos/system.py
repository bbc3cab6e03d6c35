"""Everything that Liftgate is in production, on this machine: its own programs under a supervisor, the servers beside
it, and between each two a proxy."""

from __future__ import annotations

import json
import os
import sys
import threading
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path
from typing import Any, Final, Self

import httpx
from liftgate_sandbox.argocd import Timings
from liftgate_sandbox.town import REPOSITORY, Town, token_of
from sandbox_tests.plain import NO_CERTIFICATES

from liftgate.errors import LiftgateError
from liftgate.integrations.runs.registration import Registry
from liftgate.runtime import own_settings
from liftgate.runtime.environment import scrubbed
from liftgate.runtime.liftgate_server import LiftgateServer
from liftgate.runtime.ports import free_port
from liftgate.runtime.prefect_server import Access, PrefectServer
from liftgate.runtime.project import project_root
from liftgate.runtime.registration import register, written
from liftgate.runtime.restarts import Restarts
from liftgate.runtime.supervisor import Supervisor
from liftgate.runtime.worker import Worker
from liftgate.services import session
from liftgate.settings import from_variables
from liftgate.wiring import Integrations
from tests.chaos.proxy import Proxies
from tests.lab import Lab, configured, seed, variables
from tests.prefect_server import PrefectApi

PEOPLE: Final = ("ada", "grace", "rosa")
SMOKE: Final = "import os, sys; sys.exit('a test failed' if os.environ['LIFTGATE_VERSION'].endswith('7') else 0)"
"""The team's own test: a release whose number ends with 7 does not pass."""
OFTEN: Final = Restarts((1.0,) * 10_000)
"""The programs end far more often here than `liftgate up` puts up with."""


class System:
    """Up as long as its `with` block; `lab` reaches its servers past the proxies."""

    def __init__(self, folder: Path, seed: int, *, by_pull_request: bool) -> None:
        self.folder, self._by_pull_request = folder, by_pull_request
        self._stack, self._over = ExitStack(), threading.Event()
        self._proxies = Proxies(seed)
        self.trouble = ""
        """Why the programs are no longer looked after; empty while they are."""

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._stack.close()
        self._proxies.close()

    def _start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o711)  # Postgres is another user, who must be able to pass it
        town = self._stack.enter_context(Town(self.folder / "town", timings=Timings.fast()))
        self.supervisor = self._stack.enter_context(Supervisor(self.folder))
        environ = scrubbed(os.environ)
        prefect = PrefectServer(self.folder, free_port(), durable=False, environ=environ)
        self.supervisor.start(prefect)
        port = free_port()
        behind = {name: town.urls[name] for name in ("forge", "argocd", "slack")}
        behind |= dict.fromkeys(("worker-prefect", "server-prefect"), prefect.api_url)
        behind |= {"people": f"http://127.0.0.1:{port}"}
        self.links = {name: self._proxies.to(url) for name, url in behind.items()}
        api = PrefectApi(prefect.api_url, "liftgate", self.folder, self.folder)
        self.lab = Lab(api, town, self.folder / "people")
        self._seed()
        self.lab.variables = variables(self.lab)
        self.at = Integrations(from_variables(self._variables(self.lab.variables, "driver")))
        tree = self.at.tree(self.at.git.fetch())
        register(Registry(api.url, api.secret, "liftgate"), tree, written(project_root()))
        ours = from_variables(self._variables(self._proxied(), "state"))
        access = Access(self.links["worker-prefect"].url, api.secret)
        mine = own_settings.own("worker", ours) | {"LIFTGATE_PREFECT__API_URL": access.url}
        self.supervisor.start(Worker(self.folder, access, "liftgate", settings=mine, environ=environ))
        self.supervisor.start(LiftgateServer(self.folder, port, own_settings.environment("server", ours, environ)))
        self.people = {name: self._browser(name) for name in PEOPLE}
        watch = threading.Thread(target=self._watch, name="supervisor", daemon=True)
        watch.start()
        self._stack.callback(partial(watch.join, 180.0))
        self._stack.callback(self._over.set)

    def _seed(self) -> None:
        town = self.lab.town
        last = {"deliver": "pull-request"} if self._by_pull_request else {}
        policy = {"prod": {"approvals": {"needed": 1, "from": ["ada", "grace"]}} | last}
        seed(self.lab, configured(self.lab, policy=policy, operators=["ada"]))
        direct = dict(town.urls)
        town.argocd.repository(self.links["forge"].url, "argocd", token_of("argocd"))
        town.urls["forge"] = self.links["forge"].url  # Argo CD too reaches Git through the proxy
        town.deploy("example-app")
        town.urls.update(direct)

    def _variables(self, more: dict[str, str], state: str) -> dict[str, str]:
        commands = {"smoke": [sys.executable, "-c", SMOKE]}
        return more | {
            "LIFTGATE_STATE": str(self.folder / state),
            "LIFTGATE_SERVER__URL": self.links["people"].url,
            "LIFTGATE_WORKER__COMMANDS": json.dumps(commands),
            "LIFTGATE_SYNC_DEADLINE": "60",
            "LIFTGATE_VERIFY_DEADLINE": "60",
        }

    def _proxied(self) -> dict[str, str]:
        links = self.links
        return self.lab.variables | {
            "LIFTGATE_REPOSITORY__URL": f"{links['forge'].url}/{REPOSITORY}.git",
            "LIFTGATE_FORGE__URL": f"{links['forge'].url}/api/v3",
            "LIFTGATE_ARGOCD__URL": links["argocd"].url,
            "LIFTGATE_SLACK__URL": f"{links['slack'].url}/api/",
            "LIFTGATE_PREFECT__API_URL": links["server-prefect"].url,
        }

    def _browser(self, person: str) -> httpx.Client:
        """Signed in by a one-time link."""
        url = self.links["people"].url
        browser = httpx.Client(
            verify=NO_CERTIFICATES, base_url=url, headers={"origin": url}, trust_env=False, timeout=20
        )
        ticket = httpx.URL(session.link(self.at, person)).params["ticket"]
        assert browser.post("/sign-in", data={"ticket": ticket, "to": "/"}).status_code == 303
        return browser

    def _watch(self) -> None:
        """As `liftgate up` does it."""
        while not self._over.wait(0.3):
            try:
                self.supervisor.restart_ended(OFTEN)
            except LiftgateError as error:
                self.trouble = str(error)
                return

    def call(self, method: str, path: str, body: Any = None) -> Any:
        return self.lab.prefect.call(method, path, body)

    def pid(self, program: str) -> int | None:
        """None while it does not run."""
        with suppress(StopIteration):
            return self.supervisor.pid(program)
        return None
