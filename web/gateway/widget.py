"""The widget's way in: sessions over HTTP, messages over a WebSocket or, without one, by polling.

The protocol is docs/widget-protocol.md. The token decides whose conversation it is; nothing that
a client says can name another.
"""

from __future__ import annotations

import asyncio
import math
from typing import Literal

from fastapi import APIRouter, Request, WebSocket, WebSocketDisconnect
from pydantic import BaseModel, Field, ValidationError
from starlette.responses import JSONResponse, Response

from backend.bootstrap import Backend
from backend.core.conversation import Conversation
from backend.core.errors import NotFound
from web.gateway.binding import Binding
from web.gateway.frames import Language, Market, WrittenText, hello_frame
from web.gateway.inflow import Inflow, WidgetLimits
from web.gateway.outflow import Outflow
from web.gateway.polling import Polling
from web.gateway.service import Gateway
from web.gateway.shapes import state_of
from web.incidents import report
from web.security import client_address, origin_allowed

PREFIX = "/widget"
BAD_HELLO, NO_SESSION, BAD_ORIGIN, TOO_MANY, GONE = 4400, 4401, 4403, 4429, 1011


class SessionWish(BaseModel):
    """What a new session is to be."""

    market: Market
    language: Language | None = None
    identity_token: WrittenText | None = Field(None, repr=False)
    """What the page around the widget says of who is logged in there."""
    bind: Literal["ask", "try"] | None = None
    """To the browser; `ask` where the cookie for it may have to be set first."""


def make_router(backend: Backend, gateway: Gateway) -> APIRouter:
    """The routes of the widget."""
    router = APIRouter(prefix=PREFIX, include_in_schema=False)
    doors = WidgetDoors(backend, gateway)
    for path, door in (
        ("/sessions", doors.open_session),
        ("/frames", doors.send),
        ("/poll", doors.poll),
    ):
        router.add_api_route(path, door, methods=["POST"], response_model=None)
    router.add_api_websocket_route("/socket", doors.open_socket)
    return router


class WidgetDoors:
    """The handlers, with what they share."""

    def __init__(self, backend: Backend, gateway: Gateway) -> None:
        self._backend = backend
        self._gateway = gateway
        self._limits = WidgetLimits(gateway.numbers)
        self._binding = Binding(
            lambda value: backend.vault.index("widget_session", value),
            https=backend.settings.public_base_url.startswith("https://"),
        )
        self._polling = Polling(gateway, self._limits, self._binding)

    async def open_session(self, wish: SessionWish, request: Request) -> JSONResponse:
        """A new conversation, and the token that opens it."""
        if not self._is_allowed(request):
            return _BAD_ORIGIN
        browser = self._binding.browser_of(request) if wish.bind else None
        if wish.bind == "ask" and browser is None:
            return self._ask_again()
        address = client_address(request, self._backend.settings.trusted_proxy_hops)
        pause = self._limits.sessions.wait_for(address)
        if pause:
            headers = {"Retry-After": str(math.ceil(pause))}
            return JSONResponse({"error": "too_many_sessions"}, 429, headers=headers)
        language = wish.language or self._backend.markets[wish.market].default_language
        secret, conversation = await asyncio.to_thread(
            self._gateway.conversations.open_session, wish.market, language
        )
        if wish.identity_token is not None:
            await self._gateway.identify(conversation.id, wish.identity_token)
        snapshot = await self._gateway.snapshot(conversation.id)
        token = self._binding.token(secret, browser)
        told = {"token": token, "conversation": conversation.id}
        return JSONResponse(told | {"state": {**state_of(snapshot), "choices": []}}, 201)

    def _ask_again(self) -> JSONResponse:
        response = JSONResponse({"ask_again": True})
        self._binding.mark(response)
        return response

    async def open_socket(self, socket: WebSocket) -> None:
        """Serve a line to its end."""
        if not self._is_allowed(socket):
            await socket.close(BAD_ORIGIN)
            return
        await socket.accept()
        widget = WidgetSocket(socket, self._gateway, self._limits, self._client(socket))
        await widget.serve(self._binding)

    async def send(self, request: Request) -> Response:
        """Frames from where WebSockets are blocked."""
        if not self._is_allowed(request):
            return _BAD_ORIGIN
        return await self._polling.send(request, self._client(request))

    async def poll(self, request: Request) -> Response:
        """News to where WebSockets are blocked."""
        if not self._is_allowed(request):
            return _BAD_ORIGIN
        return await self._polling.poll(request)

    def _is_allowed(self, connection: Request | WebSocket) -> bool:
        return origin_allowed(connection, self._backend.settings.widget_origins)

    def _client(self, connection: Request | WebSocket) -> str:
        address = client_address(connection, self._backend.settings.trusted_proxy_hops)
        return self._backend.vault.index("client", address)


