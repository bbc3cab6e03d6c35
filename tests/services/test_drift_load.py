"""Five hundred applications on one Argo CD: how many requests the watch sends it, counted at its door.

Seconds are the watch's own: they pass only between its looks, so that one look's requests are those of one second.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from liftgate_sandbox.argocd import ArgoCD, Timings
from liftgate_sandbox.serve import serve

from liftgate.integrations.clock import SystemClock
from liftgate.services.drift import Watch
from liftgate.services.drift_looks import MOST
from liftgate.settings import from_variables
from liftgate.wiring import Integrations
from tests.door import Door
from tests.examples import SEED, SERVER, private_text, text
from tests.integrations.conftest import Hosted, hosted

__all__ = ["hosted"]
MANY = 500
A_SECOND = 50
"""Requests: what Argo CD's own client of the Kubernetes API has by default."""
NAMES = [f"app-{number:03d}" for number in range(MANY)]
HEALING = NAMES[:60]
THING = b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: thing}\ndata: {size: small}\n"


class Later(SystemClock):
    def __init__(self) -> None:
        self.by = 0.0

    def now(self) -> Any:
        return super().now() + timedelta(seconds=self.by)


class Crowd:
    def __init__(self, hosted: Hosted, folder: Path) -> None:
        monitored = {name: {"argocd": name} for name in NAMES}
        configuration = SEED | {"environments": {"prod": "/configs/prod"}, "applications": monitored}
        self.before = hosted.commit({"liftgate.json": text(configuration), "thing/thing.yaml": THING})
        self.head = hosted.commit({"thing/thing.yaml": THING.replace(b"small", b"large")})
        self.argocd = ArgoCD(folder / "argocd", timings=Timings.fast())
        self.argocd.repository(hosted.url, "bot", hosted.tokens["liftgate-bot"])
        self.url = f"{hosted.url}/shop/config.git"
        for name in NAMES:
            self.add(name)
        self.door = Door(self.argocd.asgi())
        self.settings = {
            "LIFTGATE_REPOSITORY__URL": self.url,
            "LIFTGATE_REPOSITORY__TOKEN": hosted.tokens["liftgate-bot"],
            "LIFTGATE_STATE": str(folder / "state"),
            "LIFTGATE_ARGOCD__TOKEN": self.argocd.admin_token(),
            "LIFTGATE_SERVER__SIGNING_KEY": private_text(SERVER),
        }

    def add(self, name: str) -> None:
        """Synced by an operation that somebody asked for."""
        source = {"repoURL": self.url, "targetRevision": "main", "path": "thing"}
        policy = {"automated": {"selfHeal": name in HEALING}}
        destination = {"server": "https://kubernetes.default.svc", "namespace": name}
        spec = {"project": "default", "source": source, "destination": destination, "syncPolicy": policy}
        asked = {"sync": {"revision": self.before}}
        stamps = {"startedAt": "2026-11-24T09:00:00Z", "finishedAt": "2026-11-24T09:00:01Z"}
        state = {"phase": "Succeeded", "operation": asked, "syncResult": {"revision": self.before}} | stamps
        thing = {"version": "v1", "kind": "ConfigMap", "namespace": name, "name": "thing", "status": "Synced"}
        status: dict[str, Any] = {
            "sync": {"status": "Synced", "revision": self.before},
            "history": [{"revision": self.before, "source": source, "deployedAt": stamps["finishedAt"]}],
            "operationState": state,
            "resources": [thing],
        }
        metadata = self.argocd.state.new_metadata(name, "argocd")
        self.argocd.state.put_application({"metadata": metadata, "spec": spec, "status": status})

    def move_git(self) -> None:
        """Every application is OutOfSync at the new commit, and nothing syncs them."""
        for name in NAMES:
            app = self.argocd.state.application(name)
            app["status"]["sync"] = {"status": "OutOfSync", "revision": self.head}
            app["status"]["resources"][0]["status"] = "OutOfSync"
            self.argocd.state.put_application(app)

    def minute(self, watch: Watch, clock: Later) -> Counter[str]:
        """What a minute of looks asks for, at the watch's own pace: never too much in any second of it."""
        asked = Counter[str]()
        end = clock.by + 60
        while clock.by < end:
            self.door.asked.clear()
            watch.once()
            assert self.door.asked.total() <= A_SECOND
            pause = watch.pause()
            assert pause >= 1
            clock.by += pause
            asked += self.door.asked
        return asked


@pytest.fixture
def crowd(hosted: Hosted, tmp_path: Path) -> Crowd:
    return Crowd(hosted, tmp_path)


def test_500_applications_cost_a_request_every_15_seconds_and_a_storm_is_looked_at_bit_by_bit(crowd: Crowd) -> None:
    with serve(crowd.door) as served:
        at = Integrations(from_variables(crowd.settings | {"LIFTGATE_ARGOCD__URL": served.url}))
        clock = Later()
        at.clock = clock
        watch = Watch(at)
        first = crowd.minute(watch, clock)
        assert first["applications"] == 4 + 4 * MOST, "each operation is looked at once, in case it was a self-heal"
        crowd.minute(watch, clock)
        assert crowd.minute(watch, clock) == {"applications": 4}, "then one list every 15 seconds, and nothing else"
        crowd.move_git()
        storm = crowd.minute(watch, clock)
        assert storm["managed-resources"] > 0
        assert storm.total() <= 5 * (1 + 3 * MOST), "at most two and a half requests a second"
