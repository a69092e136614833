"""The page that stops a change of the mobile number: "it wasn't me"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from web.forms import read_form
from web.pages.parts import PageParts

if TYPE_CHECKING:
    from backend.services.pages import PageView


class VetoPage:
    """What was asked, and a button that stops it."""

    def __init__(self, parts: PageParts) -> None:
        self._parts = parts

    async def show(self, request: Request, token: str, view: PageView) -> Response:
        """The button; stops nothing."""
        return self._parts.form(request, token, view)

    async def submit(self, request: Request, token: str, view: PageView) -> Response:
        """Stop the change, or undo it."""
        form = await read_form(request)
        if not self._parts.is_ours(request, form):
            return self._parts.stale(request, token)
        await run_in_threadpool(self._parts.backend.vetoes.veto, token)
        return self._parts.done(request, view)
