"""`/dev/…`: talk as a customer, read what would have been sent, move the clock, start anew."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Annotated, Literal, cast

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.responses import JSONResponse

from backend.bootstrap import Backend
from backend.core.conversation import Author, Conversation, Incoming, Kind
from backend.ports import MovableClock
from web.chores import Chores
from web.gateway.frames import Language, Market, WrittenText
from web.gateway.service import Gateway
from web.gateway.shapes import line_of, state_of

_DEFAULT_MARKET: Market = "it"

Sender = Annotated[WrittenText, Field(min_length=1, max_length=256)]


class DevMessage(BaseModel):
    """What a customer says: a text, or a button that is pressed."""

    sender: Sender
    text: WrittenText | None = Field(None, repr=False)
    button: Annotated[WrittenText, Field(max_length=64)] | None = None
    market: Market | None = None
    language: Language | None = None
    channel: Literal["web", "whatsapp"] = "web"


class ClockChange(BaseModel):
    """How the backend's clock is to move."""

    advance_seconds: int = Field(0, ge=0, le=10 * 365 * 86_400)
    reset: bool = False


def make_router(backend: Backend, gateway: Gateway, chores: Chores) -> APIRouter:
    """The development doors."""
    router = APIRouter(prefix="/dev", include_in_schema=False)
    doors = DevelopmentDoors(backend, gateway, chores)
    router.add_api_route("/messages", doors.say, methods=["POST"], response_model=None)
    router.add_api_route("/messages", doors.read, methods=["GET"], response_model=None)
    router.add_api_route("/outbox", doors.outbox, methods=["GET"], response_model=None)
    router.add_api_route("/clock", doors.move_clock, methods=["POST"], response_model=None)
    router.add_api_route("/reset", doors.start_anew, methods=["POST"], response_model=None)
    return router


class DevelopmentDoors:
    """The handlers, with what they share."""

    def __init__(self, backend: Backend, gateway: Gateway, chores: Chores) -> None:
        self._backend = backend
        self._gateway = gateway
        self._chores = chores

    async def say(self, said: DevMessage) -> JSONResponse:
        """Take the way of a real message, and wait for the turn."""
        conversation = await asyncio.to_thread(self._conversation_of, said)
        received = await self._gateway.receive(conversation.id, self._incoming(said))
        if not await self._gateway.wait(conversation.id, received):
            return JSONResponse({"error": "turn_takes_too_long"}, 504)
        await self._chores.deliver()
        shown = await self._gateway.lines(conversation.id, after=conversation.last_seq)
        replies = [
            line_of(each)
            for each in shown
            if each.line.inbound_id == received.inbound_id and each.line.author is Author.BOT
        ]
        snapshot = await self._gateway.snapshot(conversation.id)
        return JSONResponse({"replies": replies, "state": state_of(snapshot)})

    async def read(
        self, sender: Annotated[str, Query(max_length=256)], after: Annotated[int, Query(ge=0)] = 0
    ) -> JSONResponse:
        """The whole conversation as its customer sees it."""
        conversation = await asyncio.to_thread(self._gateway.conversations.find_sender, sender)
        if conversation is None:
            return JSONResponse({"messages": [], "state": None})
        shown = await self._gateway.lines(conversation.id, after=after)
        snapshot = await self._gateway.snapshot(conversation.id)
        return JSONResponse(
            {"messages": [line_of(each) for each in shown], "state": state_of(snapshot)}
        )

    async def outbox(self, to: str | None = None) -> JSONResponse:
        """All that was sent, or would have been, newest first."""
        return JSONResponse(await asyncio.to_thread(self._backend.notices.listing, to))

    async def move_clock(self, change: ClockChange) -> JSONResponse:
        """Move the backend's clock forward, or put it back."""
        now = await asyncio.to_thread(self._moved, change)
        return JSONResponse({"now": now.isoformat()})

    async def start_anew(self) -> JSONResponse:
        """Empty the database and load the demo customers; every conversation is forgotten."""
        await self._gateway.forget(self._backend.reset)
        return JSONResponse({"status": "ok"})

    def _moved(self, change: ClockChange) -> datetime:
        clock = cast(MovableClock, self._backend.clock)
        if change.reset:
            clock.reset()
        if change.advance_seconds:
            clock.advance(timedelta(seconds=change.advance_seconds))
        return clock.now()

    def _conversation_of(self, said: DevMessage) -> Conversation:
        market = self._backend.markets[said.market or _DEFAULT_MARKET]
        return self._gateway.conversations.of_sender(
            said.sender,
            channel=said.channel,
            market=said.market,
            default=(market.name, said.language or market.default_language),
        )

    def _incoming(self, said: DevMessage) -> Incoming:
        # As with a phone number, the sender is the client: on one machine everybody's address is
        # the same, and budgets by client would count all of development together.
        client = self._backend.vault.index("client", f"dev:{said.sender}")
        if said.button is not None:
            return Incoming(Kind.BUTTON, button_id=said.button, client=client)
        return Incoming(Kind.TEXT, text=said.text or "", client=client)
