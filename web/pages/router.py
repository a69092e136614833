"""One-time pages behind `/t/<token>`; what one does is in the module of its kind.

GET and HEAD only show (mail scanners open every link); POST does. The token is the key: it is
never logged nor put into a query, and the headers of every answer keep it from Referer and caches.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

from fastapi import APIRouter, Request
from fastapi.templating import Jinja2Templates
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from backend.core.errors import SportelloError
from backend.core.pages import PageKind
from web.forms import BodyTooLarge, read_form
from web.pages.access import ConfirmPage, PasswordPage
from web.pages.document import DocumentPage
from web.pages.failures import failure_page
from web.pages.parts import PageParts
from web.pages.upload import UploadPage
from web.pages.veto import VetoPage
from web.rendering import Renderer

if TYPE_CHECKING:
    from backend.bootstrap import Backend
    from backend.services.pages import PageView
    from web.gateway.service import Gateway

TEXTS = ("pages.yml",)


def make_router(backend: Backend, gateway: Gateway, templates: Jinja2Templates) -> APIRouter:
    """The routes of the one-time pages."""
    router = APIRouter()
    renderer = Renderer(backend, templates, files=TEXTS)
    pages = OneTimePages(PageParts(backend, gateway, renderer))
    router.add_api_route("/t/{token}", pages.show, methods=["GET", "HEAD"], include_in_schema=False)
    router.add_api_route("/t/{token}", pages.submit, methods=["POST"], include_in_schema=False)
    router.add_api_route("/t/{token}/renew", pages.renew, methods=["POST"], include_in_schema=False)
    return router


class _KindOfPage(Protocol):
    async def show(self, request: Request, token: str, view: PageView) -> Response: ...

    async def submit(self, request: Request, token: str, view: PageView) -> Response: ...


class OneTimePages:
    """Finds the page of a token and hands over to its kind."""

    def __init__(self, parts: PageParts) -> None:
        self._parts = parts
        self._pages = parts.backend.pages
        self._kinds: Mapping[str, _KindOfPage] = {
            PageKind.PASSWORD: PasswordPage(parts),
            PageKind.CONFIRM: ConfirmPage(parts),
            PageKind.UPLOAD: UploadPage(parts),
            PageKind.DOCUMENT: DocumentPage(parts),
            PageKind.VETO: VetoPage(parts),
        }

    async def show(self, request: Request, token: str) -> Response:
        """The page of a live link; changes nothing."""
        try:
            view = await run_in_threadpool(self._pages.view, token)
            return await self._kinds[view.kind].show(request, token, view)
        except SportelloError as failure:
            return failure_page(self._parts.render, request, failure, token)

    async def submit(self, request: Request, token: str) -> Response:
        """Do what the page is for, once."""
        try:
            # The kind first: how much of the body is read depends on it.
            view = await run_in_threadpool(self._pages.view, token)
            return await self._kinds[view.kind].submit(request, token, view)
        except SportelloError as failure:
            return failure_page(self._parts.render, request, failure, token)
        except BodyTooLarge:
            return JSONResponse({"error": "too_large"}, 413)

    async def renew(self, request: Request, token: str) -> Response:
        """For an expired link: a new one, delivered where the old one was, in the chat."""
        try:
            form = await read_form(request)
        except BodyTooLarge:
            return JSONResponse({"error": "too_large"}, 413)
        if not self._parts.is_ours(request, form):
            return self._parts.stale(request, token)
        try:
            result = await run_in_threadpool(self._pages.renew, token)
        except SportelloError as failure:
            return failure_page(self._parts.render, request, failure, token, renewing=True)
        await self._parts.tell(result.conversation_id, "page_renewal")
        return self._parts.render.page(
            request,
            "pages/message.html",
            language=result.language,
            market=result.market,
            name="renewed",
            mark="success",
        )
