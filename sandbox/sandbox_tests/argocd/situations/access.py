"""Recordings 01-32 and 190-195: who may see what, and how requests can be wrong."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest

from sandbox_tests.argocd.situations.stage import Stage

_PROD = "/api/v1/applications/app-prod"
_NOPE = "/api/v1/applications/nope"


def sign_in(stage: Stage) -> None:
    """01-11."""
    nobody, user = stage.client(), stage.user
    for number, password in ((1, "right"), (2, "wrong")):
        body = {"username": "admin", "password": password}
        stage.keep(number, nobody.post("/api/v1/session", json=body))
    stage.keep(3, nobody.get("/api/version"))
    stage.keep(4, user.get("/api/v1/session/userinfo"))
    for number, action in ((5, "sync"), (6, "delete")):
        stage.keep(number, user.get(f"/api/v1/account/can-i/applications/{action}/promo/app-prod"))
    stage.keep(7, user.get("/api/v1/applications", params={"projects": "promo"}))
    names = ("status.sync.status", "status.health.status", "operation")
    fields = ",".join(["metadata.resourceVersion", "items.metadata.name", *(f"items.{name}" for name in names)])
    stage.keep(8, user.get("/api/v1/applications", params={"projects": "promo", "fields": fields}))
    stage.keep(10, stage.get("app-prod", refresh="normal"))
    stage.keep(11, stage.get("app-prod", refresh="hard"))
    stage.keep(9, stage.get("app-prod"))


def permissions(stage: Stage) -> None:
    """12-20 and 32."""
    promo: Any = {"project": "promo"}
    stage.keep(12, stage.user.get(_NOPE))
    stage.keep(13, stage.admin.get(_NOPE))
    stage.keep(14, stage.user.get(_NOPE, params=promo))
    stage.keep(15, stage.user.get(_PROD, params={"project": "wrong"}))
    stage.keep(16, stage.admin.get(_PROD, params={"project": "wrong"}))
    stage.keep(17, stage.admin.get(_PROD, params={"project": "default"}))
    stage.keep(18, stage.reader.get(_PROD, params=promo))
    stage.keep(19, stage.reader.get(_PROD))
    stage.keep(20, stage.reader.post("/api/v1/applications/app-dev/sync", json=promo))
    stage.keep(32, stage.user.get(_PROD, params=[("project", "promo"), ("project", "default")]))


def tokens(stage: Stage) -> None:
    """21-25."""
    promo = {"project": "promo"}
    stage.keep(21, stage.client().get(_PROD, params=promo))
    stage.keep(22, stage.client("garbage").get(_PROD, params=promo))
    body = {"project": "promo", "role": "promoter", "id": "short", "expiresIn": 1}
    made = stage.keep(23, stage.admin.post("/api/v1/projects/promo/roles/promoter/token", json=body))
    token = made.json()["token"]
    forged = token.rpartition(".")[0] + ".AAAA"
    stage.keep(25, stage.client(forged).get(_PROD, params=promo))
    while stage.client(token).get(_PROD, params=promo).status_code == 200:
        time.sleep(0.1)
    stage.keep(24, stage.client(token).get(_PROD, params=promo))


def wrong_requests(stage: Stage) -> None:
    """26-31."""
    sync = f"{_PROD}/sync"
    stage.keep(26, stage.user.post(sync, content='{"project": '))
    stage.keep(27, stage.user.post(sync, json={"project": "promo", "dryRun": "yes"}))
    typed = {"Content-Type": "application/json; charset=utf-8"}
    stage.keep(28, stage.user.post(sync, json={"project": "promo", "dryRun": True}, headers=typed))
    bare = stage.client()
    del bare.headers["Content-Type"]
    stage.keep(29, bare.delete(f"{_PROD}/operation", params={"project": "promo"}))
    stage.keep(30, stage.user.get("/api/v1/nothing"))
    stage.keep(31, stage.user.get("/v1/applications", headers={"Accept": "text/html"}))


def no_repo_server(stage: Stage) -> None:
    """33 and 34: before anything was deployed."""
    stage.fault("repo-server-down", application="app-prod")
    stage.keep(33, stage.sync("app-prod"))
    stage.keep(34, stage.get("app-prod", refresh="normal"))
    stage.no_faults()
    stage.refresh("app-prod")


def the_rest(stage: Stage) -> None:
    """190-193."""
    stage.keep(
        190,
        stage.admin.delete("/api/v1/applications/x-badres", params={"project": "promo", "cascade": "true"}),
    )
    account = stage.argocd.account("promoter", ["p, promoter, applications, get, promo/*, allow"])
    stage.keep(191, stage.client(account).get("/api/v1/session/userinfo"))
    stage.keep(192, stage.user.get("/api/v1/projects/promo"))
    stage.keep(193, stage.client().get("/api/v1/settings"))


def stuck_refresh(stage: Stage) -> None:
    """195."""
    stage.fault("drop-refresh", times=1, application="app-staging")
    hurried = stage.client(stage.argocd.token("promo", "promoter"))
    hurried.timeout = 0.2
    with pytest.raises(httpx.ReadTimeout):
        hurried.get("/api/v1/applications/app-staging", params={"project": "promo", "refresh": "normal"})
    stage.keep(195, stage.get("app-staging"))
    stage.refresh("app-staging", "hard")
