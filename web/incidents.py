"""Failures that nobody foresaw: told to operators by a number, never with a customer's words.

An exception's text may quote what a customer wrote, so only its kind and the place it was raised
are logged.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = structlog.get_logger(__name__)


def report(event: str, failure: BaseException, **facts: Any) -> str:
    """Log a failure; gives the number by which it can be found again."""
    incident = secrets.token_hex(4)
    log.error(event, incident=incident, failure=kind_of(failure), at=_place(failure), **facts)
    return incident


def kind_of(failure: BaseException) -> str:
    """The names of an exception and of what caused it."""
    names = [type(failure).__name__]
    cause = failure.__cause__
    while cause is not None and len(names) < 4:
        names.append(type(cause).__name__)
        cause = cause.__cause__
    return " < ".join(names)


def _place(failure: BaseException) -> str:
    trace = failure.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return "unknown"
    return f"{trace.tb_frame.f_globals.get('__name__', '?')}:{trace.tb_lineno}"


class IncidentMiddleware:
    """Turns an unforeseen failure of a request into a 500 that carries nothing but its number."""

    def __init__(self, app: ASGIApp, *, words: Callable[[Request, str], str]) -> None:
        """`words` says it to a person, given the request and the number."""
        self._app = app
        self._words = words

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def watched_send(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, watched_send)
        except Exception as failure:  # noqa: BLE001 - the one broad net of the HTTP edge
            incident = report("request_failed", failure, route=_route(scope))
            if not started:
                await self._answer(Request(scope), incident)(scope, receive, send)

    def _answer(self, request: Request, incident: str) -> Response:
        if "text/html" in request.headers.get("accept", ""):
            return PlainTextResponse(self._words(request, incident), 500)
        return JSONResponse({"error": "internal", "incident": incident}, 500)


def _route(scope: Scope) -> str:
    """The route's pattern: a path itself may hold a link's token."""
    return str(getattr(scope.get("route"), "path", "unknown"))
