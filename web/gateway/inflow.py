"""What a client of the widget sends, whatever line it comes over: checked, counted, stored."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from backend.core.conversation import Conversation, Incoming, Kind
from backend.core.errors import NotFound, SportelloError
from web.gateway.frames import (
    ButtonFrame,
    Frame,
    IdentityFrame,
    LanguageFrame,
    PingFrame,
    TextFrame,
    client_frame,
)
from web.gateway.limits import SlidingWindow
from web.gateway.numbers import GatewayNumbers
from web.gateway.service import Gateway

type Stored = TextFrame | ButtonFrame | LanguageFrame
"""Frames that become a message of the conversation."""


class WidgetLimits:
    """How much one client may ask of this process, counted over all its lines."""

    def __init__(self, numbers: GatewayNumbers) -> None:
        self.sessions = SlidingWindow(numbers.sessions, numbers.sessions_within)
        self.messages = SlidingWindow(numbers.messages, numbers.messages_within)
        self.frames = SlidingWindow(numbers.frames, numbers.messages_within)
        """Anything at all, pings and what is malformed too: above it the line is cut."""


class Inflow:
    """Takes the frames of one client and says how each fared."""

    def __init__(
        self, gateway: Gateway, limits: WidgetLimits, conversation: Conversation, client: str
    ) -> None:
        """`client` is the keyed hash of the client's address."""
        self._gateway = gateway
        self._limits = limits
        self._conversation = conversation
        self._client = client

    def is_flooding(self) -> bool:
        """Count one frame; whether it is more than a client can have reason to send."""
        return self._limits.frames.wait_for(self._conversation.id) > 0

    async def take(self, raw: str) -> Frame | None:
        """What is to be answered to a frame; None for nothing.

        Raises:
            NotFound: the conversation is gone.
        """
        try:
            frame = client_frame.validate_json(raw)
        except ValidationError:
            return _refusal("malformed")
        name = getattr(frame, "client_id", None)
        if len(raw.encode()) > self._gateway.numbers.frame_bytes:
            return _refusal("too_large", client_id=name)
        if isinstance(frame, PingFrame):
            return {"type": "pong"}
        pause = self._pause_before(frame)
        if pause:
            return _refusal("rate_limited", client_id=name, retry_after=math.ceil(pause))
        try:
            return await self._handle(frame)
        except NotFound:
            raise
        except SportelloError:
            return _refusal("unavailable", client_id=name)

    def _pause_before(self, frame: Stored | IdentityFrame) -> float:
        # Logging out is never put off.
        if isinstance(frame, IdentityFrame) and frame.token is None:
            return 0.0
        return self._limits.messages.wait_for(self._conversation.id)

    async def _handle(self, frame: Stored | IdentityFrame) -> Frame | None:
        if isinstance(frame, IdentityFrame):
            accepted = await self._gateway.identify(self._conversation.id, frame.token)
            return {"type": "identity", "accepted": accepted}
        await self._store(frame)
        return None if frame.client_id is None else {"type": "ack", "client_id": frame.client_id}

    async def _store(self, frame: Stored) -> None:
        match frame:
            case TextFrame():
                incoming = Incoming(Kind.TEXT, text=frame.text)
            case ButtonFrame():
                incoming = Incoming(Kind.BUTTON, button_id=frame.id)
            case LanguageFrame():
                current = await self._gateway.snapshot(self._conversation.id)
                await self._gateway.change_language(
                    current.conversation, frame.language, name=frame.client_id
                )
                return
        named = replace(incoming, provider_message_id=frame.client_id, client=self._client)
        await self._gateway.receive(self._conversation.id, named)


def _refusal(code: str, **facts: Any) -> Frame:
    return {"type": "error", "code": code} | facts
