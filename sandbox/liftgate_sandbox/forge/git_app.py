"""The git side of the forge: who may fetch and push, and what a push sets off."""

from __future__ import annotations

import base64
import binascii
import os
import tempfile
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import Receive, Scope, Send

from liftgate_sandbox.forge import receipts, signatures
from liftgate_sandbox.forge.core import Core
from liftgate_sandbox.forge.model import Repository, User
from liftgate_sandbox.forge.ref_answers import RefAnswers
from liftgate_sandbox.forge.rulesets import hook_rules
from liftgate_sandbox.forge.smart_http import Capabilities, backend, cgi_environment

OnPush = Callable[[Repository, User, list[receipts.Change]], None]
SERVICES = ("info/refs", "git-upload-pack", "git-receive-pack")
_CAPABILITIES, _REF_ANSWERS = Capabilities(), RefAnswers()


class GitApp:
    """ASGI endpoint of `/{owner}/{repo}.git/{service}`; a token is the password of any user name."""

    def __init__(self, core: Core, on_push: OnPush) -> None:
        self._core, self._on_push = core, on_push

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        user = _signed_in(self._core, request.headers.get("authorization", ""))
        repository = self._core.store.repository("{owner}/{repo}".format(**request.path_params))
        refusal = self._moved(request) or _refusal(request, user, repository)
        if refusal or user is None or repository is None:
            await (refusal or _not_found())(scope, receive, send)
            return
        place = self._core.path(repository.full_name)

        async def ask(send: Send) -> None:
            await self._asked(request, send, user, repository)

        async def ask_for_refs(send: Send) -> None:
            await _REF_ANSWERS.answer(request, send, place, ask)

        await _CAPABILITIES.answer(request, send, place, ask_for_refs)

    async def _asked(self, request: Request, send: Send, user: User, repository: Repository) -> None:
        """By git's own program."""
        pushes = request.path_params["service"] == "git-receive-pack"
        with tempfile.TemporaryDirectory() if pushes else nullcontext() as folder:
            receipt = Path(folder, "receipt") if folder else Path(os.devnull)
            path = f"/{repository.full_name.lower()}.git/{request.path_params['service']}"
            cgi = {
                **cgi_environment(request, str(self._core.repositories), path),
                **push_rules(repository, user),
                "REMOTE_USER": user.login,
                "FORGE_RECEIPT": str(receipt),
                "FORGE_RULES": hook_rules(self._core, repository, user),
                "FORGE_SIGNERS": signatures.all_signers(self._core),
            }
            await backend(request, send, cgi, lambda: self._pushed(repository, user, receipt))

    def _moved(self, request: Request) -> Response | None:
        """Git follows this at its first request, and asks the new name from then on."""
        path = request.path_params
        new = self._core.store.renamed(f"{path['owner']}/{path['repo']}")
        to = f"/{new}.git/{path['service']}?{request.url.query}"
        return RedirectResponse(to, 301) if new else None

    def _pushed(self, repository: Repository, user: User, receipt: Path) -> None:
        changes = receipts.read(receipt)
        if changes:
            self._on_push(repository, user, changes)


def push_rules(repository: Repository, user: User) -> dict[str, str]:
    """What the update hook must know about this pusher."""
    rules = repository.protections
    reviewed = [f"refs/heads/{branch}" for branch, rule in rules.items() if user.login not in rule.may_push]
    return {
        "FORGE_REVIEWED_REFS": " ".join(reviewed),
        "FORGE_PROTECTED_REFS": " ".join(f"refs/heads/{branch}" for branch in rules),
    }


def _signed_in(core: Core, authorization: str) -> User | None:
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        _, _, token = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return core.by_token(token)


def _refusal(request: Request, user: User | None, repository: Repository | None) -> Response | None:
    service = request.path_params["service"]
    if user is None:
        sign_in = {"www-authenticate": 'Basic realm="GitHub"'}
        return PlainTextResponse("Invalid username or token.\n", 401, sign_in)
    if repository is None or service not in SERVICES:
        return _not_found()
    pushes = "git-receive-pack" in (service, request.query_params.get("service"))
    if pushes and not user.may("write"):
        return PlainTextResponse(f"Permission to {repository.full_name}.git denied to {user.login}.\n", 403)
    return None


def _not_found() -> Response:
    return PlainTextResponse("Repository not found.\n", 404)
