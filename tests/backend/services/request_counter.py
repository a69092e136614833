"""The counter at which requests are filed and decided, on top of a desk."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select

from backend.adapters.tables.notices import notices
from backend.core.audit import Event
from backend.core.contact_changes import ContactChange
from backend.core.conversation import Incoming, Status
from backend.core.conversation import Kind as Incomings
from backend.core.customers import Account, Customer
from backend.core.files import NewFile, Purpose
from backend.core.requests import Kind, NewRequest, Reason, Request
from backend.services.conversations import Conversations
from tests.backend.desk import GOOD_PASSWORD, Desk

ANNA = "anna.verdi@staff.example.it"
BRUNO = "bruno.neri@staff.example.it"
OLD, NEW = "+393201234519", "+393481112233"
EMAIL = "giulia.bianchi@example.it"


@dataclass
class Counter:
    """Files requests of Giulia Bianchi, unless told otherwise."""

    desk: Desk
    market: str = "it"
    customer_number: str = "IT-0001"
    conversation: str = field(default="")

    def __post_init__(self) -> None:
        self.requests = self.desk.backend.requests
        self.conversations = Conversations(self.desk.backend.uow, self.desk.clock)
        self.conversation = self.conversations.open_session(self.market, self.market)[1].id

    @property
    def customer(self) -> Customer:
        with self.desk.backend.uow(read_only=True) as uow:
            found = uow.customers.by_number(self.market, self.customer_number)
        assert found
        return found

    @property
    def mobile(self) -> str:
        """What is on file now, by its index too."""
        customer = self.customer
        with self.desk.backend.uow(read_only=True) as uow:
            found = uow.customers.with_datum(self.market, "mobile", customer.details.mobile)
        assert not customer.details.mobile or customer in found
        return customer.details.mobile

    def opens_account(self, username: str = EMAIL) -> Account:
        with self.desk.backend.uow() as uow:
            account = uow.accounts.add(
                market=self.market,
                customer_id=self.customer.id,
                username=username,
                kind="contact",
                language=self.market,
                now=self.desk.clock.now(),
            )
            hashed = self.desk.backend.accounts.hash_password(account, GOOD_PASSWORD)
            uow.accounts.set_password(account.id, hashed, self.desk.clock.now())
            uow.commit()
        return account

    def new(self, kind: Kind = Kind.MOBILE_CHANGE, **values: Any) -> NewRequest:
        about = {
            "market": self.market,
            "kind": kind,
            "customer_id": self.customer.id,
            "account_id": None,
            "conversation_id": self.conversation,
            "language": self.market,
            "channel": "web",
            "is_proven": True,
            "details": {"new_mobile": NEW, "first_name": "Giulia", "city": "Torino"},
            "contact": EMAIL,
        }
        return NewRequest(**about | values)

    def files(self, *, with_document: bool = True, **values: Any) -> Request:
        with self.desk.backend.uow() as uow:
            request = self.requests.submit(uow, self.new(**values))
            if with_document:
                photo = NewFile(Purpose.IDENTITY, request.id, "image/jpeg", b"a photo", "front")
                uow.files.add(photo, self.desk.clock.now())
            uow.commit()
        return request

    def approves(self, request: Request, by: str = ANNA, version: int = 1) -> None:
        self.requests.approve(request.number, by, version)

    def rejects(
        self, request: Request, by: str = ANNA, version: int = 1,
        reason: Reason = Reason.DATA_DIFFER, note: str = "",
    ) -> None:  # fmt: skip
        self.requests.reject(request.number, by, reason, version, note)

    def withdraws(self, request: Request) -> None:
        with self.desk.backend.uow() as uow:
            self.requests.withdraw(uow, request)
            uow.commit()

    def changes_by_codes(self, new_mobile: str = NEW) -> ContactChange | None:
        """The Indonesian way: the codes were right."""
        with self.desk.backend.uow() as uow:
            change = self.desk.backend.contact_changes.apply_mobile(
                uow, self.customer, new_mobile, self.desk.clock.now(),
                conversation_id=self.conversation,
            )  # fmt: skip
            uow.commit()
        return change

    def seen_again(self, request: Request) -> Request:
        with self.desk.backend.uow(read_only=True) as uow:
            return self.requests.numbered(uow, request.number)

    def changes(self) -> list[ContactChange]:
        with self.desk.backend.uow(read_only=True) as uow:
            return uow.contact_changes.of_customer(self.customer.id)

    def tokens(self, to: str) -> list[str]:
        """Of every link that was sent to a contact, newest first."""
        found = (re.search(r"/t/([\w-]{43})(?!\S)", body) for body in self.desk.sent(to))
        return [match[1] for match in found if match]

    def heard(self) -> list[Incoming]:
        """The events that wait in the conversation; its turns are then over."""
        heard = []
        while claim := self.conversations.claim(self.conversation, "w_1", now=0.0, until=9.0):
            heard.append(claim.incoming)
            with self.desk.backend.uow() as uow:
                uow.conversations.end_inbound(claim.inbound_id, Status.DONE, self.desk.clock.now())
                uow.commit()
        assert all(each.kind is Incomings.EVENT for each in heard)
        return heard

    def sent(self, template: str) -> int:
        """How many notices of *template* were written."""
        query = select(func.count()).where(notices.c.template == template)
        with self.desk.backend.uow(read_only=True) as uow:
            return int(uow.connection.execute(query).scalar_one())

    def audited(self, event: Event) -> int:
        return self.desk.audited().count(event)
