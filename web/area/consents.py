"""`/area/consents`: what somebody has agreed to, and the way to take it back.

Looking never withdraws: a page says first what follows, and only its form does it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from babel.dates import format_date
from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from backend.core.errors import Conflict, NotFound, SessionExpired
from backend.core.privacy import REGISTRATION_CONSENTS, REQUEST_CONSENT, GivenConsent
from web.area.session_cookie import SessionCookie
from web.forms import read_form
from web.rendering import (
    Renderer,
    Words,
    chosen_language,
    remember_language,
    wished_language,
)
from web.security import CSRF_FIELD

if TYPE_CHECKING:
    from backend.bootstrap import Backend
    from backend.services.area import AreaSession

_LIST, _LOGIN, _CLOSED = "/area/consents", "/area/login", "/area/closed"
_KNOWN = REGISTRATION_CONSENTS | {REQUEST_CONSENT}
_CHANNELS = frozenset({"web", "whatsapp"})


@dataclass(frozen=True, slots=True)
class ShownConsent:
    """A consent in words."""

    id: int
    name: str
    version: str
    language: str
    channel: str
    given_on: str
    withdrawn_on: str | None
    carries_account: bool


def add_routes(router: APIRouter, backend: Backend, renderer: Renderer) -> None:
    """The routes of consents, beside those of the area."""
    pages = ConsentPages(backend, renderer)
    one = _LIST + "/{consent_id:int}"
    router.add_api_route(_LIST, pages.show_all, methods=["GET", "HEAD"])
    router.add_api_route(one, pages.show_one, methods=["GET", "HEAD"])
    router.add_api_route(one, pages.withdraw, methods=["POST"])
    router.add_api_route(_CLOSED, pages.show_closed, methods=["GET", "HEAD"])


class ConsentPages:
    """The handlers, with what they share."""

    def __init__(self, backend: Backend, renderer: Renderer) -> None:
        self._area = backend.area
        self._privacy = backend.privacy
        self._markets = backend.markets
        self._render = renderer
        self._cookie = SessionCookie(https=renderer.https)

    async def show_all(self, request: Request) -> Response:
        """Every consent of the account."""
        session = await self._session(request)
        if session is None:
            return _to(_LOGIN)
        language = chosen_language(request) or session.language
        given = await run_in_threadpool(self._privacy.consents, session.account_id)
        page = self._render.page(
            request,
            "area/consents.html",
            language=language,
            market=session.market,
            consents=[self._shown(consent, session.market, language) for consent in given],
        )
        remember_language(request, page, https=self._render.https)
        return page

    async def show_one(self, request: Request) -> Response:
        """What follows from taking one back, before it is done."""
        session = await self._session(request)
        if session is None:
            return _to(_LOGIN)
        consent = await self._consent(request, session)
        if consent is None:
            return _to(_LIST)
        language = chosen_language(request) or session.language
        page = self._render.page(
            request,
            "area/consent.html",
            language=language,
            market=session.market,
            consent=self._shown(consent, session.market, language),
        )
        remember_language(request, page, https=self._render.https)
        return page

    async def withdraw(self, request: Request) -> Response:
        """Take one back."""
        form = await read_form(request)
        if not self._render.csrf.is_valid(request, form.get(CSRF_FIELD)):
            return self._stale(request)
        session = await self._session(request)
        if session is None:
            return _to(_LOGIN)
        consent_id = request.path_params["consent_id"]
        try:
            done = await run_in_threadpool(self._privacy.withdraw, session.account_id, consent_id)
        except (NotFound, Conflict):
            # A second click, or a page of yesterday: the list says how things are.
            return _to(_LIST)
        if done.account_closed:
            return self._cookie.take_back(_to(f"{_CLOSED}?market={done.market}"))
        return _to(_LIST)

    async def show_closed(self, request: Request) -> Response:
        """After an account was closed: what that means, and the way back."""
        market = request.query_params.get("market")
        page = self._render.page(
            request,
            "area/closed.html",
            language=wished_language(request),
            market=market if market in self._markets.names() else None,
        )
        remember_language(request, page, https=self._render.https)
        return page

    async def _session(self, request: Request) -> AreaSession | None:
        token = self._cookie.read(request)
        if token is None:
            return None
        try:
            return await run_in_threadpool(self._area.session, token)
        except SessionExpired:
            # The cookie stays: it may be that of a session which waits for its code.
            return None

    async def _consent(self, request: Request, session: AreaSession) -> GivenConsent | None:
        """The one that was asked for, if it is theirs and still in force."""
        given = await run_in_threadpool(self._privacy.consents, session.account_id)
        wanted = request.path_params["consent_id"]
        return next((one for one in given if one.id == wanted and one.is_in_force), None)

    def _shown(self, consent: GivenConsent, market: str, language: str) -> ShownConsent:
        words = self._render.words(language)
        kind = consent.kind if consent.kind in _KNOWN else "other"
        channel = consent.channel if consent.channel in _CHANNELS else "other"
        return ShownConsent(
            id=consent.id,
            name=words(f"consent_{kind}"),
            version=consent.version,
            language=words(f"language_{consent.language}"),
            channel=words(f"channel_{channel}"),
            given_on=self._day(consent.given_at, market, words),
            withdrawn_on=self._day(consent.withdrawn_at, market, words)
            if consent.withdrawn_at
            else None,
            carries_account=consent.carries_account,
        )

    def _day(self, moment: datetime, market: str, words: Words) -> str:
        """The day, written out, where the customer lives."""
        local = moment.astimezone(ZoneInfo(self._markets[market].timezone))
        locale = "en_GB" if words.language == "en" else words.language
        return format_date(local, "long", locale=locale)

    def _stale(self, request: Request) -> Response:
        return self._render.page(
            request,
            "pages/message.html",
            language=wished_language(request),
            status=403,
            name="stale",
            mark="reload",
            link=_LIST,
            link_text="stale_button",
        )


def _to(path: str) -> RedirectResponse:
    return RedirectResponse(path, status_code=303)
