"""What a conversation is made of, as the gateway and its store speak of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Kind(StrEnum):
    """How something came in."""

    TEXT = "text"
    BUTTON = "button"
    EVENT = "event"
    """The house itself has something to go on with: a page was done, a language was chosen."""


class Nature(StrEnum):
    """What a message is that is more, or other, than text."""

    PHOTO = "photo"
    DOCUMENT = "document"
    VOICE = "voice"
    VIDEO = "video"
    STICKER = "sticker"
    LOCATION = "location"
    CONTACT = "contact"
    REACTION = "reaction"
    EDITED = "edited"
    DELETED = "deleted"
    UNKNOWN = "unknown"
    OPT_OUT = "opt_out"
    """The provider has heard the wish for silence."""
    OPT_IN = "opt_in"


class Status(StrEnum):
    """How far an incoming message has come."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Author(StrEnum):
    """Who said a line."""

    CUSTOMER = "customer"
    BOT = "bot"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Conversation:
    """Where a conversation stands."""

    id: str
    channel: str
    market: str
    language: str
    held_by: str
    flow: str | None
    asking: str | None
    last_seq: int
    failures: int
    """Turns that failed in a row, so that the second apology is not the first one again."""
    reply_from: str | None = None
    """Our number that the customer wrote to; None where answers are fetched (the widget)."""
    opted_out: bool = False
    """Whether the customer asked not to be written to unasked."""


@dataclass(frozen=True, slots=True)
class NewConversation:
    """What a conversation begins with: an address that writes to us, or a widget's session."""

    channel: str
    market: str
    language: str
    sender: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)
    reply_from: str | None = None


@dataclass(frozen=True, slots=True)
class Incoming:
    """Something to be stored and then handled in its order."""

    kind: Kind
    text: str = field(default="", repr=False)
    button_id: str | None = None
    intent: str | None = None
    entities: Mapping[str, str] = field(default_factory=dict, repr=False)
    provider_message_id: str | None = None
    """What the sender calls this message; a second one of the same name is the same message."""
    client: str | None = None
    """Keyed hash of the client's address."""
    nature: Nature | None = None
    """None for plain text, buttons and events."""
    media: tuple[str, ...] = ()
    """What the provider keeps of it, by the provider's names; nothing of it is fetched."""


@dataclass(frozen=True, slots=True)
class Received:
    """The row that an incoming message became, or had become before."""

    inbound_id: int
    is_new: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """A button as the server knows it."""

    id: str
    title: str
    payload: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Claim:
    """One incoming message, taken by one process to run its turn."""

    inbound_id: int
    message_id: str
    incoming: Incoming
    attempts: int
    conversation: Conversation
    choices: tuple[Choice, ...]
    """The buttons that may be pressed at this moment."""
    pressed: Choice | None
    """The button that was pressed, live or not; None if this conversation has none of that id."""


@dataclass(frozen=True, slots=True)
class PageLink:
    """A one-time page with the address of its link."""

    kind: str
    minutes: int
    url: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Saying:
    """One message of the bot, before it has a number."""

    text: str
    buttons: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """Title and payload of each choice."""
    page: PageLink | None = None


@dataclass(frozen=True, slots=True)
class TurnOutcome:
    """All that a turn changes in a conversation; stored as one."""

    status: Status
    sayings: tuple[Saying, ...]
    language: str
    flow: str | None
    asking: str | None
    customer_text: str | None = None
    """The customer's line as it may be kept; None for an event, which has none."""
    button_id: str | None = None
    wants_messages: bool | None = None
    """Whether the customer may be written to unasked from here on; None: nothing was said."""


@dataclass(frozen=True, slots=True)
class Button:
    """A button as the customer sees it."""

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class Line:
    """One message of the transcript."""

    seq: int
    author: Author
    text: str
    at: datetime
    buttons: tuple[Button, ...] = ()
    page: PageLink | None = None
    button_id: str | None = None
    provider_message_id: str | None = None
    inbound_id: int | None = None
