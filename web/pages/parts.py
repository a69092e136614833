"""What the handlers of all kinds of one-time pages share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import Response

from backend.core.errors import SportelloError
from web.forms import Form
from web.incidents import report
from web.rendering import Renderer, wished_language
from web.security import CSRF_FIELD

if TYPE_CHECKING:
    from backend.bootstrap import Backend
    from backend.services.pages import PageView
    from web.gateway.service import Gateway


class PageParts:
    """Forms, their CSRF fields, the page after them, and the word to the conversation."""

    def __init__(self, backend: Backend, gateway: Gateway, renderer: Renderer) -> None:
        self.backend = backend
        self.render = renderer
        self._gateway = gateway

    def is_ours(self, request: Request, form: Form) -> bool:
        """Whether the form came from a page of ours."""
        return self.render.csrf.is_valid(request, form.get(CSRF_FIELD))

    def form(
        self, request: Request, token: str, view: PageView, *, status: int = 200, **facts: Any
    ) -> Response:
        """The page of *view*'s kind, with the time that is left."""
        left = view.expires_at - self.backend.clock.now()
        return self.render.page(
            request,
            f"pages/{view.kind}.html",
            language=view.language,
            market=view.market,
            status=status,
            action=f"/t/{token}",
            username=view.username_mask,
            seconds_left=max(int(left.total_seconds()), 0),
            **facts,
        )

    def done(self, request: Request, view: PageView, **facts: Any) -> Response:
        """What is said once the page has done its work."""
        return self.render.page(
            request,
            "pages/done.html",
            language=view.language,
            market=view.market,
            kind=view.kind,
            **facts,
        )

    async def tell(self, conversation_id: str, event: str) -> None:
        """Let the chat go on by itself; what the page did stands even where that fails."""
        try:
            await self._gateway.enqueue_event(conversation_id, event)
        except SportelloError as failure:
            report("page.conversation_not_told", failure, page_event=event)

    def stale(self, request: Request, token: str) -> Response:
        """For a form without its CSRF field: the way back to the page."""
        return self.render.page(
            request,
            "pages/message.html",
            language=wished_language(request),
            status=403,
            name="stale",
            mark="reload",
            link=f"/t/{token}",
            link_text="stale_button",
        )
