"""The outbox under several workers, and under workers that are killed."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from backend.adapters.crypto import new_id
from backend.core.notices import ATTEMPTS, Status
from backend.ports import OutgoingMessage, Receipt
from backend.services.notices import Notices
from tests.backend.services.outbox import CODE, MOBILE, ROOT, Outbox
from tests.backend.services.outbox_worker import CHANNELS


class CountingSender:
    """Counts how often each message came, from any thread."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._lock = threading.Lock()

    def send(self, message: OutgoingMessage) -> Receipt:
        with self._lock:
            self.counts[message.id] += 1
        return Receipt(provider_id=new_id("p"))


def deliver_from_many(outbox: Outbox, workers: int) -> CountingSender:
    sender = CountingSender()
    senders = {"sms": sender, "email": sender}
    together = threading.Barrier(workers)

    def work() -> None:
        own = Notices(outbox.uow, outbox.clock, outbox.texts, senders)
        together.wait()
        while own.deliver_due(limit=3):
            pass

    threads = [threading.Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sender


def test_several_workers_send_each_message_once(outbox: Outbox) -> None:
    posted = [outbox.post_code() for _ in range(24)]
    assert deliver_from_many(outbox, workers=4).counts == Counter(posted)


@pytest.mark.services
def test_several_workers_send_each_message_once_on_postgresql(on_postgresql: Outbox) -> None:
    posted = [on_postgresql.post_code() for _ in range(24)]
    assert deliver_from_many(on_postgresql, workers=4).counts == Counter(posted)


@pytest.mark.services
def test_a_row_that_another_worker_is_taking_is_passed_over_on_postgresql(
    on_postgresql: Outbox,
) -> None:
    first, second = on_postgresql.post_code(), on_postgresql.post_code()
    now, lease = on_postgresql.clock.now(), timedelta(seconds=10)
    with on_postgresql.uow() as one, on_postgresql.uow() as other:
        taken = one.notices.claim(now, lease, CHANNELS)
        passed_over = other.notices.claim(now, lease, CHANNELS)
        assert taken is not None
        assert passed_over is not None
        assert (taken.id, passed_over.id) == (first, second)


@pytest.fixture
def killed_worker(outbox: Outbox, tmp_path: Path) -> KilledWorker:
    return KilledWorker(outbox, tmp_path / "ledger")


class KilledWorker:
    """Runs a worker in a process of its own up to a point and kills it there."""

    def __init__(self, outbox: Outbox, ledger: Path) -> None:
        self._outbox = outbox
        self._ledger = ledger
        ledger.touch()

    def at(self, where: str) -> list[str]:
        """Kill it *where*; gives the ids that reached the provider by then."""
        moment = self._outbox.clock.now().isoformat()
        module = "tests.backend.services.outbox_worker"
        with subprocess.Popen(
            [sys.executable, "-m", module, self._outbox.url, moment, str(self._ledger), where],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "there\n"
            process.kill()
        return self._ledger.read_text().split()


def test_a_code_claimed_by_a_killed_worker_is_sent_once_its_lease_is_over(
    outbox: Outbox, killed_worker: KilledWorker
) -> None:
    posted = outbox.post_code()
    assert killed_worker.at("claim") == []
    assert outbox.notices.deliver_due() == 0
    outbox.clock.forward(10)
    assert outbox.notices.deliver_due() == 1
    assert [message.id for message in outbox.sms.sent] == [posted]


def test_a_code_whose_worker_was_killed_while_sending_is_not_sent_twice(
    outbox: Outbox, killed_worker: KilledWorker
) -> None:
    with outbox.uow() as uow:
        longer = timedelta(minutes=10)
        posted = outbox.notices.post(uow, "sms", MOBILE, "code", "it", CODE, longer)
        uow.commit()
    assert killed_worker.at("send") == [posted]
    outbox.clock.forward(120)
    assert outbox.notices.deliver_due() == 0
    row = outbox.row(posted)
    assert (row["status"], row["reason"]) == (Status.DEAD, "outcome_unknown")


def test_another_message_whose_worker_was_killed_while_sending_comes_again_under_the_same_id(
    outbox: Outbox, killed_worker: KilledWorker
) -> None:
    posted = outbox.post_welcome()
    assert killed_worker.at("send") == [posted]
    outbox.clock.forward(119)
    assert outbox.notices.deliver_due() == 0
    outbox.clock.forward(1)
    assert outbox.notices.deliver_due() == 1
    assert [message.id for message in outbox.email.sent] == [posted]


def test_a_message_that_kills_every_worker_is_given_up(outbox: Outbox) -> None:
    posted = outbox.post_welcome()
    lease = timedelta(seconds=10)
    for _ in range(ATTEMPTS):
        with outbox.uow() as uow:
            assert uow.notices.claim(outbox.clock.now(), lease, CHANNELS) is not None
            uow.commit()
        outbox.clock.advance(lease)
    outbox.notices.deliver_due()
    assert outbox.row(posted)["reason"] == "attempts_used"
    assert not outbox.email.sent


def test_a_worker_that_lost_its_lease_changes_nothing_any_more(outbox: Outbox) -> None:
    posted = outbox.post_welcome()
    lease = timedelta(seconds=10)
    with outbox.uow() as uow:
        slow = uow.notices.claim(outbox.clock.now(), lease, CHANNELS)
        uow.commit()
    assert slow is not None
    outbox.clock.advance(lease)
    assert outbox.notices.deliver_due() == 1
    with outbox.uow() as uow:
        now = outbox.clock.now()
        assert not uow.notices.hand_over(slow, now, lease)
        assert not uow.notices.put_back(slow, now, "late")
        assert not uow.notices.settle(slow, Status.DEAD, now, keep_words=False)
        uow.commit()
    assert outbox.row(posted)["status"] == Status.SENT
