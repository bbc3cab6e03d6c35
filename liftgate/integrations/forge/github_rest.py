"""Calls of GitHub's REST API (docs.github.com/en/rest, version 2022-11-28): sign-in, limits, renamed repositories."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

import httpx

from liftgate import __version__
from liftgate.domain.json_text.bounded_json import loads
from liftgate.errors import Misconfigured, Refused, Unavailable
from liftgate.integrations.forge import github_limits
from liftgate.integrations.forge.github_answers import Repository, User, not_githubs, read
from liftgate.integrations.forge.github_kept import KeptAnswers
from liftgate.integrations.forge.github_limits import Limits
from liftgate.integrations.http import client, error_of, json_of, send, server_time

WHO: Final = "the forge"
HEADERS: Final[Mapping[str, str]] = {
    "Accept": "application/vnd.github+json",
    "X-GitHub-Api-Version": "2022-11-28",
    "User-Agent": f"Liftgate/{__version__}",
}
PAGE, PAGES = 100, 20
_REDIRECTS: Final = (301, 302, 307, 308)
_HOME: Final = re.compile(r"/repositories/\d+|/repos/[^/]+/[^/]+")
_HICCUP: Final = 600.0
"""Seconds for which a credential that worked before is tried again after GitHub refused it."""


class Credential(Protocol):
    def token(self) -> str:
        """The one to use now. Raises Misconfigured, Unavailable."""

    def renew(self, refused: str) -> bool:
        """Whether there is another one than the token that was refused."""

    def login(self) -> str:
        """Of the account that it signs in; empty if only GitHub knows. Raises as `token` does."""


class Rest:
    """One repository. Paths of calls begin below it."""

    def __init__(self, base: str, repository: str, credential: Credential, limits: Limits) -> None:
        self.base, self.repository = base.rstrip("/"), repository
        self.was = repository
        """The name in the settings; `repository` follows a rename."""
        self._credential, self._limits, self._kept = credential, limits, KeptAnswers()
        self._worked, self._refused_since = False, 0.0
        self._ahead = 0.0

    def now(self) -> float:
        """Seconds since 1970 by GitHub's clock as of the last answer."""
        return time.time() + self._ahead

    @cached_property
    def _http(self) -> httpx.Client:
        return client(self.base, dict(HEADERS))

    @cached_property
    def own_account(self) -> str:
        """Login of the account that makes our calls. Raises Unavailable, Misconfigured."""
        known = self._credential.login()
        return known or read(User, json_of(self._asked("GET", "/user"), WHO), "/user").login

    def send(self, method: str, path: str, **options: Any) -> httpx.Response:
        """The response whatever its status, of a repository that was renamed too.

        Raises Unavailable, with the seconds to wait, while a rate limit holds.
        """
        response = self._asked(method, f"/repos/{self.repository}{path}", **options)
        if response.status_code not in _REDIRECTS:
            return response
        self._follow_rename(response, path)
        response = self._asked(method, f"/repos/{self.repository}{path}", **options)
        if response.status_code in _REDIRECTS:
            raise Misconfigured(f"{WHO} redirects twice; look at LIFTGATE_FORGE__REPOSITORY and LIFTGATE_FORGE__URL")
        return response

    def absolute(self, path: str, *, missing: tuple[int, ...] = ()) -> Any:
        """The answer to a GET outside of the repository; None for an error whose status is in `missing`."""
        response = self._asked("GET", path)
        return None if response.status_code in missing else json_of(response, WHO)

    def json(self, method: str, path: str, **options: Any) -> Any:
        return json_of(self.send(method, path, **options), WHO)

    def get(self, path: str, *, missing: tuple[int, ...] = (), **query: str | int) -> Any:
        """The answer of a call that is made often: one that did not change costs nothing of the rate limit.

        None for an error whose status is in `missing`.
        """
        address = str(httpx.URL(f"/repos/{self.repository}{path}", params=query))
        kept = self._kept.find(address)
        headers = {"If-None-Match": kept.etag} if kept else {}
        response = self.send("GET", path, params=query, headers=headers)
        if response.status_code == 304 and kept:
            return loads(kept.content)
        if response.status_code in missing:
            return None
        self._kept.keep(address, response)
        return json_of(response, WHO)

    def pages(self, path: str, *, within: str = "", missing: tuple[int, ...] = (), **query: str | int) -> Iterator[Any]:
        """Each entry of a list, or of the list at `within`. Raises Refused for a list that is too long."""
        for page in range(1, PAGES + 1):
            listed = self.get(path, missing=missing, **query, per_page=PAGE, page=page)
            if listed is None and missing:
                return
            if within:
                listed = listed.get(within) if isinstance(listed, dict) else None
            if not isinstance(listed, list):
                raise not_githubs(path, "it is no list")
            yield from listed
            if len(listed) < PAGE:
                return
        raise Refused(f"{WHO} lists more than {PAGE * PAGES} entries at {path}; the newest may be missing")

    def _asked(self, method: str, path: str, **options: Any) -> httpx.Response:
        if left := self._limits.left():
            raise Unavailable(f"{WHO}'s rate limit: the next call may be made in {left:.0f} s", retry_after=left)
        token = self._credential.token()
        response = self._signed(token, method, path, **options)
        if response.status_code == 401 and self._credential.renew(token):
            response = self._signed(self._credential.token(), method, path, **options)
        self._ahead = server_time(response) - time.time()
        if wait := github_limits.seconds_to_wait(response):
            self._limits.note(wait)
            said = f"{error_of(response, WHO)}".removesuffix("; look at the token and what it may do")
            raise Unavailable(f"{said} (rate limit; the next call may be made in {wait:.0f} s)", retry_after=wait)
        self._check_sign_in(response)
        return response

    def _signed(self, token: str, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}", **options.pop("headers", {})}
        return send(self._http, WHO, method, path, headers=headers, **options)

    def _check_sign_in(self, response: httpx.Response) -> None:
        """Raises Unavailable for a while if a credential is refused that worked before: GitHub does so now and then."""
        if response.status_code != 401:
            self._worked, self._refused_since = self._worked or response.is_success, 0.0
        elif self._worked:
            self._refused_since = self._refused_since or time.monotonic()
            if time.monotonic() - self._refused_since < _HICCUP:
                raise Unavailable(f"{WHO} refused a token that worked before; trying again")

    def _follow_rename(self, response: httpx.Response, path: str) -> None:
        """Learn the repository's new name. The token goes to no other host."""
        to = urlsplit(str(response.request.url.join(response.headers.get("location", ""))))
        ours = urlsplit(self.base)
        if (to.scheme, to.netloc) != (ours.scheme, ours.netloc):
            raise Misconfigured(f"{WHO} redirects to {to.hostname}; look at LIFTGATE_FORGE__URL")
        home = _HOME.match(to.path.removeprefix(ours.path))
        if home is None:
            raise not_githubs(path, "it redirects to no repository")
        found = json_of(self._asked("GET", home[0]), WHO)
        self.repository = read(Repository, found, home[0]).full_name
