"""Whatever Argo CD quotes in an answer of its own: no secret in it reaches an error or a verdict of ours."""

from __future__ import annotations

from collections.abc import Callable
from itertools import cycle
from typing import Any

import httpx
import pytest

from liftgate.domain.argocd.snapshot import Snapshot
from liftgate.errors import LiftgateError
from liftgate.integrations.deployer.argocd import ArgoCD
from liftgate.integrations.deployer.argocd_list import ArgoCDList
from liftgate.integrations.deployer.argocd_reads import ArgoCDReads
from liftgate.integrations.deployer.live import Chosen
from tests.domain.secrets.test_masking import SECRETS

SEEN = Snapshot(name="app", revisions=("a" * 40,))
ANSWERS = [(400, 3), (400, 9), (401, 16), (403, 7), (409, 10), (415, 0), (500, 2), (500, 13), (503, 14)]
BEFORE = ["", "x failed exit status 1: Error: ", "repository not found: ", "connection refused: "]


def answering(status: int, body: Any) -> httpx.MockTransport:
    return httpx.MockTransport(lambda _: httpx.Response(status, json=body))


def asking(transport: httpx.MockTransport) -> list[Callable[[], object]]:
    """One question of each kind."""
    url, token, project = "http://argocd.test", "token", "promo"
    argocd = ArgoCD(url, token, project, transport=transport)
    return [
        lambda: argocd.sync("app", SEEN, promotion="p"),
        lambda: argocd.refresh("app", "normal"),
        ArgoCDList(url, token, project, transport=transport).all,
        lambda: ArgoCDReads(url, token, project, transport=transport).lines("app", 1, Chosen()),
    ]


@pytest.mark.parametrize(("secret", "answer"), list(zip(SECRETS, cycle(ANSWERS), strict=False)))
def test_no_error_tells_a_secret(secret: str, answer: tuple[int, int]) -> None:
    """Each secret, and each answer with one of them: all are masked by the same rule (tests/domain/secrets)."""
    status, code = answer
    for before in BEFORE:
        said = f"{before}Deployment web is invalid: {secret}"
        for ask in asking(answering(status, {"error": said, "code": code, "message": said})):
            with pytest.raises(LiftgateError) as raised:
                ask()
            assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize("secret", SECRETS)
def test_a_log_that_ends_early_tells_none_either(secret: str) -> None:
    transport = answering(200, {"error": {"http_code": 500, "message": f"container web: {secret}"}})
    with pytest.raises(LiftgateError) as raised:
        ArgoCDReads("http://argocd.test", "token", "promo", transport=transport).lines("app", 1, Chosen())
    assert "hunter2" not in str(raised.value)
