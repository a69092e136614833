"""The outbox of WhatsApp on each database: order, the day, silence, and what is told later."""

from __future__ import annotations

import threading
from collections import defaultdict
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from backend.core.conversation import Incoming, Kind, NewConversation, Saying, Status, TurnOutcome
from backend.core.errors import Rejected, Unavailable
from backend.core.limits import Limits
from backend.core.notices import WINDOW_CLOSED
from backend.markets import load_markets
from backend.ports import OutgoingMessage, Receipt
from backend.services.conversations import Conversations
from backend.services.deliveries import Deliveries, NoticeUnknown, NotResendable
from backend.services.notices import Notices
from backend.services.whatsapp import WhatsAppReplies, WhatsAppWindow
from backend.texts import Texts
from tests.backend.desk import ROOT, Desk, desk_settings, opened_desk, temporary_postgresql

OURS, ANNA = "+390612345678", "+393331234567"
TEMPLATES = {"it": "HX" + "1" * 32}
MARKETS = load_markets(ROOT / "markets", Limits())


class Provider:
    """Takes messages from any thread; what it is to raise is told it before."""

    def __init__(self) -> None:
        self.taken: list[OutgoingMessage] = []
        self.failures: list[Exception] = []
        self._lock = threading.Lock()

    def send(self, message: OutgoingMessage) -> Receipt:
        with self._lock:
            if self.failures:
                raise self.failures.pop(0)
            self.taken.append(message)
            return Receipt(f"SM{len(self.taken)}")

    @property
    def bodies(self) -> list[str]:
        return [message.body for message in self.taken]

    def by_customer(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for message in self.taken:
            found[message.to].append(message.body)
        return found


class Line:
    """A desk on WhatsApp without the web: conversations in, a provider out."""

    def __init__(self, desk: Desk) -> None:
        self.uow, self.clock = desk.backend.uow, desk.clock
        self.texts = Texts.load(ROOT / "texts/whatsapp.yml")
        self.provider = Provider()
        self.conversations = Conversations(
            self.uow, self.clock, WhatsAppReplies(self.clock, self.texts, MARKETS)
        )
        self.deliveries = Deliveries(self.uow, self.clock)
        self.notices = self.worker()

    def worker(self) -> Notices:
        senders = {"whatsapp": self.provider, "whatsapp_media": self.provider}
        gates = {"whatsapp": WhatsAppWindow(self.clock, self.texts, TEMPLATES)}
        return Notices(self.uow, self.clock, self.texts, senders, gates=gates)

    def customer(self, number: str = ANNA) -> str:
        writes_as = NewConversation("whatsapp", "it", "it", reply_from=OURS)
        said = Incoming(Kind.TEXT, text="ciao")
        conversation, _ = self.conversations.receive_from(number, writes_as, said)
        self.answered(conversation.id)
        return conversation.id

    def answered(self, conversation: str, *said: str, **outcome: Any) -> None:
        """Something that waits there is answered with this."""
        claim = self.conversations.claim(conversation, "w", now=0.0, until=9.0)
        assert claim is not None
        sayings = tuple(Saying(each) for each in said)
        told = TurnOutcome(Status.DONE, sayings, "it", None, None, **outcome)
        assert self.conversations.finish(claim, "w", told)

    def turn(
        self,
        conversation: str,
        *said: str,
        incoming: Incoming | None = None,
        **outcome: Any,
    ) -> None:
        """Something came in, and this was said to it."""
        self.conversations.receive(conversation, incoming or Incoming(Kind.TEXT, text="ciao"))
        self.answered(conversation, *said, **outcome)

    def begins(self, conversation: str, *said: str) -> None:
        self.turn(conversation, *said, incoming=Incoming(Kind.EVENT, intent="page_done"))

    def later(self, **much: float) -> None:
        self.clock.advance(timedelta(**much))


@pytest.fixture
def line(any_desk: Desk) -> Line:
    return Line(any_desk)


def test_many_workers_keep_the_order_of_each_conversation(line: Line) -> None:
    numbers = [f"+39333000000{n}" for n in range(4)]
    for conversation in map(line.customer, numbers):
        line.turn(conversation, *(f"{n}" for n in range(6)))

    def work(own: Notices) -> None:
        idle = 0
        while idle < 20:
            idle = 0 if own.deliver_due(limit=2) else idle + 1

    threads = [threading.Thread(target=work, args=(line.worker(),)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    expected = [f"{n}" for n in range(6)]
    assert line.provider.by_customer() == dict.fromkeys(numbers, expected)


def test_a_failure_holds_back_its_own_conversation_only(line: Line) -> None:
    anna, budi = line.customer(), line.customer("+6281234567890")
    line.turn(anna, "uno", "due")
    line.turn(budi, "satu")
    line.provider.failures = [Unavailable("whatsapp_deferred")]
    line.notices.deliver_due()
    line.notices.deliver_due()
    assert line.provider.bodies == ["satu"]
    line.later(seconds=3)
    line.notices.deliver_due()
    assert line.provider.bodies == ["satu", "uno", "due"]


def test_a_turn_that_is_not_stored_says_nothing(line: Line) -> None:
    anna = line.customer()
    line.conversations.receive(anna, Incoming(Kind.TEXT, text="ciao"))
    claim = line.conversations.claim(anna, "w", now=0.0, until=9.0)
    assert claim is not None
    told = TurnOutcome(Status.DONE, (Saying("ecco"),), "it", None, None)
    assert not line.conversations.finish(claim, "another", told)
    assert line.notices.deliver_due() == 0


def test_once_the_provider_tells_of_what_a_worker_was_cut_off_at_the_next_one_leaves(
    line: Line,
) -> None:
    line.turn(line.customer(), "uno", "due")
    now = line.clock.now()
    with line.uow() as uow:
        notice = uow.notices.claim(now, timedelta(seconds=10), {"whatsapp"})
        assert notice is not None
        assert uow.notices.hand_over(notice, now, timedelta(minutes=2))
        uow.commit()
    assert line.deliveries.note(notice.id, "SM9", "sent", None)
    line.notices.deliver_due()
    assert line.provider.bodies == ["due"]


def test_who_writes_twice_at_once_has_one_conversation_and_two_messages(line: Line) -> None:
    writes_as = NewConversation("whatsapp", "it", "it", reply_from=OURS)
    found: list[Any] = []

    def work(number: int) -> None:
        said = Incoming(Kind.TEXT, text="ciao", provider_message_id=f"SM{number % 2}")
        found.append(line.conversations.receive_from(ANNA, writes_as, said))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == len(threads)
    assert len({conversation.id for conversation, _ in found}) == 1
    assert sum(received.is_new for _, received in found) == 2


@pytest.mark.services
def test_who_answers_does_not_wait_for_who_takes_a_message_in(tmp_path: Path) -> None:
    """Both touch the conversation twice: waiting for each other would be the end of one."""
    with (
        temporary_postgresql() as url,
        opened_desk(desk_settings(tmp_path, database_url=url)) as desk,
    ):
        line = Line(desk)
        anna = line.customer()
        line.conversations.receive(anna, Incoming(Kind.TEXT, text="uno"))
        claim = line.conversations.claim(anna, "w", now=0.0, until=9.0)
        assert claim is not None
        told = TurnOutcome(Status.DONE, (Saying("ecco"),), "it", None, None)
        stored: list[bool] = []
        answering = threading.Thread(
            target=lambda: stored.append(line.conversations.finish(claim, "w", told))
        )
        with line.uow() as uow:
            said = Incoming(Kind.TEXT, text="due")
            uow.conversations.add_inbound(anna, "m_2", "SM2", said, line.clock.now())
            answering.start()
            answering.join(5)
            assert stored == [True]
            uow.conversations.change(anna, seen_at=line.clock.now())
            uow.commit()


# The day ----------------------------------------------------------------------------------------


def test_after_a_day_words_wait_for_the_customer(line: Line) -> None:
    anna = line.customer()
    line.turn(anna, "prima")
    line.notices.deliver_due()
    line.later(hours=30)
    line.begins(anna, "novità uno", "novità due")
    line.notices.deliver_due()
    line.later(hours=30)
    line.begins(anna, "novità tre")
    line.notices.deliver_due()
    assert line.provider.bodies == ["prima", line.texts.get("reopen", "it")]
    assert line.provider.taken[-1].words.template == TEMPLATES["it"]

    line.turn(anna, "risposta")
    line.notices.deliver_due()
    news = ["novità uno", "novità due", "novità tre", "risposta"]
    assert line.provider.bodies[2:] == news


def test_a_refusal_because_of_the_day_is_not_the_end(line: Line) -> None:
    anna = line.customer()
    line.turn(anna, "uno")
    line.provider.failures = [Rejected(WINDOW_CLOSED)]
    line.notices.deliver_due()
    line.turn(anna, "due")
    line.notices.deliver_due()
    assert line.provider.bodies == [line.texts.get("reopen", "it"), "uno", "due"]


def test_who_opted_out_gets_answers_only(line: Line) -> None:
    anna = line.customer()
    line.turn(anna, "va bene", wants_messages=False)
    line.begins(anna, "la pagina è fatta")  # what they did themselves a moment ago
    line.later(hours=2)
    line.begins(anna, "una novità")
    line.turn(anna, "eccomi")
    line.notices.deliver_due()
    assert line.provider.bodies == ["va bene", "la pagina è fatta", "eccomi"]


def test_at_night_nobody_is_written_to_unasked(line: Line) -> None:
    anna = line.customer()
    line.later(hours=12)  # ten in the evening in Rome
    line.begins(anna, "una novità")
    line.later(hours=9, minutes=59)
    line.notices.deliver_due()
    assert line.provider.bodies == []
    line.later(minutes=1)
    line.notices.deliver_due()
    assert line.provider.bodies == ["una novità"]


def test_who_writes_at_night_gets_the_news_before_the_answer(line: Line) -> None:
    anna = line.customer()
    line.later(hours=12)
    line.begins(anna, "una novità")
    line.turn(anna, "eccomi")
    line.begins(anna, "la pagina è fatta")
    line.notices.deliver_due()
    assert line.provider.bodies == ["una novità", "eccomi", "la pagina è fatta"]


# Told later -------------------------------------------------------------------------------------


def sent(line: Line) -> str:
    line.turn(line.customer(), "uno")
    line.notices.deliver_due()
    return line.provider.taken[-1].id


def test_words_are_kept_until_they_have_arrived(line: Line) -> None:
    notice = sent(line)
    with line.uow() as uow:
        assert uow.notices.standing(notice).has_words  # type: ignore[union-attr]
    line.deliveries.note(notice, "SM1", "delivered", None)
    with line.uow() as uow:
        assert not uow.notices.standing(notice).has_words  # type: ignore[union-attr]
    assert not line.deliveries.note(notice, "SM1", "failed", 63024)


@pytest.mark.parametrize("delivery", ["receiving", "x" * 16, ""])
def test_a_status_that_nobody_knows_is_no_news(line: Line, delivery: str) -> None:
    assert not line.deliveries.note(sent(line), "SM1", delivery, None)


def test_only_what_was_given_up_can_be_sent_again(line: Line) -> None:
    notice = sent(line)
    with pytest.raises(NotResendable):
        line.deliveries.resend(notice)
    with pytest.raises(NoticeUnknown):
        line.deliveries.resend("n_nowhere")
    line.deliveries.note(notice, "SM1", "undelivered", 63024)
    line.deliveries.resend(notice)
    line.notices.deliver_due()
    assert line.provider.bodies == ["uno", "uno"]


@pytest.mark.parametrize("late", ["sent", "failed"])
def test_what_is_told_late_of_an_attempt_that_failed_is_no_news(line: Line, late: str) -> None:
    notice = sent(line)
    assert line.deliveries.note(notice, "SM1", "failed", 63018)
    assert not line.deliveries.note(notice, "SM1", late, 63018)
    line.later(minutes=1)
    assert line.notices.deliver_due() == 1
    assert line.provider.bodies == ["uno", "uno"]
    assert line.deliveries.note(notice, "SM2", "delivered", None)


def test_a_failure_told_twice_does_not_take_the_next_attempt_from_its_worker(line: Line) -> None:
    notice = sent(line)
    line.deliveries.note(notice, "SM1", "failed", 63018)
    line.later(minutes=1)
    now = line.clock.now()
    with line.uow() as uow:
        claimed = uow.notices.claim(now, timedelta(seconds=10), {"whatsapp"})
        assert claimed is not None
        assert uow.notices.hand_over(claimed, now, timedelta(minutes=2))
        uow.commit()
    assert not line.deliveries.note(notice, "SM1", "failed", 63018)
    assert line.deliveries.note(notice, "SM2", "sent", None)
    line.later(minutes=3)
    assert line.notices.deliver_due() == 1
    assert line.provider.bodies == ["uno"]


def test_a_failure_that_never_passes_is_given_up(line: Line) -> None:
    notice = sent(line)
    for attempt in range(1, 13):
        line.deliveries.note(notice, f"SM{attempt}", "failed", 63018)
        line.later(hours=0.2)
        line.notices.deliver_due()
    assert [letter.id for letter in line.deliveries.dead("whatsapp")] == [notice]
    assert len(line.provider.taken) == 12
