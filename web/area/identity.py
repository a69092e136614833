"""`/area/identity-token`: what the chat on our own page hands on to say who is signed in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from backend.core.errors import NotAllowed, SessionExpired
from web.area.session_cookie import SessionCookie
from web.rendering import Renderer

if TYPE_CHECKING:
    from backend.bootstrap import Backend

CSRF_HEADER: Final = "X-CSRF-Token"


def add_routes(router: APIRouter, backend: Backend, renderer: Renderer) -> None:
    """The route of the token, beside those of the area."""
    cookie = SessionCookie(https=renderer.https)

    async def give_token(request: Request) -> Response:
        if not renderer.csrf.is_valid(request, request.headers.get(CSRF_HEADER)):
            return JSONResponse({"error": "stale"}, 403)
        try:
            # No cookie is a session that nobody has.
            token = cookie.read(request) or ""
            given = await run_in_threadpool(backend.area.identity_token, token)
        except SessionExpired as failure:
            return JSONResponse({"error": failure.reason}, 401)
        except NotAllowed:
            return JSONResponse({"error": "not_found"}, 404)
        return JSONResponse({"token": given})

    router.add_api_route("/area/identity-token", give_token, methods=["POST"])
