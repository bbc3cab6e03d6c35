"""What a real Argo CD answered (tests/cases/argocd), and the adapter with those answers behind it."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import httpx

from liftgate.integrations.deployer.argocd import ArgoCD
from tests.domain.argocd.test_snapshot import applications

CASES = Path(__file__).parents[2] / "cases"
_SEQUENCES = {45: 46, 116: 117, 230: 231, 247: 225, 250: 251, 252: 253, 255: 256, 257: 258, 287: 288}
"""Of these only some fields were written down, many times a second; the rest is that of the other recording."""
_PARTS = {307: 306, 309: 301, 312: 314, 315: 314}
"""Of these whole parts of the Application were; what they lack, an answer around the same time has."""


def numbers() -> list[int]:
    return sorted(int(file.name.partition("-")[0]) for file in (CASES / "argocd").glob("[0-9]*.json"))


@cache
def recorded(number: int) -> dict[str, Any]:
    [file] = (CASES / "argocd").glob(f"{number:02d}-*.json")
    found: dict[str, Any] = json.loads(file.read_text())
    return found


def seen_in(number: int) -> list[dict[str, Any]]:
    """Every Application of a recording, in the order in which they came."""
    recording = recorded(number)
    if number in _SEQUENCES:
        [whole] = seen_in(_SEQUENCES[number])
        return [_filled(whole, state) for state in recording["states"]]
    if number in _PARTS:
        [whole] = seen_in(_PARTS[number])
        return [_joined(whole, state["application"]) for state in recording["states"]]
    response = recording["response"]
    return list(applications(response.get("stream") or response["body"]))


def rows(table: str) -> Iterator[list[str]]:
    """The words of each line of a table beside the recordings; `#` begins a remark."""
    for line in (CASES / table).read_text().splitlines():
        if words := line.partition("#")[0].split():
            yield words


def answered(response: dict[str, Any]) -> httpx.Response:
    """As it came over the wire."""
    body = response["body"]
    content = body if isinstance(body, str) else json.dumps(body)
    return httpx.Response(
        response["status"], headers={"content-type": response["headers"].get("content-type", "")}, content=content
    )


def replaying(response: dict[str, Any]) -> ArgoCD:
    """The adapter, asked for anything, hears this."""
    return ArgoCD("http://argocd.test", "token", "promo", transport=httpx.MockTransport(lambda _: answered(response)))


def serving(application: dict[str, Any]) -> ArgoCD:
    return replaying({"status": 200, "headers": {"content-type": "application/json"}, "body": application})


def _joined(whole: dict[str, Any], parts: dict[str, Any]) -> dict[str, Any]:
    """Part for part as recorded, null included; only the history, and some of the metadata, are the other's."""
    around = {"metadata": whole["metadata"] | parts.get("metadata", {}), "spec": whole["spec"]}
    return parts | around | {"status": {"history": whole["status"]["history"]} | parts["status"]}


def _filled(whole: dict[str, Any], state: dict[str, Any]) -> dict[str, Any]:
    """What a state of a sequence was, as an Application."""
    if "x-parent" in state:
        names = ("sync", "health", "op", "phase", "msg")
        state = dict(zip(names, state["x-parent"], strict=True))
    app = copy.deepcopy(whole)
    if state.get("deleting"):
        app["metadata"]["deletionTimestamp"] = "2026-11-23T05:40:00Z"
    if not state["sync"]:
        return app | {"status": {}}
    status = app["status"]
    status["sync"]["status"], status["health"]["status"] = state["sync"], state["health"]
    status["reconciledAt"] = state.get("rec", status["reconciledAt"])
    _operate(app, state)
    return app


def _operate(app: dict[str, Any], state: dict[str, Any]) -> None:
    last = app["status"].pop("operationState")
    app.pop("operation", None)
    if state.get("op"):
        app["operation"] = last["operation"]
    if not state.get("phase"):
        return
    app["status"]["operationState"] = last
    last |= {"phase": state["phase"], "message": state["msg"], "retryCount": state.get("retryCount") or 0}
    if "fin" in state or "finishedAt" in state:
        last["finishedAt"] = state.get("fin") or state.get("finishedAt")
    elif state["phase"] == "Running":
        last["finishedAt"] = None
    if "res" in state:
        last["syncResult"]["resources"] = [_line(one) for one in state["res"]]


def _line(words: str) -> dict[str, str]:
    """`Kind/name status hookPhase=… hook=… phase=…`."""
    named, status, *rest = words.split()
    kind, _, name = named.partition("/")
    said = dict(one.split("=", 1) for one in rest)
    hook = {"hookType": said["hook"]} if said["hook"] != "None" else {}
    return {"kind": kind, "name": name, "status": status, "hookPhase": said["hookPhase"], "message": ""} | hook
