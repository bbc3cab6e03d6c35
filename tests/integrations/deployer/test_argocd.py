"""The adapter over real HTTP: against the sandbox, and against what stands between people and their Argo CD."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from sandbox_tests.argocd.conftest import automatic, lab, manual
from sandbox_tests.argocd.lab import Lab
from sandbox_tests.argocd.repository import config_map, settings
from sandbox_tests.argocd.test_windows import set_windows, window
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response

from liftgate.domain.argocd.snapshot import Snapshot
from liftgate.errors import LiftgateError, Misconfigured, Refused, Unavailable
from liftgate.integrations.clock import SystemClock
from liftgate.integrations.deployer.argocd import ArgoCD
from liftgate.integrations.deployer.wait import Wait
from tests.steps.world import Script, serving, serving_all

__all__ = ["automatic", "lab", "manual"]
APP = {"metadata": {"name": "app"}}
SEEN = Snapshot(name="app", revisions=("a" * 40,))


class Impatient(ArgoCD):
    refresh_within = 0.2


def adapter(lab: Lab, role: str = "promoter", kind: type[ArgoCD] = ArgoCD) -> ArgoCD:
    return kind(lab.served.url, lab.argocd.token("promo", role), "promo")


def looked(argocd: ArgoCD, name: str) -> Snapshot:
    seen = argocd.get(name)
    assert seen
    return seen


class Cut(Response):
    """Promises more than it sends."""

    def __init__(self) -> None:
        super().__init__(b'{"metadata":', headers={"content-type": "application/json", "content-length": "4000"})


def error(status: int, code: int, message: str) -> Response:
    return JSONResponse({"error": message, "code": code, "message": message}, status)


BETWEEN: list[tuple[Response, type[LiftgateError], str]] = [
    (HTMLResponse("<html>sign in</html>"), Misconfigured, "without JSON; is the address right"),
    (HTMLResponse("<html>no such page</html>", 404), Misconfigured, "no Argo CD answers there .*LIFTGATE_ARGOCD__URL"),
    (error(404, 12, "Not Found"), Refused, "Not Found"),
    (JSONResponse({"status": "ok"}), Misconfigured, "no Application"),
    (JSONResponse([]), Misconfigured, "no Application"),
    (RedirectResponse("https://argocd.example.com/", 307), Misconfigured, "no Argo CD answers there"),
    (Response('{"metadata": {"na', media_type="application/json"), Unavailable, "is not JSON"),
    (Cut(), Unavailable, "not reachable"),
    (PlainTextResponse("Invalid content type\n", 415), Refused, "Invalid content type"),
    (HTMLResponse("<h1>bad gateway</h1>", 502), Unavailable, "answered 502 to GET [^<]*$"),
    (error(503, 14, "upstream connect error"), Unavailable, "upstream connect error"),
    (error(504, 4, "context deadline exceeded"), Unavailable, "deadline"),
    (error(429, 8, "too many"), Unavailable, "too many"),
    (error(409, 10, "the object has been modified"), Unavailable, "modified"),
    (error(400, 9, "error resolving repo revision: rpc error: code = Unavailable"), Unavailable, "Unavailable"),
    (error(400, 9, "application is deleting"), Refused, "deleting"),
    (error(400, 3, "timeout must be a number"), Refused, "must be a number"),
    (error(500, 2, "failed to list refs: repository not found"), Refused, "repository not found"),
    (
        error(500, 2, "x failed exit status 1: Error: execution error at (a:5): timeout is required"),
        Refused,
        "required",
    ),
    (error(500, 2, "x failed exit status 1: Error: dial tcp: i/o timeout"), Unavailable, "i/o timeout"),
    (error(500, 2, "failed to list refs: dial tcp 10.0.0.1:443: connect: connection refused"), Unavailable, "refused"),
    (error(500, 2, "nobody knows"), Unavailable, "nobody knows"),
    (error(401, 16, "token is expired"), Misconfigured, "token is expired.*LIFTGATE_ARGOCD__TOKEN"),
    (error(403, 7, "permission denied"), Misconfigured, "needs get and sync"),
    (error(403, 7, "cannot sync: blocked by sync window"), Refused, "a sync window does not allow it now"),
]


@pytest.mark.parametrize(("answer", "kind", "said"), BETWEEN)
def test_an_answer_that_is_none_says_whose_turn_it_is(answer: Response, kind: type[LiftgateError], said: str) -> None:
    with serving(answer) as url, pytest.raises(kind, match=said):
        ArgoCD(url, "token", "promo").get("app")


def test_nobody_at_the_address_is_a_passing_fault(lab: Lab) -> None:
    gone = adapter(lab)
    lab.served.stop()
    with pytest.raises(Unavailable, match=r"not reachable at 127\.0\.0\.1"):
        gone.get("prod")


def test_there_is_no_such_application(lab: Lab) -> None:
    assert adapter(lab).get("nope") is None
    assert adapter(lab).refresh("nope", "normal") is None


@pytest.fixture
def asked() -> Iterator[tuple[ArgoCD, Script]]:
    """Whatever is asked for is answered with one Application."""
    script = Script(JSONResponse(APP))
    with serving_all({"/{any:path}": script}) as url:
        yield ArgoCD(url, "token", "promo"), script


def test_an_application_elsewhere_is_asked_for_with_its_namespace(asked: tuple[ArgoCD, Script]) -> None:
    argocd, script = asked
    argocd.get("team-a/app")
    argocd.refresh("team-a/app", "hard")
    argocd.sync("team-a/app", SEEN, promotion="p-1")
    argocd.may_sync("team-a/app")
    get, refresh, _, may = script.asked
    assert get.url.path == "/api/v1/applications/app"
    assert dict(get.query_params) == {"project": "promo", "appNamespace": "team-a"}
    assert dict(refresh.query_params) == {"project": "promo", "appNamespace": "team-a", "refresh": "hard"}
    body = json.loads(script.bodies[2])
    assert (body["project"], body["appNamespace"]) == ("promo", "team-a")
    assert may.url.path == "/api/v1/account/can-i/applications/sync/promo/team-a/app"


def test_the_token_goes_into_a_header_and_never_into_an_address(asked: tuple[ArgoCD, Script]) -> None:
    argocd, script = asked
    argocd.get("app")
    assert script.asked[0].headers["authorization"] == "Bearer token"
    assert "token" not in str(script.asked[0].url)


def test_by_hand_it_brings_exactly_what_was_seen(manual: Lab) -> None:
    argocd = adapter(manual)
    seen = looked(argocd, "prod")
    manual.config.values("prod", settings("prod", "9.9.9"))
    manual.config.commit()
    assert argocd.sync("prod", seen, promotion="p-1")
    synced = looked(argocd, "prod") if manual.done("prod") else seen
    assert synced.operation
    assert (synced.operation.revisions, synced.operation.promotion) == (seen.revisions, "p-1")


def test_auto_sync_is_asked_for_no_revision_because_it_takes_none(automatic: Lab) -> None:
    argocd = adapter(automatic)
    stale = looked(argocd, "dev").copy_with(revisions=("b" * 40,))
    assert argocd.sync("dev", stale, promotion="p-1")
    automatic.done("dev")
    operation = looked(argocd, "dev").operation
    assert operation
    assert (operation.phase, operation.promotion) == ("Succeeded", "p-1")
    with pytest.raises(Refused, match="auto-sync currently set to main"):
        argocd.sync("dev", stale.copy_with(auto_sync=False), promotion="p-2")


def test_several_sources_are_brought_by_position(lab: Lab) -> None:
    for name in ("one", "two"):
        lab.config.write(f"configs/{name}/config.yaml", config_map(name))
    sha = lab.config.commit()
    where = {"repoURL": lab.url, "targetRevision": "main"}
    sources = [where | {"path": f"configs/{name}"} for name in ("one", "two")]
    lab.create("several", "", sources=sources).raise_for_status()
    lab.refresh("several")
    argocd = adapter(lab)
    assert argocd.sync("several", looked(argocd, "several"), promotion="p-1")
    assert lab.settled("several")["status"]["operationState"]["operation"]["sync"]["revisions"] == [sha, sha]
    synced = looked(argocd, "several")
    assert (synced.revisions, synced.synced_revisions, synced.sync) == ((sha, sha), (sha, sha), "Synced")


def test_one_operation_at_a_time_and_it_can_be_ended(manual: Lab) -> None:
    argocd = adapter(manual)
    seen = looked(argocd, "prod")
    assert argocd.terminate("prod") is False
    manual.fault("controller-down", application="prod")
    assert argocd.sync("prod", seen, promotion="p-1")
    assert argocd.sync("prod", seen, promotion="p-2") is False
    pending = looked(argocd, "prod")
    assert pending.operation is None
    assert pending.requested
    assert pending.requested.promotion == "p-1"


def test_in_a_sync_window_it_is_refused(manual: Lab) -> None:
    argocd = adapter(manual)
    seen = looked(argocd, "prod")
    set_windows(manual, window("* * * * *"))
    with pytest.raises(Refused, match="a sync window does not allow it now"):
        argocd.sync("prod", seen, promotion="p-1")
    set_windows(manual)
    assert argocd.sync("prod", seen, promotion="p-1")


def test_who_may_only_look_may_not_sync(manual: Lab) -> None:
    manual.argocd.project("promo", roles={"promoter": ["get", "sync"], "reader": ["get"]})
    reader = adapter(manual, "reader")
    assert (adapter(manual).may_sync("prod"), reader.may_sync("prod")) == (True, False)
    with pytest.raises(Misconfigured, match=r"applications, sync, promo/prod.*LIFTGATE_ARGOCD__TOKEN"):
        reader.sync("prod", looked(reader, "prod"), promotion="p-1")


def test_a_refresh_that_hangs_is_freed_by_the_other_kind(automatic: Lab) -> None:
    argocd = adapter(automatic)
    automatic.fault("drop-refresh", times=1)
    with pytest.raises(Unavailable, match="no answer in time"):
        argocd.refresh("dev", "normal", within=0.2)
    assert looked(argocd, "dev").refresh_pending
    freed = argocd.refresh("dev", "hard")
    assert freed
    assert not freed.refresh_pending


def test_a_wait_asks_for_the_other_kind_by_itself(automatic: Lab) -> None:
    automatic.fault("drop-refresh", times=1)
    automatic.config.values("dev", settings("dev", "1.1.0"))
    sha = automatic.config.commit()
    assert waiting(automatic, "dev", sha, Impatient).until(10).state == "deployed"
    assert not looked(adapter(automatic), "dev").refresh_pending


def waiting(lab: Lab, name: str, sha: str, kind: type[ArgoCD] = ArgoCD) -> Wait:
    return Wait(adapter(lab, kind=kind), SystemClock(), name, "p-1", lambda one: "accepted" if one == sha else "older")


def test_an_operation_whose_answer_was_lost_is_taken_for_ours(manual: Lab) -> None:
    manual.fault("lost-answer", times=1)
    sha = manual.config.git("rev-parse", "HEAD")
    ended = waiting(manual, "prod", sha).until(10)
    assert (ended.state, ended.revision) == ("deployed", sha)
    status = manual.get("prod").json()["status"]
    assert len(status["history"]) == 1
    assert status["operationState"]["operation"]["info"] == [{"name": "promotion-id", "value": "p-1"}]
