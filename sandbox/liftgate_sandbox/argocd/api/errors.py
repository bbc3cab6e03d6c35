"""Errors as Argo CD's gateway sends them."""

from __future__ import annotations

from starlette.responses import JSONResponse, PlainTextResponse, Response

_STATUS = {2: 500, 3: 400, 5: 404, 7: 403, 9: 400, 13: 500, 14: 503, 16: 401}

INVALID, NOT_FOUND, DENIED, PRECONDITION = 3, 5, 7, 9
UNKNOWN, INTERNAL, UNAVAILABLE, UNAUTHENTICATED = 2, 13, 14, 16


class ApiError(Exception):
    """A refusal by its gRPC code; `str()` is the text that is sent, twice."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code

    @property
    def status(self) -> int:
        """The HTTP status."""
        return _STATUS[self.code]

    def response(self) -> Response:
        """The answer."""
        body = {"error": str(self), "code": self.code, "message": str(self)}
        return JSONResponse(body, status_code=self.status)


def text(body: str, status: int) -> Response:
    """A plain text answer, as routing errors get it."""
    return PlainTextResponse(f"{body}\n", status_code=status)
