"""One REST call as its handler sees it, and what the handler may answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from starlette.responses import JSONResponse

from liftgate_sandbox.forge.bare import Bare
from liftgate_sandbox.forge.core import Core
from liftgate_sandbox.forge.following import fresh
from liftgate_sandbox.forge.model import Pull, Repository, User

DOCUMENTATION = "https://docs.github.com/rest"
MEDIA = {"x-github-media-type": "github.v3"}
"""Every answer of the API has it."""
NOT_ALLOWED = "Resource not accessible by personal access token"


class ApiError(Exception):
    """An answer in GitHub's error shape."""

    def __init__(self, status: int, message: str, errors: Sequence[Mapping[str, str] | str] = ()) -> None:
        super().__init__(message)
        self.status, self.message, self.errors = status, message, list(errors)

    def shape(self) -> dict[str, Any]:
        errors = {"errors": self.errors} if self.errors else {}
        tail = {"documentation_url": DOCUMENTATION, "status": str(self.status)}
        return {"message": self.message, **errors, **tail}

    def response(self) -> JSONResponse:
        return JSONResponse(self.shape(), self.status, MEDIA)


def not_found() -> ApiError:
    return ApiError(404, "Not Found")


def invalid(resource: str, message: str = "", *, field: str = "", code: str = "custom") -> ApiError:
    """422 Validation Failed, with one reason."""
    parts = {"resource": resource, "field": field, "code": code, "message": message}
    reason = {name: value for name, value in parts.items() if value}
    return ApiError(422, "Validation Failed", [reason])


@dataclass(frozen=True)
class Call:
    """Who asks what of which repository; `path` and `query` as in the address, `body` the JSON object."""

    core: Core
    user: User
    repository: Repository
    path: Mapping[str, str]
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)

    @property
    def bare(self) -> Bare:
        return self.core.bare(self.repository)

    def text(self, name: str, default: str | None = None) -> str:
        """A text of the body; without a default it must be there."""
        value = self.body.get(name)
        value = default if value is None else value
        if not isinstance(value, str):
            raise ApiError(422, f'Invalid request.\n\n"{name}" wasn\'t supplied or is not a string.')
        return value

    def texts(self, name: str) -> list[str]:
        """A list of texts of the body; empty when it is not there."""
        value = self.body.get(name) or []
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise ApiError(422, f'Invalid request.\n\nFor "{name}", a list of strings is needed.')
        return value

    def number(self) -> int:
        """The number in the address, of an issue, a pull request or a comment."""
        try:
            return int(self.path["number"])
        except ValueError:
            raise not_found() from None

    def pull(self) -> Pull:
        """The pull request in the address, with the branches' heads of this moment."""
        found = [pull for pull in self.repository.pulls if pull.number == self.number()]
        if not found:
            raise not_found()
        return fresh(self.core, self.repository, found[0])

    def commit(self, name: str) -> str:
        """The commit that a branch, tag or SHA in the address names."""
        sha = self.bare.resolve(name)
        if sha is None:
            raise ApiError(422, f"No commit found for SHA: {name}")
        return sha


@dataclass(frozen=True)
class Reply:
    """An answer; a list is cut into pages. With `wrap`, the list stands under that name beside its count."""

    body: Any = None
    status: int = 200
    wrap: str = ""


Handler: TypeAlias = Callable[[Call], Reply]
