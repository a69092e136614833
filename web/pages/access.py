"""The pages that open an account: setting the password, confirming by link."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from backend.core.errors import PasswordRefused
from web.forms import read_form
from web.pages.parts import PageParts
from web.pages.passwords import REPETITION, problems_of, rules_for_browsers, rules_of

if TYPE_CHECKING:
    from backend.services.pages import PageView


class PasswordPage:
    """Two fields and the market's rules."""

    def __init__(self, parts: PageParts) -> None:
        self._parts = parts
        self._pages = parts.backend.pages

    async def show(self, request: Request, token: str, view: PageView) -> Response:
        """The form."""
        return self._form(request, token, view)

    async def submit(self, request: Request, token: str, view: PageView) -> Response:
        """Set the password."""
        form = await read_form(request)
        if not self._parts.is_ours(request, form):
            return self._parts.stale(request, token)
        password, confirmation = form.get("password", ""), form.get("password_confirmation", "")
        if password == "":
            return self._form(request, token, view, reasons=("empty",))
        if password != confirmation:
            return self._form(request, token, view, reasons=("mismatch",))
        try:
            result = await run_in_threadpool(self._pages.set_password, token, password)
        except PasswordRefused as refusal:
            return self._form(request, token, view, reasons=refusal.reasons)
        await self._parts.tell(result.conversation_id, "page_done")
        market = self._parts.backend.markets[view.market]
        return self._parts.done(
            request,
            view,
            username=view.username_mask,
            username_generated=market.username == "generated",
        )

    def _form(
        self, request: Request, token: str, view: PageView, *, reasons: tuple[str, ...] = ()
    ) -> Response:
        facts: dict[str, Any] = {}
        rules = view.password_rules
        if rules is not None:
            facts = {
                "rules": rules_of(rules),
                "repetition": REPETITION,
                "password_rules": rules_for_browsers(rules),
                **problems_of(reasons, rules, self._parts.render.words(view.language)),
            }
        return self._parts.form(request, token, view, status=422 if reasons else 200, **facts)


class ConfirmPage:
    """A single button in place of the code."""

    def __init__(self, parts: PageParts) -> None:
        self._parts = parts
        self._pages = parts.backend.pages

    async def show(self, request: Request, token: str, view: PageView) -> Response:
        """The button."""
        return self._parts.form(request, token, view)

    async def submit(self, request: Request, token: str, view: PageView) -> Response:
        """Confirm."""
        form = await read_form(request)
        if not self._parts.is_ours(request, form):
            return self._parts.stale(request, token)
        result = await run_in_threadpool(self._pages.confirm, token)
        await self._parts.tell(result.conversation_id, "link_confirmed")
        return self._parts.done(request, view)
