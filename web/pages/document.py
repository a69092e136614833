"""The page that opens a policy document, once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from web.forms import read_form
from web.pages.parts import PageParts
from web.shown_files import shown_inline

if TYPE_CHECKING:
    from backend.services.pages import PageView


class DocumentPage:
    """What it is, and a button."""

    def __init__(self, parts: PageParts) -> None:
        self._parts = parts

    async def show(self, request: Request, token: str, view: PageView) -> Response:
        """The title and the button; opens nothing."""
        title = await run_in_threadpool(self._parts.backend.documents.title, token)
        return self._parts.form(request, token, view, title=title)

    async def submit(self, request: Request, token: str, view: PageView) -> Response:  # noqa: ARG002 - all kinds are called alike
        """The document itself."""
        form = await read_form(request)
        if not self._parts.is_ours(request, form):
            return self._parts.stale(request, token)
        opened = await run_in_threadpool(self._parts.backend.documents.open, token)
        return shown_inline(opened)
