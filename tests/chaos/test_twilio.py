"""The bad days of the fake Twilio, and the courier that tells of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

import httpx
import pytest

from tests.chaos import Chance
from tests.chaos.balancer import balancing
from tests.chaos.courier import Courier
from tests.chaos.twilio import ChaoticTwilio, Fate
from tests.fake_twilio import ANNA, ITALY, Webhooks

BASE = "https://desk.example.com"
SMS = {"To": ANNA, "From": ITALY, "Body": "Il codice è 123456."}
ANSWER = {
    "To": f"whatsapp:{ANNA}",
    "From": f"whatsapp:{ITALY}",
    "Body": "ciao",
    "StatusCallback": f"{BASE}/whatsapp/status?notice=n1",
}


@pytest.fixture
def twilio() -> ChaoticTwilio:
    return ChaoticTwilio(Webhooks(BASE), Chance(1))


def test_all_fates_come_and_each_is_on_record(twilio: ChaoticTwilio) -> None:
    for _ in range(200):
        twilio._take_message(dict(ANSWER))
    fates = Counter(each.fate for each in twilio.attempts)
    assert set(fates) == set(Fate)
    assert len(twilio.messages) == fates[Fate.TOLD] + fates[Fate.UNTOLD]
    assert {each.what for each in twilio.attempts} == {"n1"}


def test_on_calm_days_everything_is_taken_and_told(twilio: ChaoticTwilio) -> None:
    twilio.is_calm = True
    assert {twilio._take_message(dict(ANSWER))[0] for _ in range(50)} == {201}


def test_a_code_is_found_by_the_number_it_went_to(twilio: ChaoticTwilio) -> None:
    twilio.is_calm = True
    twilio._take_message(dict(SMS))
    assert twilio.codes_to((ANNA,)) == ["123456"]
    assert twilio.codes_to((ITALY,)) == []


@contextmanager
def serving(*statuses: int) -> Iterator[tuple[int, list[str]]]:
    """A desk that answers webhooks with these, the last one for ever; and what it got."""
    left, got = list(statuses), []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            got.append(self.path)
            self.send_response(left.pop(0) if len(left) > 1 else left[0])
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Tests print nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield server.server_port, got
        finally:
            server.shutdown()


def until_idle(courier: Courier) -> None:
    waiting = Event()
    for _ in range(3000):
        if courier.is_idle():
            return
        waiting.wait(0.01)
    raise AssertionError("never idle")


def test_what_was_not_acknowledged_is_carried_again() -> None:
    with serving(503, 204) as (port, got):
        courier = Courier(f"http://127.0.0.1:{port}", Chance(2), pace=0.01)
        courier.takes(Webhooks(BASE).message("ciao"), "SM1")
        until_idle(courier)
        courier.stop()
    assert courier.acknowledged == {"SM1"}
    assert len(got) == 2 + courier.tally["more copies"]


def test_what_was_refused_for_good_is_not() -> None:
    with serving(403) as (port, got):
        courier = Courier(f"http://127.0.0.1:{port}", Chance(2), pace=0.01)
        courier.takes(Webhooks(BASE).message("ciao"), "SM1")
        until_idle(courier)
        courier.stop()
    assert courier.acknowledged == set()
    assert len(got) == courier.tally["refused with 403"]


def test_the_balancer_passes_over_a_replica_that_is_down() -> None:
    with (
        serving(204) as (port, got),
        balancing([port, 9], Chance(3)) as balanced,
    ):
        for _ in range(8):
            answer = httpx.post(f"http://127.0.0.1:{balanced}/x", content=b"y", trust_env=False)
            assert answer.status_code == 204
    assert len(got) == 8


def test_the_balancer_hangs_up_where_nobody_is() -> None:
    with balancing([9], Chance(3)) as port, pytest.raises(httpx.TransportError):
        httpx.get(f"http://127.0.0.1:{port}", trust_env=False)
