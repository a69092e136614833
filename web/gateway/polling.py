"""The widget's line where WebSockets are blocked: the same frames over plain POST requests.

Nothing is remembered between two requests but what the database holds, so each may reach another
process.
"""

from __future__ import annotations

import asyncio
import json
import math
import time
from collections.abc import Awaitable, Sequence

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from backend.core.conversation import Conversation
from backend.core.errors import NotFound
from web.gateway.binding import Binding
from web.gateway.frames import Frame, Hello, hello_frame
from web.gateway.inflow import Inflow, WidgetLimits
from web.gateway.outflow import Outflow
from web.gateway.service import Gateway

LARGEST_BODY = 64 * 1024


class Polling:
    """Handlers of requests whose body begins with a hello; one frame a line, both ways."""

    def __init__(self, gateway: Gateway, limits: WidgetLimits, binding: Binding) -> None:
        self._gateway = gateway
        self._limits = limits
        self._binding = binding

    async def send(self, request: Request, client: str) -> Response:
        """Take the frames after the hello, and answer each."""
        return await _refusing(self._send(request, client))

    async def poll(self, request: Request) -> Response:
        """Say what is new since the hello's cursor, as soon as there is something."""
        return await _refusing(self._poll(request))

    async def _send(self, request: Request, client: str) -> Response:
        hello, frames = await _read(request)
        conversation = await self._conversation_of(request, hello)
        inflow = Inflow(self._gateway, self._limits, conversation, client)
        answers = []
        for raw in frames:
            if inflow.is_flooding():
                return self._put_off()
            answers.append(await inflow.take(raw))
        return _lines([answer for answer in answers if answer is not None])

    async def _poll(self, request: Request) -> Response:
        hello, _ = await _read(request)
        conversation = await self._conversation_of(request, hello)
        if self._limits.frames.wait_for(conversation.id) or self._is_full(conversation):
            return self._put_off()
        return _lines(await self._news(request, conversation.id, hello))

    async def _conversation_of(self, request: Request, hello: Hello) -> Conversation:
        secret = self._binding.secret(hello.token, request)
        return await asyncio.to_thread(self._gateway.conversations.resume_session, secret)

    def _is_full(self, conversation: Conversation) -> bool:
        return (
            self._gateway.hub.listeners(conversation.id)
            >= self._gateway.numbers.sockets_per_session
        )

    async def _news(self, request: Request, conversation_id: str, hello: Hello) -> list[Frame]:
        if hello.cursor is None:
            outflow = Outflow(self._gateway, conversation_id, hello.after)
            frames = [await outflow.welcome(), *await outflow.news()]
        else:
            outflow = Outflow.taken_up(self._gateway, conversation_id, hello.cursor)
            frames = await self._wait_for_news(request, conversation_id, outflow)
        return [*frames, {"type": "cursor", "cursor": outflow.cursor}]

    async def _wait_for_news(
        self, request: Request, conversation_id: str, outflow: Outflow
    ) -> list[Frame]:
        numbers = self._gateway.numbers
        until = time.monotonic() + numbers.poll_for
        hub = self._gateway.hub
        with hub.subscribe(conversation_id) as subscription:
            leaving = asyncio.create_task(_left(request))
            leaving.add_done_callback(lambda _: subscription.notify())
            try:
                while not (frames := await outflow.news()):
                    left = until - time.monotonic()
                    if left <= 0 or leaving.done() or hub.is_ending:
                        break
                    await subscription.changed(within=min(left, numbers.look_again))
            finally:
                leaving.cancel()
        return frames

    def _put_off(self) -> Response:
        pause = math.ceil(self._gateway.numbers.messages_within)
        return _refused("rate_limited", 429, headers={"Retry-After": str(pause)})


class _TooLargeError(Exception):
    """More than a client can have reason to send at once."""


async def _refusing(work: Awaitable[Response]) -> Response:
    """What the work answers, or why it can't."""
    try:
        return await work
    except ValidationError:
        return _refused("malformed", 400)
    except _TooLargeError:
        return _refused("too_large", 413)
    except NotFound:
        return _refused("no_session", 401)


async def _read(request: Request) -> tuple[Hello, Sequence[str]]:
    body = await request.body()
    if len(body) > LARGEST_BODY:
        raise _TooLargeError
    first, *rest = body.decode("utf-8", "replace").split("\n")
    return hello_frame.validate_json(first), [line for line in rest if line.strip()]


async def _left(request: Request) -> None:
    """Return when the client has gone; the answer would reach nobody."""
    while (await request.receive())["type"] != "http.disconnect":
        continue


def _lines(frames: Sequence[Frame]) -> Response:
    written = "".join(f"{json.dumps(frame, ensure_ascii=False)}\n" for frame in frames)
    return Response(written, media_type="application/x-ndjson")


def _refused(code: str, status: int, headers: dict[str, str] | None = None) -> Response:
    return JSONResponse({"error": code}, status, headers=headers)
