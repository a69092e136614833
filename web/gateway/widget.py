"""The widget's way in: sessions over HTTP, messages over a WebSocket.

The protocol is docs/widget-protocol.md. The token decides whose conversation it is; nothing that
a client says can name another.
"""

from __future__ import annotations

import asyncio
import math
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request, WebSocket, WebSocketDisconnect
from pydantic import BaseModel, Field, ValidationError
from starlette.responses import JSONResponse

from backend.bootstrap import Backend
from backend.core.conversation import Conversation, Incoming, Kind
from backend.core.errors import NotFound, SportelloError
from backend.services.conversations import Snapshot
from web.gateway.frames import (
    ButtonFrame,
    IdentityFrame,
    Language,
    LanguageFrame,
    Market,
    PingFrame,
    TextFrame,
    WrittenText,
    client_frame,
    hello_frame,
)
from web.gateway.limits import SlidingWindow
from web.gateway.service import Gateway
from web.gateway.shapes import line_of, state_of
from web.incidents import report
from web.security import client_address, origin_allowed

BAD_HELLO, NO_SESSION, BAD_ORIGIN, TOO_MANY, GONE = 4400, 4401, 4403, 4429, 1011


type Stored = TextFrame | ButtonFrame | LanguageFrame
"""Frames that become a message of the conversation."""


class SessionWish(BaseModel):
    """What a new session is to be."""

    market: Market
    language: Language | None = None
    identity_token: WrittenText | None = Field(None, repr=False)
    """What the page around the widget says of who is logged in there."""


def make_router(backend: Backend, gateway: Gateway) -> APIRouter:
    """The routes of the widget."""
    router = APIRouter(prefix="/widget", include_in_schema=False)
    origins = backend.settings.widget_origins
    hops = backend.settings.trusted_proxy_hops
    numbers = gateway.numbers
    sessions = SlidingWindow(numbers.sessions, numbers.sessions_within)
    messages = SlidingWindow(numbers.messages, numbers.messages_within)

    async def open_session(wish: SessionWish, request: Request) -> JSONResponse:
        if not origin_allowed(request, origins):
            return JSONResponse({"error": "origin_not_allowed"}, 403)
        pause = sessions.wait_for(client_address(request, hops))
        if pause:
            headers = {"Retry-After": str(math.ceil(pause))}
            return JSONResponse({"error": "too_many_sessions"}, 429, headers=headers)
        language = wish.language or backend.markets[wish.market].default_language
        token, conversation = await asyncio.to_thread(
            gateway.conversations.open_session, wish.market, language
        )
        if wish.identity_token is not None:
            await gateway.identify(conversation.id, wish.identity_token)
        snapshot = await gateway.snapshot(conversation.id)
        told = {"token": token, "conversation": conversation.id}
        return JSONResponse(told | {"state": {**state_of(snapshot), "choices": []}}, 201)

    async def open_socket(socket: WebSocket) -> None:
        if not origin_allowed(socket, origins):
            await socket.close(BAD_ORIGIN)
            return
        await socket.accept()
        client = backend.vault.index("client", client_address(socket, hops))
        await WidgetSocket(socket, gateway, messages, client).serve()

    router.add_api_route("/sessions", open_session, methods=["POST"], response_model=None)
    router.add_api_websocket_route("/socket", open_socket)
    return router


