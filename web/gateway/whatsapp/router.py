"""`/whatsapp/…`: Twilio tells what customers wrote, and how far our answers have come."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

import structlog
from fastapi import APIRouter, Request
from starlette.datastructures import ImmutableMultiDict
from starlette.responses import Response

from backend.bootstrap import Backend
from backend.core.conversation import NewConversation
from backend.core.whatsapp import CHANNEL
from web.gateway.limits import SlidingWindow
from web.gateway.service import Gateway
from web.gateway.whatsapp.reading import Unreadable, arrived, delivery
from web.gateway.whatsapp.signature import HEADER, SignedWebhooks, fields_of

BODY_LIMIT = 64 * 1024

log = structlog.get_logger(__name__)

type Form = ImmutableMultiDict[str, str]


def make_router(backend: Backend, gateway: Gateway) -> APIRouter:
    """The routes of WhatsApp; none where it is off."""
    router = APIRouter(prefix="/whatsapp", include_in_schema=False)
    if backend.settings.sender_whatsapp == "off":
        return router
    doors = TwilioDoors(backend, gateway)
    router.add_api_route("/inbound", doors.inbound, methods=["POST"], response_model=None)
    router.add_api_route("/status", doors.status, methods=["POST"], response_model=None)
    return router


class TwilioDoors:
    """The handlers, with what they share."""

    def __init__(self, backend: Backend, gateway: Gateway) -> None:
        settings = backend.settings
        self._backend = backend
        self._gateway = gateway
        self._account = settings.twilio_account_sid
        self._markets = {number: name for name, number in settings.whatsapp_numbers.items()}
        self._pace = SlidingWindow(gateway.numbers.messages, gateway.numbers.messages_within)
        self._signed = SignedWebhooks(
            settings.twilio_auth_token.get_secret_value(), settings.public_base_url
        )

    async def inbound(self, request: Request) -> Response:
        """Store a customer's message, then say that it is here; it is answered afterwards."""
        return await self._if_genuine(request, self._take)

    async def status(self, request: Request) -> Response:
        """Write down how far one of our messages has come; its id is part of the address."""
        notice = request.query_params.get("notice", "")

        async def note(form: Form) -> None:
            news = delivery(form)
            await self._gateway.arrivals.run(
                self._backend.deliveries.note,
                notice,
                news.message_sid,
                news.status,
                news.error_code,
            )

        return await self._if_genuine(request, note)

    async def _if_genuine(
        self, request: Request, take: Callable[[Form], Awaitable[None]]
    ) -> Response:
        body = await request.body()
        scope = request.scope
        genuine = self._signed.is_genuine(
            scope["path"],
            scope["query_string"].decode("latin-1"),
            body,
            request.headers.get(HEADER, ""),
        )
        if not genuine:
            log.warning("webhook_not_signed", route=scope["path"])
            return Response(status_code=403)
        form = fields_of(body, request.headers.get("content-type", ""))
        if form.get("AccountSid") != self._account:
            log.warning("webhook_of_another_account", route=scope["path"])
            return Response(status_code=403)
        try:
            await take(form)
        except Unreadable as problem:
            # Twilio would only repeat what cannot be read the second time either.
            log.warning("webhook_unreadable", route=scope["path"], field=str(problem))
        return Response(status_code=204)

    async def _take(self, form: Form) -> None:
        message = arrived(form)
        market = self._markets.get(message.to)
        if market is None:
            log.warning("webhook_for_another_number")
            return
        client = self._backend.vault.index("client", f"{CHANNEL}:{message.sender}")
        if self._pace.wait_for(client):
            # As on the widget's socket; who writes so fast has as many answers on the way.
            log.warning("whatsapp_messages_too_fast")
            return
        language = self._backend.markets[market].default_language
        await self._gateway.receive_from(
            message.sender,
            NewConversation(CHANNEL, market, language, reply_from=message.to),
            replace(message.incoming, client=client),
        )
