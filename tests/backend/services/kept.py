"""A customer who has left traces everywhere: account, conversation, request, files, trackers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Column, Connection, Float, Integer, MetaData, String, Table, Text, select

from backend.adapters.database import make_engine
from backend.core.conversation import Incoming, Kind, Saying, Status, TurnOutcome
from backend.core.files import NewFile, Purpose
from backend.core.flow import Command
from backend.core.requests import Kind as RequestKind
from backend.core.requests import NewRequest, Request
from backend.services.conversations import Conversations
from tests.backend.desk import GOOD_PASSWORD, Desk, Talk

MOBILE, EMAIL = "+393201234519", "giulia.bianchi@example.it"
NEW_MOBILE = "+393478899001"
SAID = "mi chiamo G**** B****, scrivo da Torre Annunziata"
CHOICE = "Torre del Greco"
DOCUMENT = b"%PDF-1.7 carta d'identita di Giulia Bianchi"


@dataclass
class Kept:
    """Where the traces are."""

    conversation_id: str
    account_id: str
    talk: Talk
    session: str
    request: Request


def registers(desk: Desk, *, channel: str = "web") -> Kept:
    """Giulia registers in a real conversation, signs in, and asks for another mobile."""
    conversations = Conversations(desk.backend.uow, desk.clock)
    _, conversation = conversations.open_session("it", "it")
    talk = desk.talk(conversation=conversation.id, channel=channel)
    talk.gives(profile="person", first_name="Giulia Bianchi", contact="3201234519")
    talk.says(Command.AFFIRM)
    talk.says(otp_code=desk.code_to(MOBILE))
    talk.sets_password()
    says(desk, conversation.id)
    tracks(desk, conversation.id)
    login = desk.backend.area.login("3201234519", GOOD_PASSWORD, language="it")
    assert login.token
    session = desk.backend.area.confirm(login.token, desk.code_to(MOBILE))
    assert session.token
    request = asks_for_mobile(desk, conversation.id, session.account_id)
    return Kept(conversation.id, session.account_id, talk, session.token, request)


def says(desk: Desk, conversation_id: str, text: str = SAID) -> None:
    """One turn of a conversation, as the gateway stores it."""
    conversations = Conversations(desk.backend.uow, desk.clock)
    conversations.receive(conversation_id, Incoming(Kind.TEXT, text))
    answers(desk, conversation_id, text)


def answers(desk: Desk, conversation_id: str, text: str | None = None) -> None:
    """Run the turn of what came in first."""
    conversations = Conversations(desk.backend.uow, desk.clock)
    claim = conversations.claim(conversation_id, "w_1", now=0, until=60)
    assert claim
    outcome = TurnOutcome(
        Status.DONE, (Saying("Va bene.", ((CHOICE, "/affirm"),)),), "it", None, None, text
    )
    assert conversations.finish(claim, "w_1", outcome)


def asks_for_mobile(desk: Desk, conversation_id: str, account_id: str) -> Request:
    """A request with consent and an identity document, waiting for a person."""
    backend, now = desk.backend, desk.clock.now()
    with backend.uow() as uow:
        account = uow.accounts.get(account_id)
        assert account
        consent = uow.accounts.add_consent(
            conversation_id=conversation_id, market="it", kind="request_data", version="2025-01",
            language="it", channel="web", given_at=now,
        )  # fmt: skip
        uow.accounts.own_consent(consent, account_id)
        request = backend.requests.submit(
            uow,
            NewRequest(
                market="it",
                kind=RequestKind.MOBILE_CHANGE,
                customer_id=account.customer_id,
                account_id=account_id,
                conversation_id=conversation_id,
                language="it",
                channel="web",
                is_proven=True,
                details={"new_mobile": NEW_MOBILE, "city": "Torre Annunziata"},
                contact=EMAIL,
            ),
        )
        uow.files.add(NewFile(Purpose.IDENTITY, request.id, "application/pdf", DOCUMENT, "front",
                              "identity_card"), now)  # fmt: skip
        uow.commit()
    return request


def approves(desk: Desk, request: Request) -> None:
    desk.backend.requests.approve(request.number, "staff@example.com", request.version)


def tracks(desk: Desk, conversation_id: str, *events: tuple[float, str], text: str = SAID) -> None:
    """Write events (seconds from now, type) as the engine does."""
    now = desk.clock.now().timestamp()
    rows = [
        {
            "sender_id": conversation_id,
            "type_name": kind,
            "timestamp": now + seconds,
            "data": json.dumps({"text": text}),
        }
        for seconds, kind in events or ((-9, "session_started"), (-8, "user"))
    ]
    with _tracker_database(desk) as connection:
        _EVENTS.metadata.create_all(connection)
        connection.execute(_EVENTS.insert(), rows)


def tracked(desk: Desk) -> list[tuple[str, str]]:
    """Sender and type of every event that is still there, in order."""
    query = select(_EVENTS.c.sender_id, _EVENTS.c.type_name).order_by(_EVENTS.c.id)
    with _tracker_database(desk) as connection:
        return [(sender, kind) for sender, kind in connection.execute(query)]


@contextmanager
def _tracker_database(desk: Desk) -> Iterator[Connection]:
    engine = make_engine(desk.backend.settings.tracker_database_url, pool_size=1)
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


_EVENTS = Table(
    "events",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("sender_id", String(255), nullable=False, index=True),
    Column("type_name", String(255), nullable=False),
    Column("timestamp", Float),
    Column("intent_name", String(255)),
    Column("action_name", String(255)),
    Column("data", Text),
)
"""As Rasa's SQLTrackerStore makes it."""
