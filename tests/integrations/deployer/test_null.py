"""A field that is null reads like one that is not there: of every answer that the adapter reads, field by field.

Lists of chosen fields answer null for what an Application lacks (recording 300), everything else leaves it out.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, TypeAlias

import httpx
import pytest

from liftgate.domain.argocd.snapshot import Snapshot
from liftgate.errors import LiftgateError
from liftgate.integrations.deployer.argocd import ArgoCD
from liftgate.integrations.deployer.argocd_list import ArgoCDList
from liftgate.integrations.deployer.argocd_manifests import ArgoCDManifests
from liftgate.integrations.deployer.argocd_reads import ArgoCDReads
from liftgate.integrations.deployer.live import Chosen
from tests.integrations.deployer.recordings import recorded, seen_in

Path: TypeAlias = "tuple[str | int, ...]"
Ask: TypeAlias = "Callable[[], object]"
_SEEN = Snapshot(name="app", revisions=("a" * 40,))
_SYNCED = "cd875b22e5bad32f33b3f42e75338a93a1a6225e"
_BROKEN_LOG = {"error": {"grpc_code": 14, "http_code": 503, "message": "gone", "http_status": "Service Unavailable"}}
_KNOWN: dict[str, Any] = {"hydratedSHA": "b" * 40, "drySHA": "a" * 40, "phase": "Failed", "message": "no"}
_LOG = {"result": {"timeStampStr": "2026-11-23T04:00:00Z", "podName": "app-1", "content": "hello", "last": False}}


def _argocd(transport: httpx.MockTransport) -> ArgoCD:
    return ArgoCD("http://argocd.test", "t", "promo", transport=transport)


def _list(transport: httpx.MockTransport) -> ArgoCDList:
    return ArgoCDList("http://argocd.test", "t", "promo", transport=transport)


def _reads(transport: httpx.MockTransport) -> ArgoCDReads:
    return ArgoCDReads("http://argocd.test", "t", "promo", transport=transport)


def _get(transport: httpx.MockTransport) -> Ask:
    return partial(_argocd(transport).get, "app")


def _refused(transport: httpx.MockTransport) -> Ask:
    """The same with an error's status."""

    def refuse(request: httpx.Request) -> httpx.Response:
        return httpx.Response(403, content=transport.handle_request(request).read())

    return _get(httpx.MockTransport(refuse))


def _lines(transport: httpx.MockTransport) -> Ask:
    return partial(_reads(transport).lines, "app", 1, Chosen())


def _beside(transport: httpx.MockTransport) -> Ask:
    there = ArgoCDManifests("http://argocd.test", "t", "promo", "http://127.0.0.1:18080/config.git")
    there._http = httpx.Client(base_url="http://argocd.test/api/v1", transport=transport)
    return partial(there.beside, "app", "a" * 40, "b" * 40)


def _body(number: int) -> Any:
    return recorded(number)["response"]["body"]


def _hydrated() -> Any:
    """No recording has a source hydrator."""
    app = copy.deepcopy(seen_in(117)[0])
    app["status"]["sourceHydrator"] = {"currentOperation": _KNOWN, "lastSuccessfulOperation": _KNOWN}
    return app


_FULL = ((43, 0), (76, 0), (93, 0), (117, 0), (177, 0), (188, 0), (230, 8), (257, 6), (301, 0))
"""Applications that together show all that is read: operations, hooks, conditions, several sources, children."""
ANSWERS: dict[str, tuple[Any, Callable[[httpx.MockTransport], Ask]]] = {
    **{f"application-{number}": (seen_in(number)[place], _get) for number, place in _FULL},
    "application-with-a-hydrator": (_hydrated(), _get),
    "list-with-chosen-fields": (_body(300), lambda transport: _list(transport).all),
    "list": (_body(7), lambda transport: partial(_list(transport).one, "app-prod")),
    "managed-resources": (_body(111), lambda transport: partial(_list(transport).compare, "app", (), several=False)),
    "config-maps": (_body(65), lambda transport: partial(_reads(transport).held, "app", "values.json")),
    "synced-at": (seen_in(117)[0], lambda transport: partial(_reads(transport).synced_at, "app", _SYNCED)),
    "log": (_LOG, _lines),
    "broken-log": (_BROKEN_LOG, _lines),
    "may-sync": (_body(5), lambda transport: partial(_argocd(transport).may_sync, "app")),
    "manifests-of": (seen_in(177)[0], _beside),
    "manifests": (_body(62), lambda transport: partial(_argocd(transport).are_hooks_due, "app", _SEEN)),
    "error": (_body(12), _refused),
}


class Answering:
    """The adapter's own call, and what it hears."""

    def __init__(self, name: str) -> None:
        self.body, make = ANSWERS[name]
        self._ask = make(httpx.MockTransport(lambda _: httpx.Response(200, json=self._answer)))

    def heard(self, body: Any) -> object:
        """What it was read as, or which of our errors it became; any other error is a fault."""
        self._answer = body
        try:
            return self._ask()
        except LiftgateError as error:
            return type(error), str(error)


@pytest.mark.parametrize("name", ANSWERS)
def test_null_reads_like_absent(name: str) -> None:
    answering = Answering(name)
    for path in list(_paths(answering.body)):
        null, absent = _heard_both(answering.body, path, lambda: answering.heard(answering.body))
        assert null == absent, ".".join(map(str, path))


def test_the_objects_inside_managed_resources_too() -> None:
    """They come as text: every field of what is live, of what a sync would make of it, and of what Git has."""
    answering = Answering("managed-resources")
    [item] = answering.body["items"]
    for state in ("normalizedLiveState", "predictedLiveState", "targetState"):
        whole = json.loads(item[state])

        def hear(whole: Any = whole, state: str = state) -> object:
            return answering.heard({"items": [item | {state: json.dumps(whole)}]})

        for path in list(_paths(whole)):
            null, absent = _heard_both(whole, path, hear)
            assert null == absent, (state, *path)


def _paths(value: Any, above: Path = ()) -> Iterator[Path]:
    """Of every field at any depth; of a list its first three items are enough."""
    if isinstance(value, dict):
        for name, below in value.items():
            yield (*above, name)
            yield from _paths(below, (*above, name))
    elif isinstance(value, list):
        for number, below in enumerate(value[:3]):
            yield from _paths(below, (*above, number))


def _heard_both(body: Any, path: Path, hear: Callable[[], object]) -> tuple[object, object]:
    """What is heard while the field is null, and while it is not there; afterwards it is as it was."""
    *above, name = path
    holder = body
    for step in above:
        holder = holder[step]
    before = holder[name]
    holder[name] = None
    null = hear()
    del holder[name]
    absent = hear()
    holder[name] = before
    return null, absent