class WidgetSocket:
    """One open socket: hello, then frames in and lines out until either side goes."""

    def __init__(
        self, socket: WebSocket, gateway: Gateway, messages: SlidingWindow, client: str
    ) -> None:
        self._socket = socket
        self._gateway = gateway
        self._messages = messages
        self._client = client

    async def serve(self) -> None:
        """Run the socket to its end."""
        try:
            hello = hello_frame.validate_json(
                await asyncio.wait_for(self._receive(), self._gateway.numbers.hello_within)
            )
            conversation = await asyncio.to_thread(
                self._gateway.conversations.resume_session, hello.token
            )
            await self._run(conversation, hello.after)
        except (ValidationError, TimeoutError):
            await self._close(BAD_HELLO)
        except NotFound:
            await self._close(NO_SESSION)
        except WebSocketDisconnect:
            return
        except Exception as failure:  # noqa: BLE001 - the edge of this socket
            report("widget_socket_failed", failure)
            await self._close(GONE)

    async def _run(self, conversation: Conversation, after: int) -> None:
        if (
            self._gateway.hub.listeners(conversation.id)
            >= self._gateway.numbers.sockets_per_session
        ):
            await self._close(TOO_MANY)
            return
        with self._gateway.hub.subscribe(conversation.id) as subscription:
            outflow = Outflow(self._socket, self._gateway, conversation.id, after)
            await outflow.welcome()
            try:
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._take_frames(conversation))
                    while True:
                        await outflow.bring_up_to_date()
                        await subscription.changed(within=self._gateway.numbers.look_again)
            except* (WebSocketDisconnect, NotFound) as failures:
                raise _first(failures) from None

    async def _take_frames(self, conversation: Conversation) -> None:
        while True:
            raw = await self._receive()
            try:
                frame = client_frame.validate_json(raw)
            except ValidationError:
                await self._refuse("malformed")
                continue
            if len(raw.encode()) > self._gateway.numbers.frame_bytes:
                await self._refuse("too_large", client_id=getattr(frame, "client_id", None))
                continue
            if isinstance(frame, PingFrame):
                await self._socket.send_json({"type": "pong"})
            else:
                await self._take(conversation, frame)

    async def _take(self, conversation: Conversation, frame: Stored | IdentityFrame) -> None:
        name = None if isinstance(frame, IdentityFrame) else frame.client_id
        # Logging out is never put off.
        is_farewell = isinstance(frame, IdentityFrame) and frame.token is None
        pause = 0.0 if is_farewell else self._messages.wait_for(conversation.id)
        if pause:
            await self._refuse("rate_limited", client_id=name, retry_after=math.ceil(pause))
            return
        try:
            if isinstance(frame, IdentityFrame):
                await self._identify(conversation, frame)
            else:
                await self._store(conversation, frame)
        except NotFound:
            raise
        except SportelloError:
            await self._refuse("unavailable", client_id=name)
            return
        if name is not None:
            await self._socket.send_json({"type": "ack", "client_id": name})

    async def _identify(self, conversation: Conversation, frame: IdentityFrame) -> None:
        accepted = await self._gateway.identify(conversation.id, frame.token)
        await self._socket.send_json({"type": "identity", "accepted": accepted})

    async def _store(self, conversation: Conversation, frame: Stored) -> None:
        match frame:
            case TextFrame():
                incoming = Incoming(Kind.TEXT, text=frame.text)
            case ButtonFrame():
                incoming = Incoming(Kind.BUTTON, button_id=frame.id)
            case LanguageFrame():
                current = await self._gateway.snapshot(conversation.id)
                await self._gateway.change_language(
                    current.conversation, frame.language, name=frame.client_id
                )
                return
        named = replace(incoming, provider_message_id=frame.client_id, client=self._client)
        await self._gateway.receive(conversation.id, named)

    async def _receive(self) -> str:
        message = await self._socket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", 1006))
        text: str | None = message.get("text")
        if text is not None:
            return text
        raw: bytes = message.get("bytes") or b""
        return raw.decode("utf-8", "replace")

    async def _refuse(self, code: str, **facts: Any) -> None:
        await self._socket.send_json({"type": "error", "code": code} | facts)

    async def _close(self, code: int) -> None:
        try:
            await self._socket.close(code)
        except RuntimeError:
            return  # the other side was faster


class Outflow:
    """What one socket has been told so far, and the telling of the rest."""

    def __init__(
        self, socket: WebSocket, gateway: Gateway, conversation_id: str, after: int
    ) -> None:
        self._socket = socket
        self._gateway = gateway
        self._conversation_id = conversation_id
        self._seq = after
        self._typing = False
        self._state: dict[str, Any] | None = None

    async def welcome(self) -> None:
        """Greet, with all that a client needs before the first line."""
        snapshot = await self._gateway.snapshot(self._conversation_id)
        identified = await self._gateway.is_identified(snapshot.conversation)
        self._typing = self._gateway.hub.is_answering(self._conversation_id)
        self._state = {**state_of(snapshot), "choices": list(snapshot.choices)}
        await self._socket.send_json(
            {
                "type": "welcome",
                "conversation": self._conversation_id,
                "state": self._state,
                "last_seq": snapshot.conversation.last_seq,
                "typing": self._typing,
                "identified": identified,
            }
        )

    async def bring_up_to_date(self) -> None:
        """Send the lines, the state and the typing sign that this socket has not seen."""
        typing = self._gateway.hub.is_answering(self._conversation_id)
        if typing and not self._typing:
            await self._show_typing(on=True)
        # The state is read first, so that it never speaks of lines that were not sent yet.
        snapshot = await self._gateway.snapshot(self._conversation_id)
        for shown in await self._gateway.lines(self._conversation_id, after=self._seq):
            line = shown.line
            told = {"client_id": line.provider_message_id, "button": line.button_id}
            await self._socket.send_json({"type": "message"} | line_of(shown) | told)
            self._seq = line.seq
        if snapshot.conversation.last_seq >= self._seq:
            await self._tell_state(snapshot)
        if self._typing and not typing:
            await self._show_typing(on=False)

    async def _show_typing(self, *, on: bool) -> None:
        self._typing = on
        await self._socket.send_json({"type": "typing", "on": on})

    async def _tell_state(self, snapshot: Snapshot) -> None:
        state = {**state_of(snapshot), "choices": list(snapshot.choices)}
        if state != self._state:
            self._state = state
            await self._socket.send_json({"type": "state", "state": state})


def _first(failures: BaseExceptionGroup[BaseException]) -> BaseException:
    """One of what went wrong: whichever was first, the socket is over."""
    found = failures.exceptions[0]
    return _first(found) if isinstance(found, BaseExceptionGroup) else found
