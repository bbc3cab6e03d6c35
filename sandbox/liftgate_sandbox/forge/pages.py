"""The forge's pages for people: repositories, a pull request with its review buttons, commits."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from operator import itemgetter
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from liftgate_sandbox.forge import diff, history, hunks, markdown, readiness
from liftgate_sandbox.forge.api import merge, reviews
from liftgate_sandbox.forge.api.call import ApiError, Call, Handler, not_found
from liftgate_sandbox.forge.core import Core
from liftgate_sandbox.forge.mergeability import ask, conflicts, writers
from liftgate_sandbox.forge.model import Protection, Pull, Repository, User

BUTTONS: dict[str, tuple[Handler, str]] = {
    "approve": (reviews.create, "APPROVE"),
    "request-changes": (reviews.create, "REQUEST_CHANGES"),
    "comment": (reviews.create, "COMMENT"),
    "merge": (merge.merge, ""),
}
NEWEST = 50
Filled: TypeAlias = tuple[str, dict[str, Any]]
"""A template and its values."""


class Pages:
    """`?you=login` says who looks; buttons act as that person through the same code as the API."""

    def __init__(self, core: Core) -> None:
        self._core = core
        loader = FileSystemLoader(Path(__file__).parent / "templates")
        self._templates = Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
        self._templates.filters |= {"markdown": markdown.html, "hunks": hunks.lines, "when": _when}

    def routes(self) -> list[Route]:
        return [
            Route("/", self._page(self._home)),
            Route("/web-flow.gpg", self._own_key),
            Route("/{owner}/{repo}", self._page(self._repository)),
            Route("/{owner}/{repo}/pull/{number:int}", self._page(self._pull)),
            Route("/{owner}/{repo}/pull/{number:int}", self._press, methods=["POST"]),
            Route("/{owner}/{repo}/commits/{branch:path}", self._page(self._commits)),
            Route("/{owner}/{repo}/commit/{sha}", self._page(self._commit)),
        ]

    def _page(self, make: Callable[[Request], Filled]) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            return await run_in_threadpool(self._answer, make, request)

        return endpoint

    def _answer(self, make: Callable[[Request], Filled], request: Request) -> Response:
        try:
            template, values = make(request)
        except ApiError as error:
            return HTMLResponse(self._render("missing.html", {"message": error.message}), error.status)
        return HTMLResponse(self._render(template, {**self._about(request), **values}))

    def _render(self, template: str, values: dict[str, Any]) -> str:
        return self._templates.get_template(template).render(values)

    def _about(self, request: Request) -> dict[str, Any]:
        people = [user for user in self._core.store.users() if not user.bot]
        wanted = request.query_params.get("you", "")
        you = next((user for user in people if user.login == wanted), people[0] if people else None)
        return {"people": people, "you": you, "said": request.query_params.get("said", "")}

    def _found(self, request: Request) -> Repository:
        repository = self._core.store.repository("{owner}/{repo}".format(**request.path_params))
        if repository is None:
            raise not_found()
        return repository

    def _call(self, request: Request, user: User, body: dict[str, Any]) -> Call:
        path = {name: str(value) for name, value in request.path_params.items()}
        return Call(self._core, user, self._found(request), path, {}, body)

    async def _own_key(self, _: Request) -> Response:
        """GitHub has its own public key at this address."""
        return PlainTextResponse(self._core.own_key.public)

    def _home(self, _: Request) -> Filled:
        return "home.html", {"repositories": self._core.store.repositories()}

    def _repository(self, request: Request) -> Filled:
        return "repository.html", {"repository": self._found(request)}

    def _pull(self, request: Request) -> Filled:
        repository, nobody = self._found(request), self._core.user("")
        pull = self._call(request, nobody, {}).pull()
        bare = self._core.bare(repository)
        return "pull.html", {
            "repository": repository,
            "pull": pull,
            "files": diff.changed(bare, pull.base_sha, pull.head_sha),
            "commits": history.log(bare, f"{pull.base_sha}..{pull.head_sha}")[::-1],
            "talk": _talk(repository, pull),
            "checks": _checks(repository, pull),
            "state": self._state(repository, pull),
            "blockers": readiness.blockers(repository, pull, writers(self._core)),
        }

    def _state(self, repository: Repository, pull: Pull) -> str:
        if pull.state == "closed":
            return "merged" if pull.merged_at else "closed"
        conflicts(self._core, repository, pull)
        return ask(self._core, repository, pull).state

    def _commits(self, request: Request) -> Filled:
        repository, branch = self._found(request), request.path_params["branch"]
        bare = self._core.bare(repository)
        if bare.branch(branch) is None:
            raise not_found()
        found = history.log(bare, f"refs/heads/{branch}", limit=NEWEST)
        return "commits.html", {"repository": repository, "branch": branch, "commits": found}

    def _commit(self, request: Request) -> Filled:
        repository = self._found(request)
        bare = self._core.bare(repository)
        sha = bare.resolve(request.path_params["sha"])
        if sha is None:
            raise not_found()
        commit = history.one(bare, sha)
        files = diff.changed(bare, commit.parents[0], sha) if commit.parents else []
        return "commit.html", {"repository": repository, "commit": commit, "files": files}

    async def _press(self, request: Request) -> Response:
        form = {name: str(value) for name, value in (await request.form()).items()}
        said = await run_in_threadpool(self._act, request, form)
        query = urlencode({"you": form.get("you", ""), "said": said})
        return RedirectResponse(f"{request.url.path}?{query}", 303)

    def _act(self, request: Request, form: dict[str, str]) -> str:
        """What the API would say to this person; "" when it was done."""
        user, button = self._core.store.user(form.get("you", "")), BUTTONS.get(form.get("press", ""))
        if user is None or button is None:
            return "Choose who you are, then press a button."
        handler, event = button
        words = {"event": event, "body": form.get("body", "")} if event else {}
        try:
            with self._core.store.lock:
                if not event and not user.may("write"):
                    return f"{user.login} may not merge."
                handler(self._call(request, user, words))
        except ApiError as error:
            return " ".join([error.message, *map(str, error.errors)])
        return ""


def _talk(repository: Repository, pull: Pull) -> list[dict[str, str]]:
    """Reviews and comments in the order they were made."""
    said = [
        (each.id, {"who": each.user, "when": each.submitted_at, "body": each.body, "state": each.state})
        for each in repository.reviews
        if each.pull == pull.number
    ]
    comments = [
        (each.id, {"who": each.user, "when": each.created_at, "body": each.body, "state": ""})
        for each in repository.comments
        if each.issue == pull.number
    ]
    return [entry for _, entry in sorted(said + comments, key=itemgetter(0))]


def _checks(repository: Repository, pull: Pull) -> dict[str, str]:
    """The state of every check, the required ones that nobody reported being "expected"."""
    required = repository.protections.get(pull.base, Protection()).contexts
    return dict.fromkeys(required, "expected") | readiness.check_states(repository, pull.head_sha)


def _when(text: str) -> str:
    return datetime.fromisoformat(text).astimezone().strftime("%b %-d, %H:%M")
