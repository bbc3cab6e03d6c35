"""All the sandbox's servers together, with people in them: a forge, an Argo CD, a Slack workspace, an application."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Self

import httpx
from starlette.types import ASGIApp

from liftgate_sandbox.application.service import application as service
from liftgate_sandbox.argocd import ArgoCD, Timings
from liftgate_sandbox.certificates import trusted_for
from liftgate_sandbox.counted import Counted
from liftgate_sandbox.forge import Forge
from liftgate_sandbox.serve import serve
from liftgate_sandbox.slack import Slack

REPOSITORY = "shop/config"
PROJECT, ROLE = "shop", "promoter"
CHANNEL = "C0RELEASES"
BOT_TOKEN, SIGNING_SECRET, APP_TOKEN = "xoxb-sandbox", "sandbox-signing-secret", "xapp-sandbox"
WEBHOOK_SECRET = "sandbox-webhook-secret"  # noqa: S105
SLACK_WEBHOOK = "sandbox-incoming-webhook"
PEOPLE: Mapping[str, tuple[str, str]] = {
    "ada": ("U01ADA", "Ada Lovelace"),
    "grace": ("U02GRACE", "Grace Hopper"),
    "rosa": ("U03ROSA", "Rosa Park"),
}
"""Login, and with it Slack's id and the full name."""
BOT = "liftgate-bot"


def token_of(login: str) -> str:
    """Everybody's token for git and the forge's API."""
    return f"token-of-{login}"


class Town:
    """Up as long as its `with` block; what it knows is in `folder`. Without `ports`, free ones are found."""

    def __init__(
        self,
        folder: Path,
        environments: tuple[str, ...] = ("dev", "staging", "prod"),
        *,
        timings: Timings | None = None,
        ports: Sequence[int] = (),
    ) -> None:
        self.forge = Forge(folder / "forge")
        self.argocd = ArgoCD(folder / "argocd", timings=timings)
        self.slack = Slack(folder / "slack", bot_token=BOT_TOKEN, signing_secret=SIGNING_SECRET, app_token=APP_TOKEN)
        self.environments, self._ports = environments, ports
        self._stack = ExitStack()
        self.urls: dict[str, str] = {}

    def __enter__(self) -> Self:
        self._people()
        apps: dict[str, ASGIApp] = {
            "forge": self.forge.asgi(),
            "argocd": self.argocd.asgi(),
            "slack": self.slack.asgi(),
            **{f"app-{name}": service(self.argocd.cluster, name) for name in self.environments},
        }
        served = {
            name: self._stack.enter_context(serve(Counted(app), port=port))
            for (name, app), port in zip(apps.items(), self._ports or [0] * len(apps), strict=False)
        }
        self.urls |= {name: each.url for name, each in served.items()}
        self.argocd.repository(self.urls["forge"], "argocd", token_of("argocd"))
        self.argocd.project(PROJECT, roles={ROLE: ["get", "sync"]})
        self.argocd.start()
        self._stack.callback(self.argocd.stop)
        for each in served.values():
            self._stack.callback(each.end)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def repository_url(self) -> str:
        return f"{self.urls['forge']}/{REPOSITORY}.git"

    @property
    def argocd_token(self) -> str:
        """Of the project's role that may look and sync, and nothing else."""
        return self.argocd.token(PROJECT, ROLE)

    @property
    def slack_webhook(self) -> str:
        """The address of an incoming webhook of the channel."""
        return self.urls["slack"] + self._slack_webhook

    def deploy(self, application: str, folder: str = "") -> None:
        """An Argo CD Application for each environment, by its own API: automated, pruned and self-healing.

        `folder` is the application's below each environment's.
        """
        headers = {"Authorization": f"Bearer {self.argocd.admin_token()}"}
        url = self.urls["argocd"]
        with httpx.Client(base_url=url, headers=headers, timeout=30, trust_env=False, verify=trusted_for(url)) as http:
            for name in self.environments:
                path = f"configs/{name}/{folder}".rstrip("/")
                source = {"repoURL": self.repository_url, "path": path, "targetRevision": "main"}
                spec = {
                    "project": PROJECT,
                    "source": source,
                    "destination": {"server": "https://kubernetes.default.svc", "namespace": name},
                    "syncPolicy": {"automated": {"prune": True, "selfHeal": True}},
                }
                body = {"metadata": {"name": f"{application}-{name}"}, "spec": spec}
                http.post("/api/v1/applications?upsert=true", json=body).raise_for_status()

    def _people(self) -> None:
        for login in (*PEOPLE, BOT, "argocd"):
            self.forge.add_user(login, token_of(login), bot=login not in PEOPLE)
        self.forge.create_repository(REPOSITORY)
        self.slack.add_channel(CHANNEL, "releases")
        self._slack_webhook = self.slack.add_webhook(CHANNEL, SLACK_WEBHOOK)
        for login, (identity, name) in PEOPLE.items():
            self.slack.add_person(identity, login, name, f"{login}@example.com")
