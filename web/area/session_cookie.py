"""The cookie that carries the token of an area session; the token itself is made by the backend."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

_NAME = "sportello_area"


class SessionCookie:
    """Not readable by scripts, not sent along by other sites' forms, gone with the browser."""

    def __init__(self, *, https: bool) -> None:
        self._https = https
        self._name = f"__Host-{_NAME}" if https else _NAME

    def read(self, request: Request) -> str | None:
        """The token the browser sent, if any."""
        return request.cookies.get(self._name) or None

    def give(self, response: Response, token: str) -> Response:
        """Let the browser keep *token*."""
        response.set_cookie(
            self._name, token, path="/", httponly=True, samesite="lax", secure=self._https
        )
        return response

    def take_back(self, response: Response) -> Response:
        """Let the browser forget its token."""
        response.delete_cookie(
            self._name, path="/", httponly=True, samesite="lax", secure=self._https
        )
        return response
