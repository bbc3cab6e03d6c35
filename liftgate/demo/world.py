"""Starts all servers of the demo in order, with progress lines, and always stops them."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from liftgate.demo.repository import APPLICATION, ENVIRONMENTS, ConfigurationRepository
from liftgate.demo.sandbox import Sandbox
from liftgate.domain.commits import signature
from liftgate.errors import Misconfigured
from liftgate.integrations.http import client
from liftgate.integrations.keys import as_text, new_key
from liftgate.integrations.runs.registration import Registry
from liftgate.runtime import own_settings, postgres
from liftgate.runtime.alone import alone
from liftgate.runtime.environment import scrubbed
from liftgate.runtime.liftgate_server import LiftgateServer
from liftgate.runtime.ports import free_port
from liftgate.runtime.prefect_server import Access, PrefectServer
from liftgate.runtime.project import project_root
from liftgate.runtime.registration import register, written
from liftgate.runtime.supervisor import Supervisor
from liftgate.runtime.worker import Worker
from liftgate.settings import from_variables
from liftgate.wiring import Integrations

if TYPE_CHECKING:
    from liftgate.domain.commits.signature import PrivateKey

PEOPLE = {"ada": "U01ADA", "grace": "U02GRACE", "rosa": "U03ROSA"}
SMOKE = "import urllib.request, os; print('smoke test of', os.environ['LIFTGATE_VERSION'] or 'the values', 'passed')"
OTHER = "name another folder with --folder"
WORKER, SERVER = "liftgate@example.com", "server@example.com"


class World:
    """The running demo. `at` reaches its servers with the adapters and settings of the product.

    With `way`, the worker and the Liftgate server reach Prefect by what it makes of Prefect's own access.
    """

    def __init__(
        self,
        folder: Path,
        environ: Mapping[str, str],
        say: Callable[[str], None],
        way: Callable[[Access], Access] = lambda access: access,
    ) -> None:
        self.folder, self._environ, self._say, self._way = folder, environ, say, way
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._stack.enter_context(alone(self.folder.with_suffix(".lock"), f"a demo runs in {self.folder}; {OTHER}"))
            self._begin_anew()
            self._bring_up()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _begin_anew(self) -> None:
        """Raises Misconfigured when it cannot remove the files of an earlier demo."""
        postgres.wipe(self.folder)
        try:
            if self.folder.exists():
                shutil.rmtree(self.folder)
            self.folder.mkdir(mode=0o711)
        except OSError as error:
            left = f"cannot remove the files of an earlier demo in {self.folder}: {error.strerror}"
            raise Misconfigured(f"{left}; {OTHER}") from None

    def _bring_up(self) -> None:
        self.programs = supervisor = self._stack.enter_context(Supervisor(self.folder, self._say))
        sandbox = Sandbox(self.folder / "sandbox", self._environ)
        supervisor.start(sandbox)
        self.sandbox = sandbox.addresses
        environ = scrubbed(self._environ)
        self.prefect = PrefectServer(self.folder, free_port(), durable=False, environ=environ)
        supervisor.start(self.prefect)
        access = self._way(self.prefect.access)
        server_port = free_port()
        settings = from_variables(self._settings(f"http://127.0.0.1:{server_port}", access))
        self.server = LiftgateServer(self.folder, server_port, own_settings.environment("server", settings, environ))
        self.at = Integrations(settings)
        self.deploy()
        worker, name = own_settings.own("worker", settings), settings.prefect.name
        supervisor.start(Worker(self.folder, access, name, settings=worker, environ=environ))
        supervisor.start(self.server)
        self._tell_slack()

    def _settings(self, server: str, prefect: Access) -> dict[str, str]:
        """The settings of worker and server, as an operator would write them."""
        worker, gate = new_key(), new_key()
        urls, argocd, slack = self.sandbox["urls"], self.sandbox["argocd"], self.sandbox["slack"]
        self.repository = ConfigurationRepository(
            self.folder / "clones", self.sandbox["repository"], self.sandbox["tokens"]
        )
        self.repository.start({name: urls[f"app-{name}"] for name in ENVIRONMENTS}, _people(), _allowed(worker, gate))
        for each in ENVIRONMENTS:
            self.application(f"{APPLICATION}-{each}", f"configs/{each}", each)
        return {
            "LIFTGATE_STATE": str(self.folder / "state"),
            "LIFTGATE_REPOSITORY__URL": self.sandbox["repository"],
            "LIFTGATE_REPOSITORY__TOKEN": self.sandbox["tokens"]["liftgate-bot"],
            "LIFTGATE_ARGOCD__URL": urls["argocd"],
            "LIFTGATE_ARGOCD__TOKEN": argocd["token"],
            "LIFTGATE_ARGOCD__PROJECT": argocd["project"],
            "LIFTGATE_FORGE__KIND": "github",
            "LIFTGATE_FORGE__URL": f"{urls['forge']}/api/v3",
            "LIFTGATE_SLACK__URL": f"{urls['slack']}/api/",
            "LIFTGATE_SLACK__BOT_TOKEN": slack["bot_token"],
            "LIFTGATE_SLACK__SIGNING_SECRET": slack["signing_secret"],
            "LIFTGATE_SLACK__CHANNEL": slack["channel"],
            "LIFTGATE_WORKER__SIGNING_KEY": as_text(worker),
            "LIFTGATE_WORKER__EMAIL": WORKER,
            "LIFTGATE_WORKER__COMMANDS": json.dumps({"smoke": [sys.executable, "-c", SMOKE]}),
            "LIFTGATE_SERVER__SIGNING_KEY": as_text(gate),
            "LIFTGATE_SERVER__EMAIL": SERVER,
            "LIFTGATE_SERVER__URL": server,
            "LIFTGATE_PREFECT__API_URL": prefect.url,
            "LIFTGATE_PREFECT__AUTH_STRING": prefect.secret,
        }

    def application(self, name: str, path: str, environment: str) -> None:
        """Create an Argo CD Application through Argo CD's API, as an administrator: automated, prune, self-heal."""
        argocd = self.sandbox["argocd"]
        spec = {
            "project": argocd["project"],
            "source": {"repoURL": self.sandbox["repository"], "path": path, "targetRevision": "main"},
            "destination": {"server": "https://kubernetes.default.svc", "namespace": environment},
            "syncPolicy": {"automated": {"prune": True, "selfHeal": True}},
        }
        body = {"metadata": {"name": name}, "spec": spec}
        headers = {"Authorization": f"Bearer {argocd['admin']}"}
        _post(f"{self.sandbox['urls']['argocd']}/api/v1/applications", body, headers)

    def deploy(self) -> None:
        """Register the flows, with the applications of now as choices."""
        tree = self.at.tree(self.at.git.fetch())
        registry = Registry(self.prefect.api_url, self.prefect.access.secret, self.at.settings.prefect.name)
        made = register(registry, tree, written(project_root()))
        self.nightly = next(each.id for each in made.deployments if each.name.startswith("nightly/"))
        """The id of its deployment."""
        self._say("the flows are registered")

    def _tell_slack(self) -> None:
        """Configure where Slack sends button clicks."""
        _post(
            f"{self.sandbox['urls']['slack']}/sandbox/settings",
            {"interactivity_url": f"{self.server.url}/slack/interactions"},
        )


def _post(url: str, body: Any, headers: Mapping[str, str] | None = None) -> None:
    with client(url, dict(headers or {})) as http:
        http.post(url, json=body).raise_for_status()


def _people() -> dict[str, Any]:
    return {n: {"slack": slack, "github": n, "email": f"{n}@example.com"} for n, slack in PEOPLE.items()}


def _allowed(worker: PrivateKey, server: PrivateKey) -> str:
    lines = [
        signature.allowed_line(WORKER, signature.WORKER, signature.public_bytes(worker)),
        signature.allowed_line(SERVER, signature.SERVER, signature.public_bytes(server)),
    ]
    return "\n".join(lines) + "\n"
