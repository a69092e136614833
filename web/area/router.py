"""`/area`: sign in with user name and password, then a code; see the policies; sign out.

Which step comes next is kept by the backend's session, never by the form: a code is only taken for
a session whose password was right.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from fastapi.templating import Jinja2Templates
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from backend.core.errors import (
    LoginRefused,
    LoginThrottled,
    NotFound,
    SessionExpired,
    SportelloError,
)
from web.area import consents, identity
from web.area.documents import by_policy
from web.area.problems import problem_of, sentence
from web.area.session_cookie import SessionCookie
from web.forms import Form, read_form
from web.rendering import Renderer, chosen_language, remember_language, wished_language
from web.security import CSRF_FIELD, client_address
from web.shown_files import shown_inline

if TYPE_CHECKING:
    from backend.bootstrap import Backend
    from backend.services.area import Login
    from web.gateway.service import Gateway

_TEXTS = ("pages.yml", "area.yml")
_HOME, _LOGIN = "/area", "/area/login"
_NOTICES = ("signed_out", "session_ended")


def make_router(backend: Backend, gateway: Gateway, templates: Jinja2Templates) -> APIRouter:  # noqa: ARG001 - all routers are made alike
    """The routes of the customer area."""
    router = APIRouter(include_in_schema=False)
    renderer = Renderer(backend, templates, files=_TEXTS)
    area = AreaPages(backend, renderer)
    router.add_api_route(_HOME, area.home, methods=["GET", "HEAD"])
    router.add_api_route(_LOGIN, area.show_login, methods=["GET", "HEAD"])
    router.add_api_route(_LOGIN, area.submit_login, methods=["POST"])
    router.add_api_route("/area/documents/{document_id}", area.document, methods=["GET"])
    router.add_api_route("/area/code", area.resend_code, methods=["POST"])
    router.add_api_route("/area/logout", area.logout, methods=["POST"])
    consents.add_routes(router, backend, renderer)
    identity.add_routes(router, backend, renderer)
    return router


class AreaPages:
    """The handlers, with what they share."""

    def __init__(self, backend: Backend, renderer: Renderer) -> None:
        self._area = backend.area
        self._vault = backend.vault
        self._can_vouch = backend.identity_tokens.is_on
        self._markets = [backend.markets[name] for name in backend.markets.names()]
        self._hops = backend.settings.trusted_proxy_hops
        self._render = renderer
        self._cookie = SessionCookie(https=renderer.https)

    async def home(self, request: Request) -> Response:
        """What the account may see."""
        token = self._cookie.read(request)
        if token is None:
            return _to(_LOGIN)
        try:
            session = await run_in_threadpool(self._area.session, token)
            policies = await run_in_threadpool(self._area.policies, token)
            documents = await run_in_threadpool(self._area.documents, token)
        except SessionExpired:
            # The cookie stays: it may be that of a session which waits for its code.
            return _to(_LOGIN)
        language = chosen_language(request) or session.language
        page = self._render.page(
            request,
            "area/home.html",
            language=language,
            market=session.market,
            username=session.username,
            policies=policies,
            documents=by_policy(documents, language),
            can_vouch=self._can_vouch,
        )
        remember_language(request, page, https=self._render.https)
        return page

    async def document(self, request: Request, document_id: str) -> Response:
        """One document of the policies in the account."""
        token = self._cookie.read(request)
        if token is None:
            return _to(_LOGIN)
        try:
            opened = await run_in_threadpool(self._area.document, token, document_id)
        except SessionExpired:
            return _to(_LOGIN)
        except NotFound:
            return self._message(request, "document_missing", "search", _HOME, "back_to_policies")
        return shown_inline(opened)

    async def show_login(self, request: Request) -> Response:
        """The step that comes next: user name and password, the code, or nothing any more."""
        token = self._cookie.read(request)
        if token is None:
            notice = request.query_params.get("notice")
            return self._login_page(request, notice=notice if notice in _NOTICES else None)
        try:
            await run_in_threadpool(self._area.session, token)
        except SessionExpired:
            return await self._waiting_page(request, token)
        return _to(_HOME)

    async def submit_login(self, request: Request) -> Response:
        """Take user name and password, or the code; whichever was sent."""
        form = await read_form(request)
        if not self._is_ours(request, form):
            return self._stale(request)
        if "username" in form or "password" in form:
            return await self._check_password(request, form)
        return await self._check_code(request, form.get("code", ""))

    async def resend_code(self, request: Request) -> Response:
        """Send another code to whoever got the password right."""
        form = await read_form(request)
        if not self._is_ours(request, form):
            return self._stale(request)
        token = self._cookie.read(request) or ""
        try:
            await run_in_threadpool(self._area.resend, token, client=self._client(request))
        except SessionExpired:
            return self._session_ended(request)
        except SportelloError as failure:
            return await self._waiting_page(request, token, failure)
        return _to(_LOGIN)

    async def logout(self, request: Request) -> Response:
        """End the session, half-open or open."""
        form = await read_form(request)
        if not self._is_ours(request, form):
            return self._stale(request)
        token = self._cookie.read(request)
        if token:
            await run_in_threadpool(self._area.logout, token)
        notice = "?notice=signed_out" if "signed_in" in form else ""
        return self._cookie.take_back(_to(_LOGIN + notice))

    async def _check_password(self, request: Request, form: Form) -> Response:
        username, password = form.get("username", ""), form.get("password", "")
        if not username.strip() or not password:
            return self._login_page(request, problem="login_missing", status=422)
        try:
            login = await run_in_threadpool(
                self._area.login,
                username,
                password,
                client=self._client(request),
                language=wished_language(request),
            )
        except LoginRefused:
            return self._login_page(request, problem="login_refused", status=422)
        except LoginThrottled as failure:
            return self._throttled(request, int(failure.facts["seconds"]))
        except SportelloError as failure:
            problem = problem_of(failure)
            # Nobody is signed in yet, so every market says whom to call.
            return self._login_page(
                request, problem=problem.text, status=problem.status, lines=self._markets
            )
        if login.needs_mobile or login.token is None:
            return self._render.page(
                request,
                "area/needs_mobile.html",
                language=wished_language(request),
                market=login.market,
            )
        return self._cookie.give(_to(_LOGIN), login.token)

    async def _check_code(self, request: Request, code: str) -> Response:
        token = self._cookie.read(request) or ""
        try:
            session = await run_in_threadpool(
                self._area.confirm, token, code, client=self._client(request)
            )
        except SessionExpired:
            return self._session_ended(request)
        except SportelloError as failure:
            return await self._waiting_page(request, token, failure)
        return self._cookie.give(_to(_HOME), session.token or token)

    async def _waiting_page(
        self, request: Request, token: str, failure: SportelloError | None = None
    ) -> Response:
        """The code page of a half-open session, with what went wrong; else back to the start."""
        try:
            login = await run_in_threadpool(self._area.pending, token)
        except SessionExpired:
            return self._session_ended(request)
        return self._code_page(request, login, failure)

    def _login_page(self, request: Request, *, status: int = 200, **facts: Any) -> Response:
        page = self._render.page(
            request,
            "area/login.html",
            language=wished_language(request),
            status=status,
            **facts,
        )
        remember_language(request, page, https=self._render.https)
        return page

    def _code_page(
        self, request: Request, login: Login, failure: SportelloError | None = None
    ) -> Response:
        language = chosen_language(request) or login.language
        facts: dict[str, Any] = {"can_type": login.seconds > 0, "can_resend": True}
        status = 200
        if failure is not None:
            problem = problem_of(failure)
            status = problem.status
            facts = {
                "problem": sentence(problem, failure, self._render.words(language)),
                "can_type": problem.can_type and login.seconds > 0,
                "can_resend": problem.can_resend,
            }
        page = self._render.page(
            request,
            "area/code.html",
            language=language,
            market=login.market,
            status=status,
            destination=login.destination,
            seconds_left=login.seconds,
            switch_path=_LOGIN,
            **facts,
        )
        remember_language(request, page, https=self._render.https)
        return page

    def _throttled(self, request: Request, seconds: int) -> Response:
        page = self._login_page(
            request, problem="login_throttled", status=429, wait_seconds=seconds
        )
        page.headers["Retry-After"] = str(seconds)
        return page

    def _session_ended(self, request: Request) -> Response:
        page = self._login_page(request, notice="session_ended")
        return self._cookie.take_back(page)

    def _stale(self, request: Request) -> Response:
        return self._message(request, "stale", "reload", _LOGIN, "stale_button", status=403)

    def _message(  # noqa: PLR0913, PLR0917 - the parts of the page
        self,
        request: Request,
        name: str,
        mark: str,
        link: str,
        link_text: str,
        status: int = 404,
    ) -> Response:
        return self._render.page(
            request,
            "pages/message.html",
            language=wished_language(request),
            status=status,
            name=name,
            mark=mark,
            link=link,
            link_text=link_text,
        )

    def _is_ours(self, request: Request, form: Form) -> bool:
        return self._render.csrf.is_valid(request, form.get(CSRF_FIELD))

    def _client(self, request: Request) -> str:
        return self._vault.index("client", client_address(request, self._hops))


def _to(path: str) -> RedirectResponse:
    return RedirectResponse(path, status_code=303)
