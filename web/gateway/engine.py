"""The port to the dialogue engine, and its HTTP adapter.

Only shapes and failures of one exchange live here: when to try again is the turn's business.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Protocol

import httpx
from pydantic import BaseModel, ConfigDict, Field, ValidationError

_PAYLOAD = re.compile(r"^/(?P<intent>[\w/]+)\s*(?P<entities>\{.*\})?$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Parse:
    """A message whose meaning is known already: a button, or an event of the house."""

    intent: str
    entities: Mapping[str, str] = field(default_factory=dict, repr=False)
    text: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class EngineRequest:
    """One turn: either `text` to be understood or a `parse`."""

    conversation: str
    message_id: str
    channel: str
    market: str
    language: str
    client: str | None
    text: str | None = field(default=None, repr=False)
    parse: Parse | None = None


class EngineButton(BaseModel):
    """A choice the assistant offers."""

    model_config = ConfigDict(frozen=True)

    title: str
    payload: str = Field(repr=False)


class EnginePage(BaseModel):
    """A one-time page whose link belongs to a message."""

    model_config = ConfigDict(frozen=True)

    id: str
    kind: str
    minutes: int


class EngineMessage(BaseModel):
    """One message of the assistant."""

    model_config = ConfigDict(frozen=True)

    text: str = Field(default="", repr=False)
    buttons: tuple[EngineButton, ...] = ()
    page: EnginePage | None = None

    @property
    def is_empty(self) -> bool:
        return not (self.text.strip() or self.buttons or self.page)


class EngineState(BaseModel):
    """Where the dialogue stands after a turn."""

    model_config = ConfigDict(frozen=True)

    flow: str | None = None
    asking: str | None = None
    language: str


class EngineAnswer(BaseModel):
    """What a turn came to."""

    model_config = ConfigDict(frozen=True)

    messages: tuple[EngineMessage, ...] = ()
    state: EngineState
    masked_text: str | None = Field(default=None, repr=False)


class EngineError(Exception):
    """The engine gave no usable answer.

    `may_pass` tells a failure that the same request may survive a little later from one that no
    repetition mends. The text names the circumstance, never the message.
    """

    def __init__(self, circumstance: str, *, may_pass: bool) -> None:
        super().__init__(circumstance)
        self.may_pass = may_pass


class EngineClient(Protocol):
    """Whoever runs a turn of the dialogue."""

    async def turn(self, request: EngineRequest) -> EngineAnswer:
        """Run one turn; the same `message_id` again gives the same answer without a new turn.

        Raises:
            EngineError: no usable answer.
        """
        ...

    async def is_alive(self) -> bool:
        """Whether the engine could run a turn now."""
        ...


class HttpEngineClient:
    """The engine behind its gateway channel."""

    def __init__(self, base_url: str, secret: str, *, timeout: float, turns_at_once: int) -> None:
        """`timeout` is in seconds, for a turn that has begun; one beyond `turns_at_once` waits."""
        self._secret = secret
        self._turns = asyncio.Semaphore(turns_at_once)
        self._client = httpx.AsyncClient(
            base_url=base_url,
            timeout=httpx.Timeout(timeout, connect=3.0),
            follow_redirects=False,
            trust_env=False,
        )

    async def turn(self, request: EngineRequest) -> EngineAnswer:
        try:
            async with self._turns:
                response = await self._client.post(
                    "/webhooks/gateway/webhook",
                    json=_as_json(request),
                    headers={"X-Sportello-Secret": self._secret},
                )
        except httpx.TransportError as error:
            raise EngineError(type(error).__name__, may_pass=True) from None
        if response.status_code != httpx.codes.OK:
            # 5xx and 429 pass; a refused secret or a malformed request will not.
            may_pass = response.status_code >= 500 or response.status_code == 429
            raise EngineError(f"status {response.status_code}", may_pass=may_pass)
        try:
            return EngineAnswer.model_validate_json(response.content)
        except ValidationError as error:
            # pydantic's own text quotes the input, which may hold what a customer wrote.
            where = {".".join(map(str, problem["loc"])) for problem in error.errors()}
            raise EngineError(f"unreadable answer: {sorted(where)}", may_pass=False) from None

    async def is_alive(self) -> bool:
        try:
            response = await self._client.get("/webhooks/gateway/health", timeout=2.0)
        except httpx.TransportError:
            return False
        return response.status_code == httpx.codes.OK

    async def aclose(self) -> None:
        await self._client.aclose()


class ShardedEngine:
    """Several engines; a conversation always goes to the same one, where it is warm and in order.

    While its engine is down a conversation waits, as it would with a single one: another engine
    could not know whether the turn is under way still. With an engine more or less only the
    conversations of that one move (rendezvous hashing).
    """

    def __init__(self, engines: Mapping[str, EngineClient]) -> None:
        """`engines` by their addresses, which every `web` must write alike."""
        self._engines = dict(engines)

    async def turn(self, request: EngineRequest) -> EngineAnswer:
        return await self._of(request.conversation).turn(request)

    async def is_alive(self) -> bool:
        """Whether any does: the conversations of the others wait."""
        alive = await asyncio.gather(*(each.is_alive() for each in self._engines.values()))
        return any(alive)

    def _of(self, conversation: str) -> EngineClient:
        def weight(address: str) -> bytes:
            return sha256(f"{address} {conversation}".encode()).digest()

        return self._engines[max(self._engines, key=weight)]


def _as_json(request: EngineRequest) -> dict[str, Any]:
    body: dict[str, Any] = {
        "conversation": request.conversation,
        "message_id": request.message_id,
        "channel": request.channel,
        "market": request.market,
        "language": request.language,
        "client": request.client,
    }
    if request.parse is None:
        return body | {"text": request.text or ""}
    parse = request.parse
    meaning = {"intent": parse.intent, "entities": dict(parse.entities), "text": parse.text}
    return body | {"parse": meaning}


def parse_payload(payload: str, title: str) -> Parse | None:
    """Read a button's payload `/intent{"entity": "value"}`; None if it is of another form."""
    match = _PAYLOAD.match(payload.strip())
    if match is None:
        return None
    try:
        entities = json.loads(match["entities"] or "{}")
    except json.JSONDecodeError:
        return None
    return Parse(match["intent"], {name: str(value) for name, value in entities.items()}, title)
