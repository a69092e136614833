"""One customer's visit: says, waits, answers what is asked, says again what got an apology."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event
from time import monotonic
from typing import Any

import httpx
from sqlalchemy import Row, select

from backend.adapters.tables.conversations import inbound
from backend.adapters.tables.notices import notices
from backend.bootstrap import Backend
from backend.core.conversation import Choice, Conversation
from backend.core.errors import Unavailable
from tests.chaos import Chance, effects
from tests.chaos.customers import FIRST, Customer, username_of
from tests.chaos.lines import Line, pause
from tests.chaos.talks import ASIDES, CANCEL
from tests.chaos.twilio import ChaoticTwilio
from tests.talk import PASSWORD, submit
from tests.walk import uploads

MOST_TURNS = 60
_ANSWERED_WITHIN = 240.0
_PATIENCE = 15.0
"""So long a customer waits for the last of the answers before going on."""
_ASIDE, _TAP = 0.2, 0.5


class Stuck(Exception):
    """The visit got nowhere; the text says where it stood."""


@dataclass
class Visit:
    """A visit and what became of it."""

    customer: Customer
    line: Line
    backend: Backend
    twilio: ChaoticTwilio
    chance: Chance
    stopping: Event
    """Set when the run is broken off."""
    problem: str = ""
    turns: int = 0
    _begun: int = 0
    _tried: set[str] = field(default_factory=set)

    def goes(self) -> None:
        """From the first word to the end; never raises."""
        try:
            while not self._is_over_now():
                self.turns += 1
                self.line.listens(pause(self.chance, after_apology=self._got_apology()))
                self._goes_on()
        except Stuck as failure:
            self.problem = f"{failure}, at {self._asking()}"
        except Exception as failure:  # noqa: BLE001 - told at the end, with all others
            self.problem = f"broke off: {type(failure).__name__}: {failure}"

    def _is_over_now(self) -> bool:
        self._waits()
        if self.turns >= MOST_TURNS and not self._is_over():
            raise Stuck(f"no end after {MOST_TURNS} turns")
        return self._is_over()

    # Waiting ------------------------------------------------------------------------------------

    def _waits(self) -> None:
        """Until all that was written is answered, and the answers have left."""
        begun = monotonic()
        while True:
            self.line.listens(0.4)
            waited = monotonic() - begun
            is_answered = self.line.is_through() and not self._reads(self._open_rows)
            if is_answered and (waited > _PATIENCE or not self._reads(self._on_the_way)):
                return
            if self.stopping.is_set():
                raise Stuck("broken off")
            if waited > _ANSWERED_WITHIN:
                raise Stuck(f"no answer within {_ANSWERED_WITHIN:.0f} s")

    def _open_rows(self) -> list[Any]:
        query = select(inbound.c.id).where(
            inbound.c.conversation_id == self._id, inbound.c.status.in_(("queued", "running"))
        )
        with self.backend.uow(read_only=True) as uow:
            rows = list(uow.connection.execute(query))
        return rows if self.line.conversation() or not self.line.sent else [None]

    def _on_the_way(self) -> list[Any]:
        query = select(notices.c.id).where(
            notices.c.lane == self._id, notices.c.due_at.is_not(None)
        )
        with self.backend.uow(read_only=True) as uow:
            return list(uow.connection.execute(query))

    # Going on -----------------------------------------------------------------------------------

    def _is_over(self) -> bool:
        if self.customer.talk.flow is None:
            return self._begun == len(self.customer.talk.says) and not self._got_apology()
        return self._begun > 0 and self._reads(
            lambda: effects.is_done(self.backend, self.customer, self.line.conversation())
        )

    def _goes_on(self) -> None:
        if self.customer.talk.flow is None:
            self._asks_next()
            return
        stands = self._reads(self._conversation)
        asking = None if stands is None else stands.asking
        if stands is None or stands.flow is None or asking is None:
            self._begun += 1
            self.line.writes(self.customer.talk.says[0])
        elif asking == "otp_code":
            self._gives_code()
        elif asking in {"password_page", "document_upload"}:
            self._does_page(asking)
        else:
            self._answers(asking)

    def _asks_next(self) -> None:
        """The next question, or the last one again where it got an apology."""
        if self._begun == 0 or not self._got_apology():
            self._begun += 1
        self.line.writes(self.customer.talk.says[self._begun - 1])

    def _answers(self, asking: str) -> None:
        answers = dict(self.customer.answers)
        if asking == "username":
            answers["username"] = str(self._reads(lambda: username_of(self.backend, self.customer)))
        said = FIRST if asking == "flow_choice" else answers.get(asking)
        if said is None:
            self.line.writes(CANCEL[self.customer.market])
            return
        if isinstance(said, str):
            self.line.writes(said)
        else:
            self._takes_first()
        if self.chance.random() < _ASIDE:
            self.line.writes(self.chance.choice(ASIDES[self.customer.market]))

    def _takes_first(self) -> None:
        choices = self._reads(self._choices)
        if not choices:
            self.line.writes("1")
        elif self.chance.random() < _TAP:
            self.line.presses(choices[0])
        else:
            self.line.writes(choices[0].title)

    def _gives_code(self) -> None:
        until = monotonic() + _PATIENCE
        while monotonic() < until:
            codes = self.twilio.codes_to(self.customer.numbers)
            if codes and codes[0] not in self._tried:
                self.line.writes(codes[0])
                self.line.listens(0)
                self._tried.add(codes[0])
                return
            if codes and self._got_apology():
                self._tried.discard(codes[0])
                continue
            self.line.listens(1.0)
        self._takes_first()  # the button is "send again"

    def _does_page(self, asking: str) -> None:
        """Do it; a page whose answer was lost, or whose time is over, is asked for anew."""
        if self._got_apology():  # perhaps for not going on by itself after the page
            self.line.writes("fatto" if self.customer.market == "it" else "sudah selesai")
            return
        url = self._reads(self._page)
        if url is not None:
            try:
                with httpx.Client(base_url=self._base(url), timeout=30, trust_env=False) as http:
                    if asking == "document_upload":
                        done = uploads(http, url)
                    else:
                        word = PASSWORD[self.customer.market]
                        done = submit(http, url, password=word, password_confirmation=word)
                if done.status_code == 200:
                    self.line.listens(3.0)
                    return
            except (httpx.HTTPError, AssertionError, IndexError):
                self.line.listens(2.0)
                return
        self.line.writes(
            "mi mandi un nuovo link" if self.customer.market == "it" else "minta link baru"
        )

    # Reading ------------------------------------------------------------------------------------

    def _reads[T](self, read: Callable[[], T]) -> T:
        """Read from the database, which may be away for a moment."""
        for _ in range(20):
            try:
                return read()
            except Unavailable:
                self.line.listens(0.5)
        return read()

    @property
    def _id(self) -> str:
        return self.line.conversation() or ""

    def _conversation(self) -> Conversation | None:
        with self.backend.uow(read_only=True) as uow:
            return uow.conversations.get(self._id)

    def _asking(self) -> str:
        stands = self._reads(self._conversation)
        return "nothing" if stands is None else f"{stands.flow}/{stands.asking}"

    def _choices(self) -> tuple[Choice, ...]:
        with self.backend.uow(read_only=True) as uow:
            return uow.conversations.live_choices(self._id)

    def _page(self) -> str | None:
        """The newest page that was shown."""
        with self.backend.uow(read_only=True) as uow:
            lines = uow.conversations.lines(self._id)
        return next((line.page.url for line in reversed(lines) if line.page), None)

    @staticmethod
    def _base(url: str) -> str:
        return url.split("/t/", maxsplit=1)[0]

    def _got_apology(self) -> bool:
        last = self._reads(self._last_row)
        return last is not None and last.status == "failed"

    def _last_row(self) -> Row[Any] | None:
        query = select(inbound.c.status).where(inbound.c.conversation_id == self._id)
        with self.backend.uow(read_only=True) as uow:
            return uow.connection.execute(query.order_by(inbound.c.id.desc())).first()