_BAD_ORIGIN = JSONResponse({"error": "origin_not_allowed"}, 403)


class WidgetSocket:
    """One open socket: hello, then frames in and lines out until either side goes."""

    def __init__(
        self, socket: WebSocket, gateway: Gateway, limits: WidgetLimits, client: str
    ) -> None:
        self._socket = socket
        self._gateway = gateway
        self._limits = limits
        self._client = client

    async def serve(self, binding: Binding) -> None:
        """Run the socket to its end."""
        try:
            hello = hello_frame.validate_json(
                await asyncio.wait_for(self._receive(), self._gateway.numbers.hello_within)
            )
            conversation = await asyncio.to_thread(
                self._gateway.conversations.resume_session,
                binding.secret(hello.token, self._socket),
            )
            await self._run(conversation, hello.after)
        except (ValidationError, TimeoutError):
            await self._close(BAD_HELLO)
        except NotFound:
            await self._close(NO_SESSION)
        except _FloodError:
            await self._close(TOO_MANY)
        except WebSocketDisconnect:
            return
        except Exception as failure:  # noqa: BLE001 - the edge of this socket
            report("widget_socket_failed", failure)
            await self._close(GONE)

    async def _run(self, conversation: Conversation, after: int) -> None:
        numbers = self._gateway.numbers
        if self._gateway.hub.listeners(conversation.id) >= numbers.sockets_per_session:
            await self._close(TOO_MANY)
            return
        with self._gateway.hub.subscribe(conversation.id) as subscription:
            outflow = Outflow(self._gateway, conversation.id, after)
            await self._socket.send_json(await outflow.welcome())
            try:
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._take_frames(conversation))
                    while True:
                        for frame in await outflow.news():
                            await self._socket.send_json(frame)
                        await subscription.changed(within=numbers.look_again)
            except* (WebSocketDisconnect, NotFound, _FloodError) as failures:
                raise _first(failures) from None

    async def _take_frames(self, conversation: Conversation) -> None:
        inflow = Inflow(self._gateway, self._limits, conversation, self._client)
        while True:
            raw = await self._receive()
            if inflow.is_flooding():
                raise _FloodError
            answer = await inflow.take(raw)
            if answer is not None:
                await self._socket.send_json(answer)

    async def _receive(self) -> str:
        message = await self._socket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", 1006))
        text: str | None = message.get("text")
        if text is not None:
            return text
        raw: bytes = message.get("bytes") or b""
        return raw.decode("utf-8", "replace")

    async def _close(self, code: int) -> None:
        try:
            await self._socket.close(code)
        except RuntimeError:
            return  # the other side was faster


class _FloodError(Exception):
    """The client sends more than it can have reason to."""


def _first(failures: BaseExceptionGroup[BaseException]) -> BaseException:
    """One of what went wrong: whichever was first, the socket is over."""
    found = failures.exceptions[0]
    return _first(found) if isinstance(found, BaseExceptionGroup) else found
