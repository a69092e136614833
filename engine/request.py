"""The gateway's request, checked as if it came from anyone."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Any, Mapping, Optional

from engine.language import LANGUAGES

MARKETS = ("it", "id")
CHANNELS = ("web", "whatsapp")
_MAX_TEXT = 4000
_UNDERSTOOD_TEXT = 1000

_CONVERSATION = re.compile(r"c_[\w-]{22}", re.ASCII)
_MESSAGE = re.compile(r"m_[\w-]{22}", re.ASCII)
_CLIENT = re.compile(r"[\w=+/-]{8,128}", re.ASCII)
_NAME = re.compile(r"[a-z][\w/]{0,63}", re.ASCII)


class MalformedRequest(Exception):
    """The request breaks the protocol; `field` says where."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


@dataclass(frozen=True)
class Button:
    """A pressed button, resolved by the gateway: no understanding needed."""

    intent: str
    entities: Mapping[str, Any]
    text: str


@dataclass(frozen=True)
class TurnRequest:
    """One customer message (`text`) or pressed button (`button`)."""

    conversation: str
    message_id: str
    channel: str
    market: str
    language: str
    client: Optional[str]
    text: str
    button: Optional[Button]

    @classmethod
    def parse(cls, body: Any) -> "TurnRequest":
        """Raises MalformedRequest for anything that the protocol does not name."""
        if not isinstance(body, dict):
            raise MalformedRequest("body")
        client = body.get("client")
        if client is not None:
            client = _matching(_CLIENT, body, "client")
        button = _button(body["parse"]) if body.get("parse") is not None else None
        if (button is None) == (body.get("text") is None):
            raise MalformedRequest("text")
        return cls(
            conversation=_matching(_CONVERSATION, body, "conversation"),
            message_id=_matching(_MESSAGE, body, "message_id"),
            channel=_one_of(CHANNELS, body, "channel"),
            market=_one_of(MARKETS, body, "market"),
            language=_one_of(LANGUAGES, body, "language"),
            client=client,
            text=button.text if button else _text(body.get("text"), "text"),
            button=button,
        )


def message_text(body: Any) -> str:
    """The `text` of a request that has nothing else."""
    if not isinstance(body, dict):
        raise MalformedRequest("body")
    return _text(body.get("text"), "text")


def _matching(pattern: "re.Pattern[str]", body: Mapping[str, Any], field: str) -> str:
    value = body.get(field)
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise MalformedRequest(field)
    return value


def _one_of(allowed: "tuple[str, ...]", body: Mapping[str, Any], field: str) -> str:
    value = body.get(field)
    if value not in allowed:
        raise MalformedRequest(field)
    return str(value)


def _text(value: Any, field: str) -> str:
    if not isinstance(value, str) or len(value) > _MAX_TEXT:
        raise MalformedRequest(field)
    # Rasa takes a leading slash for a command; whatever is left of one is just text
    return printable(value)[:_UNDERSTOOD_TEXT].lstrip("/\\ \u00a0\t\n").strip() or "…"


def printable(text: str) -> str:
    """`text` without control, format and surrogate characters, line breaks as blanks."""
    kept = (" " if char in "\n\r\t" else char for char in text)
    return "".join(
        c for c in kept if c == "\u200d" or unicodedata.category(c) not in ("Cc", "Cf", "Cs")
    )


def _button(value: Any) -> Button:
    if not isinstance(value, dict):
        raise MalformedRequest("parse")
    entities = value.get("entities", {})
    if not isinstance(entities, dict) or not all(_is_entity(*item) for item in entities.items()):
        raise MalformedRequest("parse.entities")
    return Button(
        intent=_matching(_NAME, value, "intent"),
        entities=entities,
        text=_text(value.get("text") or value.get("intent"), "parse.text"),
    )


def _is_entity(name: Any, value: Any) -> bool:
    is_plain = isinstance(value, (bool, int)) or (isinstance(value, str) and len(value) <= 200)
    return isinstance(name, str) and bool(_NAME.fullmatch(name)) and is_plain
