"""What happens at once: two conversations, two messages, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from backend.core.flow import Command, Step, Turn
from tests.backend.desk import Desk, Talk
from tests.backend.services.people import registered
from tests.backend.services.update_mobile.form import (
    NEW,
    NEW_BUDI,
    NEW_BUDI_WRITTEN,
    PERSON,
    asks,
    at_the_code,
    budi_proved,
    customer,
    giulia_proved,
    kept_files,
    lost,
    requests,
)


def at_once(talks: list[tuple[Talk, Turn]]) -> list[Step]:
    barrier = Barrier(len(talks))

    def run(talk: Talk, turn: Turn) -> Callable[[], Step]:
        def call() -> Step:
            barrier.wait()
            return talk.flow.advance(turn)

        return call

    with ThreadPoolExecutor(len(talks)) as pool:
        return [done.result() for done in [pool.submit(run(*each)) for each in talks]]


def codes_of(steps: list[Step]) -> list[str]:
    return sorted(remark.code for step in steps for remark in step.remarks)


def newest_codes(desk: Desk, to: str, count: int) -> list[str]:
    """Of the last *count* codes, the oldest first."""
    return [body[:6] for body in reversed(desk.sent(to)[:count])]


def test_two_conversations_of_one_customer_file_one_request(any_desk: Desk) -> None:
    registered(any_desk, "giulia")
    talks = [at_the_code(any_desk, giulia_proved(any_desk)) for _ in range(2)]
    codes = newest_codes(any_desk, NEW, 2)

    steps = at_once(
        [(talk, talk.turn(otp_code=code)) for talk, code in zip(talks, codes, strict=True)]
    )

    assert codes_of(steps) == ["mobile_requested", "request_open"]
    assert len(requests(any_desk)) == 1
    assert any_desk.audited().count("request_submitted") == 1
    assert kept_files(any_desk) == 2


def test_one_right_code_twice_at_once_files_one_request(any_desk: Desk) -> None:
    registered(any_desk, "giulia")
    talk = at_the_code(any_desk, giulia_proved(any_desk))
    code = any_desk.code_to(NEW)

    steps = at_once([(talk, talk.turn(otp_code=code)), (talk, talk.turn(otp_code=code))])

    assert codes_of(steps) == ["flow_expired", "mobile_requested"]
    assert len(requests(any_desk)) == 1


def test_two_strangers_who_fit_file_two_requests_and_one_is_the_customers(any_desk: Desk) -> None:
    registered(any_desk, "giulia")
    talks = [at_the_code(any_desk, lost(asks(any_desk)), NEW, **PERSON) for _ in range(2)]
    codes = newest_codes(any_desk, NEW, 2)

    steps = at_once(
        [(talk, talk.turn(otp_code=code)) for talk, code in zip(talks, codes, strict=True)]
    )

    assert codes_of(steps) == ["mobile_requested"] * 2
    whose = {request.customer_id for request in requests(any_desk)}
    assert whose == {customer(any_desk).id, None}
    assert kept_files(any_desk) == 4


def test_two_conversations_change_to_one_number_once(any_desk: Desk) -> None:
    username = registered(any_desk, "budi").username
    talks = []
    for _ in range(2):
        talk = budi_proved(any_desk, username)
        talk.says(new_mobile=NEW_BUDI_WRITTEN)
        talk.says(Command.AFFIRM)
        talks.append(talk)
    codes = newest_codes(any_desk, NEW_BUDI, 2)

    steps = at_once(
        [(talk, talk.turn(otp_code=code)) for talk, code in zip(talks, codes, strict=True)]
    )

    assert codes_of(steps) == ["mobile_changed"] * 2
    assert any_desk.audited().count("mobile_changed") == 1
    assert customer(any_desk, "ID-0001", "id").details.mobile == NEW_BUDI
