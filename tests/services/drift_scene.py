"""A Liftgate server's watch over the sandbox's Argo CD, and somebody who changes things behind Git's back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import httpx
from liftgate_sandbox.argocd.kube import Key
from liftgate_sandbox.slack.model import Message
from sandbox_tests.plain import NO_CERTIFICATES

from liftgate.domain.commits.allowed_signers import read_allowed
from liftgate.domain.drift.record import Record
from liftgate.integrations.clock import SystemClock
from liftgate.integrations.ledger import drift_files
from liftgate.server.state import ServerState
from liftgate.services.drift import Watch
from tests.examples import ALLOWED_SIGNERS, WORKER, text, values
from tests.integrations.conftest import AUTHOR
from tests.server.world import World, wait_until

WEB = {"group": "apps", "kind": "Deployment", "name": "example-app", "namespace": "prod"}
REPLICAS: dict[str, Any] = {"spec": {"replicas": 3}}


class Ahead(SystemClock):
    """The system's clock, set forward: nobody waits for patience to end."""

    def __init__(self) -> None:
        self.by = timedelta()

    def now(self) -> datetime:
        return super().now() + self.by


class Scene:
    """A Liftgate server's watch over prod, where nothing heals itself."""

    def __init__(self, world: World) -> None:
        self.world, self.clock = world, Ahead()
        world.at.clock = self.clock
        world.lab.town.deploy("example-app")
        self.admin = httpx.Client(
            verify=NO_CERTIFICATES,
            base_url=world.lab.town.urls["argocd"],
            headers={"Authorization": f"Bearer {world.lab.town.argocd.admin_token()}"},
            trust_env=False,
            timeout=30,
        )
        self.settled()
        self.policy({"automated": {}})
        self.restart()

    def restart(self) -> None:
        """Another server process: nothing is remembered."""
        self.at = self.world.another()
        self.at.clock = self.clock
        self.at.git.fetch()
        self.state: ServerState = self.world.app.state.state
        self.state.at = self.at
        self.watch = self.state.watch = Watch(self.at)

    def policy(self, policy: Any, environment: str = "prod") -> None:
        path = f"/api/v1/applications/example-app-{environment}"
        spec = self.admin.get(path).json()["spec"] | {"syncPolicy": policy}
        self.admin.put(f"{path}/spec", json=spec).raise_for_status()
        # over before a test commits: Argo CD syncs what differs at a commit that is new to it
        self.admin.get(path, params={"refresh": "normal"}).raise_for_status()
        self.settled()

    def app(self) -> Any:
        return self.admin.get("/api/v1/applications/example-app-prod").json()

    def settled(self, sync: str = "Synced") -> None:
        def is_so() -> bool:
            app = self.app()
            now = app.get("status", {}).get("sync", {}).get("status")
            return now == sync and "operation" not in app and bool(app["status"].get("history"))

        wait_until(is_so, 30)

    def change(self, about: Any = WEB, sync: str = "OutOfSync", **change: Any) -> None:
        self.admin.post("/sandbox/drift", json=about | (change or {"patch": REPLICAS})).raise_for_status()
        self.settled(sync)

    def long_ago(self) -> None:
        """The last sync was over a minute before: what is healed now is no aftermath of it."""
        state = self.world.lab.town.argocd.state
        with state.lock:
            app = state.application("example-app-prod")
            last = app["status"]["history"][-1]
            ended = datetime.fromisoformat(last["deployedAt"]) - timedelta(minutes=1)
            last["deployedAt"] = ended.strftime("%Y-%m-%dT%H:%M:%SZ")
            state.put_application(app)

    def with_image(self, image: str) -> dict[str, Any]:
        """The Deployment's patch to another image, and to the replicas as well."""
        key = Key("apps", "Deployment", "prod", "example-app")
        live = self.world.lab.town.argocd.cluster.objects.get(key) or {}
        [container] = live["spec"]["template"]["spec"]["containers"]
        return {"spec": REPLICAS["spec"] | {"template": {"spec": {"containers": [container | {"image": image}]}}}}

    def sync(self) -> None:
        """A person does, in Argo CD."""
        self.admin.post("/api/v1/applications/example-app-prod/sync", json={"prune": False}).raise_for_status()
        self.settled()

    def metrics(self) -> str:
        return self.world.http().get("/metrics").text

    def put_back(self) -> None:
        self.change(patch={"spec": {"replicas": 1}}, sync="Synced")

    def look(self, times: int = 2) -> None:
        """So many looks, 15 seconds apart."""
        for _ in range(times):
            self.watch.once()
            self.clock.by += timedelta(seconds=15)

    def committed(self) -> str:
        """A promotion's commit to prod of this very moment; its id."""
        run = "22222222-2222-4222-8222-222222222222"
        trailers = f"Promotion-Id: {run}\nPromotion-Application: example-app\nPromotion-Environment: prod\n"
        mirror = self.world.lab.mirror("worker")
        head = mirror.fetch()
        files = {"configs/prod/values.json": text(values("prod", "1.4.2"))}
        sha = mirror.write(head, files, f"Promote\n\n{trailers}", SystemClock().now(), AUTHOR, WORKER)
        assert mirror.push(sha, mirror.ref, head) == "pushed"
        return run

    def messages(self) -> list[Message]:
        return [each for each in self.world.lab.town.slack.store.state.messages if "drift" in each.text]

    def records(self) -> list[Record]:
        """As somebody else reads them from the repository."""
        mirror = self.world.lab.mirror("reader")
        mirror.fetch()
        return drift_files.read_drift_files(mirror, read_allowed(ALLOWED_SIGNERS))
