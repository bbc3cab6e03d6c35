"""A forge with words, addresses and proofs of its own; what it keeps, it keeps in the sandbox's forge behind it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import httpx
from sandbox_tests.plain import http
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

MINDS = {"APPROVED": "yes", "CHANGES_REQUESTED": "no", "DISMISSED": "taken back", "COMMENTED": "hm"}
FITS = {True: "yes", False: "no", None: "not known yet"}
PHASES = {"open": "proposed", "closed": "dropped"}


@dataclass
class SmallServer:
    behind: str = ""
    """Address of the forge behind it."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        data = await request.body()
        response = await run_in_threadpool(self._answer, request, json.loads(data or b"{}"))
        await response(scope, receive, send)

    def _answer(self, request: Request, body: Any) -> Response:
        """`/changes`, `/changes/N`, and below it `opinions`, `landing`, `land` and `drop`."""
        self.token = request.headers.get("x-small-token", "")
        _, _, number, what = (*request.url.path.split("/"), "", "")[:4]
        reads = {"opinions": (f"/pulls/{number}/reviews", _opinion), "landing": ("", _landing)}
        if what in reads:
            path, shape = reads[what]
            return self._shown(self._call("GET", path, params={"per_page": "100"}), shape)
        if what == "land":
            words = {"commit_title": body["headline"], "commit_message": body["story"], "merge_method": "merge"}
            found = self._call("PUT", f"/pulls/{number}/merge", json={"sha": body["tip"], **words})
            return self._shown(found, lambda data: {"landed_as": data["sha"]})
        if what == "drop":
            return self._drop(number, body)
        if request.method == "GET":
            params = {"state": "all", "sort": "created", "direction": "desc"} if not number else {}
            return self._shown(self._call("GET", f"/pulls/{number}".rstrip("/"), params=params), _change)
        words = {"title": body["headline"], "body": body["story"]}
        if number:
            return self._shown(self._call("PATCH", f"/pulls/{number}", json=words), _change)
        ends = {"head": body["from"], "base": body["onto"]}
        return self._shown(self._call("POST", "/pulls", json=words | ends), _change)

    def _drop(self, number: str, body: Any) -> Response:
        self._call("POST", f"/issues/{number}/comments", json={"body": body["why"]})
        done = self._call("PATCH", f"/pulls/{number}", json={"state": "closed"})
        self._call("DELETE", f"/git/refs/heads/{body['from']}")
        return self._shown(done, _change)

    def _call(self, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}"}
        return http.request(method, f"{self.behind}/api/v3/repos/shop/config{path}", headers=headers, **options)

    @staticmethod
    def _shown(found: httpx.Response, shape: Any) -> Response:
        data = found.json()
        if not found.is_success:
            return JSONResponse({"why": data["message"]}, found.status_code)
        return JSONResponse([shape(each) for each in data] if isinstance(data, list) else shape(data))


def _change(pull: dict[str, Any]) -> dict[str, Any]:
    landed = bool(pull["merged_at"])
    return {
        "id": pull["number"],
        "page": pull["html_url"],
        "from": pull["head"]["ref"],
        "onto": pull["base"]["ref"],
        "tip": pull["head"]["sha"],
        "phase": "landed" if landed else PHASES[pull["state"]],
        "landed_as": pull["merge_commit_sha"] if landed else None,
        "landed_by": (pull.get("merged_by") or {}).get("login", ""),
        "by": pull["user"]["login"],
        "fits": FITS[pull.get("mergeable")],
    }


def _opinion(review: dict[str, Any]) -> dict[str, Any]:
    mind = MINDS[review["state"]]
    return {"who": review["user"]["login"], "mind": mind, "of": review["commit_id"], "words": review["body"]}


def _landing(repository: dict[str, Any]) -> dict[str, Any]:
    return {"by_merge": repository["allow_merge_commit"]}
