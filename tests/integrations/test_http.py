"""What other servers say of a failure, as it may stand in a message of ours."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from liftgate_sandbox.serve import serve

from liftgate.errors import Unavailable
from liftgate.integrations import http as ours
from liftgate.integrations.http import client, error_of, message_of, send
from tests.domain.secrets.test_masking import SECRETS


def answer(body: Any) -> httpx.Response:
    request = httpx.Request("GET", "http://argocd.test/api/v1/applications/app")
    return httpx.Response(500, json=body, request=request)


@pytest.mark.parametrize("secret", SECRETS)
def test_no_secret_in_an_answer_reaches_an_error(secret: str) -> None:
    said = f"Deployment web is invalid: {secret}"
    plain = httpx.Response(500, text=said, request=answer({}).request)
    bodies = ({"message": said}, {"detail": {"value": said}}, {"error": f"{'word ' * 50}{said}"}, [said], said)
    for response in (plain, *map(answer, bodies)):
        assert "hunter2" not in str(error_of(response, "Argo CD"))


def test_of_a_long_answer_the_useful_end_stays() -> None:
    said = f"`helm template {'--api-versions v1 ' * 60}` failed exit status 1: Error: image.tag is required"
    assert message_of(answer({"message": said})) == "image.tag is required"
    assert message_of(answer({"message": f"{'in base ' * 90} no such file"})).endswith("no such file")


def test_an_answer_that_comes_drop_by_drop_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    async def drip(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(100):
            await send({"type": "http.response.body", "body": b" ", "more_body": True})
            await asyncio.sleep(0.05)
        await send({"type": "http.response.body"})

    monkeypatch.setattr(ours, "_WHOLE", 0.3)
    with serve(drip) as served, pytest.raises(Unavailable, match="Argo CD gave no answer in time"):
        send(client(served.url, {}), "Argo CD", "GET", "/")


def test_a_page_for_people_is_no_message() -> None:
    assert message_of(httpx.Response(502, html="<h1>bad gateway</h1>")) == ""
