"""One-time pages behind `/t/<token>`: set a password, confirm by link, ask for a new link.

GET and HEAD only show (mail scanners open every link); POST does. The token is the key: it is
never logged nor put into a query, and the headers of every answer keep it from Referer and caches.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from fastapi.templating import Jinja2Templates
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from backend.core.errors import PasswordRefused, SportelloError
from web.forms import Form, read_form
from web.incidents import report
from web.pages.failures import failure_page
from web.pages.passwords import REPETITION, problems_of, rules_for_browsers, rules_of
from web.rendering import Renderer, wished_language
from web.security import CSRF_FIELD

if TYPE_CHECKING:
    from backend.bootstrap import Backend
    from backend.services.pages import PageView
    from web.gateway.service import Gateway

TEXTS = ("pages.yml",)
_EVENTS = {"password": "page_done", "confirm": "link_confirmed"}


def make_router(backend: Backend, gateway: Gateway, templates: Jinja2Templates) -> APIRouter:
    """The routes of the one-time pages."""
    router = APIRouter()
    pages = OneTimePages(backend, gateway, Renderer(backend, templates, files=TEXTS))
    router.add_api_route("/t/{token}", pages.show, methods=["GET", "HEAD"], include_in_schema=False)
    router.add_api_route("/t/{token}", pages.submit, methods=["POST"], include_in_schema=False)
    router.add_api_route("/t/{token}/renew", pages.renew, methods=["POST"], include_in_schema=False)
    return router


class OneTimePages:
    """The handlers, with what they share."""

    def __init__(self, backend: Backend, gateway: Gateway, renderer: Renderer) -> None:
        self._pages = backend.pages
        self._clock = backend.clock
        self._markets = backend.markets
        self._gateway = gateway
        self._render = renderer

    async def show(self, request: Request, token: str) -> Response:
        """The page of a live link; changes nothing."""
        try:
            view = await run_in_threadpool(self._pages.view, token)
        except SportelloError as failure:
            return failure_page(self._render, request, failure, token)
        return self._form(request, token, view)

    async def submit(self, request: Request, token: str) -> Response:
        """Do what the page is for, once, and let the conversation go on."""
        form = await read_form(request)
        if not self._render.csrf.is_valid(request, form.get(CSRF_FIELD)):
            return self._stale(request, token)
        try:
            view = await run_in_threadpool(self._pages.view, token)
            if view.kind == "password":
                return await self._set_password(request, token, view, form)
            result = await run_in_threadpool(self._pages.confirm, token)
        except SportelloError as failure:
            return failure_page(self._render, request, failure, token)
        return await self._done(request, view, result.conversation_id)

    async def renew(self, request: Request, token: str) -> Response:
        """For an expired link: a new one, delivered where the old one was, in the chat."""
        form = await read_form(request)
        if not self._render.csrf.is_valid(request, form.get(CSRF_FIELD)):
            return self._stale(request, token)
        try:
            result = await run_in_threadpool(self._pages.renew, token)
        except SportelloError as failure:
            return failure_page(self._render, request, failure, token, renewing=True)
        await self._tell(result.conversation_id, "page_renewal")
        return self._render.page(
            request,
            "pages/message.html",
            language=result.language,
            market=result.market,
            name="renewed",
            mark="success",
        )

    async def _set_password(
        self, request: Request, token: str, view: PageView, form: Form
    ) -> Response:
        password, confirmation = form.get("password", ""), form.get("password_confirmation", "")
        if password == "":
            return self._form(request, token, view, reasons=("empty",))
        if password != confirmation:
            return self._form(request, token, view, reasons=("mismatch",))
        try:
            result = await run_in_threadpool(self._pages.set_password, token, password)
        except PasswordRefused as refusal:
            return self._form(request, token, view, reasons=refusal.reasons)
        return await self._done(request, view, result.conversation_id)

    def _form(
        self, request: Request, token: str, view: PageView, *, reasons: tuple[str, ...] = ()
    ) -> Response:
        facts: dict[str, Any] = {}
        rules = view.password_rules
        if rules is not None:
            words = self._render.words(view.language)
            facts = {
                "rules": rules_of(rules),
                "repetition": REPETITION,
                "password_rules": rules_for_browsers(rules),
                **problems_of(reasons, rules, words),
            }
        left = view.expires_at - self._clock.now()
        return self._render.page(
            request,
            f"pages/{view.kind}.html",
            language=view.language,
            market=view.market,
            status=422 if reasons else 200,
            action=f"/t/{token}",
            username=view.username_mask,
            seconds_left=max(int(left.total_seconds()), 0),
            **facts,
        )

    async def _done(self, request: Request, view: PageView, conversation_id: str) -> Response:
        await self._tell(conversation_id, _EVENTS[view.kind])
        return self._render.page(
            request,
            "pages/done.html",
            language=view.language,
            market=view.market,
            kind=view.kind,
            username=view.username_mask,
            username_generated=self._markets[view.market].username == "generated",
        )

    async def _tell(self, conversation_id: str, event: str) -> None:
        """Let the chat go on by itself; what the page did stands even where that fails."""
        try:
            await self._gateway.enqueue_event(conversation_id, event)
        except SportelloError as failure:
            report("page.conversation_not_told", failure, page_event=event)

    def _stale(self, request: Request, token: str) -> Response:
        return self._render.page(
            request,
            "pages/message.html",
            language=wished_language(request),
            status=403,
            name="stale",
            mark="reload",
            link=f"/t/{token}",
            link_text="stale_button",
        )
