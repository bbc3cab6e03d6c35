"""Argo CD's REST (argo-cd.readthedocs.io, API docs; assets/swagger.json): one connection, its errors in our words."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import httpx

from liftgate.domain.argocd.transient_errors import is_lasting, is_passing
from liftgate.domain.json_text.bounded_json import UnreadableJson, loads
from liftgate.errors import LiftgateError, Misconfigured, Refused, Unavailable
from liftgate.integrations.http import client, error_of, json_of, message_of, said_by, send

WHO = "Argo CD"


class Rest:
    """Applications go by `name`, or by `namespace/name` where they live outside Argo CD's own namespace."""

    def __init__(
        self,
        url: str,
        token: str,
        project: str,
        *,
        verify: bool = True,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        if not url:
            raise Misconfigured("no Argo CD: set LIFTGATE_ARGOCD__URL")
        # Anything but exactly this content type is answered 415, on DELETE without a body too.
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self._connect = partial(client, f"{url.rstrip('/')}/api/v1", headers, verify=verify, transport=transport)
        self._http = self._connect()
        self._project = project

    def _query(self, application: str) -> dict[str, str]:
        """Without the project a missing application looks like a forbidden one."""
        namespace = application.rpartition("/")[0]
        return {"project": self._project} | ({"appNamespace": namespace} if namespace else {})

    def _call(self, method: str, path: str, **options: Any) -> httpx.Response:
        """The response whatever its status; raises Unavailable without one."""
        return send(self._http, WHO, method, path, **options)

    def _send(self, method: str, application: str, what: str, **options: Any) -> httpx.Response:
        """`what` comes after the Application's own path."""
        return self._call(method, f"/applications/{application.rpartition('/')[2]}{what}", **options)

    def _get(self, application: str, what: str = "", query: dict[str, str] | None = None, **options: Any) -> Any:
        """The body as JSON, None when there is no such Application; raises what the status means."""
        query = self._query(application) | (query or {})
        response = self._send("GET", application, what, params=query, **options)
        return None if is_missing(response) else rest_body(response)

    def _rendered(self, application: str, revisions: tuple[str, ...], *, several: bool) -> list[Any]:
        """What those revisions of the Application's sources render to."""
        query = at(dict(enumerate(revisions, 1)), several=several)
        return manifests_in(self._get(application, "/manifests", query) or {})


def at(revisions: Mapping[int, str], *, several: bool) -> dict[str, Any]:
    """Commits by their source's position from 1, as a body or query wants them. With several sources `revision` alone
    is ignored without a word; positions are numbers, though the API's description says strings."""
    if several:
        return {"revisions": list(revisions.values()), "sourcePositions": list(revisions)}
    return {"revision": next(iter(revisions.values()))}


def manifests_in(found: Mapping[str, Any]) -> list[Any]:
    """Of an answer to `/manifests`."""
    return [object_in(text) for text in found.get("manifests") or []]


def object_in(state: str | None) -> Any:
    """An object that came as JSON text; `null` when there is none. Raises Unavailable for what cannot be read."""
    try:
        return loads(state or "null")
    except UnreadableJson as error:
        raise Unavailable(f"{WHO}'s answer has an object that {error}") from None


def is_missing(response: httpx.Response) -> bool:
    """Argo CD's own word for it; any other 404 comes from something in between, or of a wrong address."""
    return response.status_code == 404 and code_of(response) == 5


def rest_body(response: httpx.Response) -> Any:
    if response.is_success:
        return present(json_of(response, WHO))
    raise rest_failure(response)


def present(value: Any) -> Any:
    """The same without fields that are null: a list of chosen fields answers null for what an Application lacks, every
    other answer leaves it out, and both mean the same."""
    if isinstance(value, dict):
        return {name: present(below) for name, below in value.items() if below is not None}
    return [present(below) for below in value] if isinstance(value, list) else value


def rest_failure(response: httpx.Response) -> LiftgateError:
    """By status and message: 400 may be a passing fault of the repository, 403 a sync window, 500 one that lasts."""
    return _by_its_words(response) or _of_access(response) or error_of(response, WHO)


def _by_its_words(response: httpx.Response) -> LiftgateError | None:
    status, code, whole = response.status_code, code_of(response), said_by(response)
    if status == 403 and "blocked by sync window" in whole.lower():
        return Refused("Argo CD: a sync window does not allow it now")
    if status == 409 or (status == 400 and code == 9 and is_passing(whole)):
        return Unavailable(f"Argo CD: {message_of(response)}")
    if status == 500 and code in (2, 13) and is_lasting(whole):
        return Refused(f"Argo CD: {message_of(response)}")
    return None


def _of_access(response: httpx.Response) -> LiftgateError | None:
    said, status = message_of(response), response.status_code
    if status == 401:
        return Misconfigured(f"Argo CD does not accept the token ({said}); look at LIFTGATE_ARGOCD__TOKEN")
    if status == 403:
        return Misconfigured(
            f"Argo CD: {said}; the token's role needs get and sync on the application "
            "(LIFTGATE_ARGOCD__TOKEN, LIFTGATE_ARGOCD__PROJECT)"
        )
    if response.is_redirect or (status == 404 and code_of(response) is None):
        return Misconfigured(
            f"no Argo CD answers there ({response.request.url.path}: {status}); look at LIFTGATE_ARGOCD__URL"
        )
    return None


def code_of(response: httpx.Response) -> int | None:
    """The gRPC code Argo CD puts into its errors."""
    try:
        said = loads(response.content)
    except UnreadableJson:
        return None
    code = said.get("code") if isinstance(said, dict) else None
    return code if isinstance(code, int) else None
