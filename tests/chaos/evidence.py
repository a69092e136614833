"""What is left when all is over, read from the database and from the fake Twilio's record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import select

from backend.adapters.tables.challenges import challenges
from backend.adapters.tables.conversations import inbound, messages
from backend.adapters.tables.notices import notices
from backend.bootstrap import Backend
from backend.core.conversation import Author, Choice, Line, Saying
from backend.services.whatsapp import Told
from backend.unit_of_work import UnitOfWork
from tests.chaos import effects
from tests.chaos.twilio import Attempt
from tests.chaos.visit import Visit

_CODES = frozenset({"code", "code_and_link", "login_code"})


@dataclass(frozen=True)
class Inbound:
    """One row of what came in."""

    id: int
    name: str
    kind: str
    status: str
    attempts: int
    handled_at: datetime | None


@dataclass(frozen=True)
class Said:
    """One line of the transcript."""

    seq: int
    author: str
    inbound_id: int | None


@dataclass(frozen=True)
class Outgoing:
    """One row of the outbox; `key` is what the fake Twilio knows it by."""

    seq: int
    key: str
    status: str
    reason: str | None
    text: str
    is_code: bool = False


@dataclass(frozen=True)
class Evidence:
    """All there is about one visit; times of attempts and blows are those of one clock."""

    who: str
    problem: str
    sent: tuple[str, ...]
    inbound: tuple[Inbound, ...]
    said: tuple[Said, ...]
    pieces: tuple[str, ...]
    """What the transcript comes to on WhatsApp; nothing for the widget."""
    replies: tuple[Outgoing, ...]
    notices: tuple[Outgoing, ...]
    """All other messages to this customer, codes among them."""
    challenges: tuple[datetime, ...]
    attempts: Mapping[str, tuple[Attempt, ...]]
    seen: tuple[int, ...] | None
    """Lines that the widget showed, as they came; None on WhatsApp."""
    due: tuple[str, ...]
    effects: Mapping[str, int] = field(default_factory=dict)


def gathered(visit: Visit, record: Mapping[str, tuple[Attempt, ...]]) -> Evidence:
    """The evidence of one visit."""
    customer, backend = visit.customer, visit.backend
    conversation = visit.line.conversation() or ""
    is_whatsapp = customer.line == "whatsapp"
    with backend.uow(read_only=True) as uow:
        replies = _replies(uow, backend, conversation) if is_whatsapp else ()
        others = tuple(one for number in customer.numbers for one in _notices_to(uow, number))
        keys = {each.key for each in (*replies, *others)}
        return Evidence(
            who=str(customer),
            problem=visit.problem,
            sent=tuple(visit.line.sent),
            inbound=_inbound(uow, conversation),
            said=_said(uow, conversation),
            pieces=_pieces(uow, backend, conversation) if is_whatsapp else (),
            replies=replies,
            notices=others,
            challenges=tuple(
                uow.connection.scalars(
                    select(challenges.c.created_at)
                    .where(challenges.c.conversation_id == conversation)
                    .order_by(challenges.c.created_at)
                )
            ),
            attempts={key: record[key] for key in keys if key in record},
            seen=None if is_whatsapp else tuple(visit.line.seen),
            due=effects.due(customer),
            effects=effects.found(backend, customer, conversation),
        )


def _inbound(uow: UnitOfWork, conversation: str) -> tuple[Inbound, ...]:
    query = select(inbound).where(inbound.c.conversation_id == conversation)
    return tuple(
        Inbound(row.id, row.provider_message_id, row.kind, row.status, row.attempts, row.handled_at)
        for row in uow.connection.execute(query.order_by(inbound.c.id))
    )


def _said(uow: UnitOfWork, conversation: str) -> tuple[Said, ...]:
    query = select(messages).where(messages.c.conversation_id == conversation)
    return tuple(
        Said(row.seq, row.sender, row.inbound_id)
        for row in uow.connection.execute(query.order_by(messages.c.seq))
    )


def _rows_of(uow: UnitOfWork, conversation: str) -> list[Any]:
    query = select(notices).where(notices.c.lane == conversation, notices.c.template == "reply")
    return list(uow.connection.execute(query.order_by(notices.c.seq)))


def _replies(uow: UnitOfWork, backend: Backend, conversation: str) -> tuple[Outgoing, ...]:
    return tuple(
        Outgoing(row.seq, row.id, row.status, row.reason, _words(backend, row))
        for row in _rows_of(uow, conversation)
    )


def _notices_to(uow: UnitOfWork, number: str) -> tuple[Outgoing, ...]:
    bodies = {each["id"]: each["body"] for each in uow.notices.listing(number, 500)}
    query = select(notices).where(notices.c.id.in_(bodies), notices.c.channel == "sms")
    return tuple(
        Outgoing(
            row.seq,
            f"{number}: {bodies[row.id]}",
            row.status,
            row.reason,
            row.template,
            is_code=row.template in _CODES,
        )
        for row in uow.connection.execute(query.order_by(notices.c.seq))
    )


def _words(backend: Backend, row: Any) -> str:
    """What a row says; its words stay in development."""
    if row.words_sealed is None:
        return ""
    return str(backend.vault.unseal_json(row.words_sealed, "notices.words")["body"])


def _pieces(uow: UnitOfWork, backend: Backend, conversation: str) -> tuple[str, ...]:
    """What the service makes of the transcript, turn by turn, in the language of each turn."""
    assert backend.whatsapp is not None
    languages = [row.language for row in _rows_of(uow, conversation)]
    lines = [one for one in uow.conversations.lines(conversation) if one.author is Author.BOT]
    pieces: list[str] = []
    for _, turn in groupby(lines, key=lambda line: line.inbound_id):
        told = [_told(line) for line in turn]
        language = languages[min(len(pieces), len(languages) - 1)] if languages else "it"
        pieces += [words.body for words in backend.whatsapp._pieces(language, told)]
    return tuple(pieces)


def _told(line: Line) -> Told:
    choices = [Choice(button.id, button.title, "") for button in line.buttons]
    return Told(Saying(line.text, page=line.page), choices)
