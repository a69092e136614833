"""What happens at once: on SQLite in a file and on PostgreSQL, with real threads."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import func, select

from backend.adapters.tables.accounts import accounts
from backend.adapters.tables.challenges import challenge_attempts, challenges
from backend.adapters.tables.notices import notices
from backend.core.errors import LinkUsed, LoginRefused, LoginThrottled
from backend.core.flow import Command, Step
from tests.backend.desk import GOOD_PASSWORD, Desk, Talk

MOBILE = "+393201234519"
GIULIA = {"profile": "person", "first_name": "Giulia Bianchi", "contact": "3201234519"}


def waiting_for_code(desk: Desk) -> Talk:
    talk = desk.talk()
    talk.gives(**GIULIA)
    talk.says(Command.AFFIRM)
    return talk


def at_once(calls: list[Callable[[], Any]]) -> list[Any]:
    """Run all calls at the same moment; what one raises is its result."""
    barrier = Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        barrier.wait()
        try:
            return call()
        except Exception as failure:  # noqa: BLE001 - the failure is the result
            return failure

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def number_of(desk: Desk, query: Any) -> int:
    with desk.backend.uow(read_only=True) as uow:
        return int(uow.connection.execute(query).scalar_one())


def test_fifty_wrong_codes_at_once_spend_five_tries(any_desk: Desk) -> None:
    talk = waiting_for_code(any_desk)
    code = int(any_desk.code_to(MOBILE))
    turns = [talk.turn(otp_code=f"{(code + offset) % 1_000_000:06d}") for offset in range(1, 51)]

    steps: list[Step] = at_once(
        [lambda turn=turn: any_desk.backend.flows["register"].advance(turn) for turn in turns]
    )

    codes = [remark.code for step in steps for remark in step.remarks]
    assert len(codes) == 50
    assert set(codes) == {"code_wrong", "code_exhausted"}
    assert number_of(any_desk, select(func.max(challenges.c.attempts))) == 5
    assert number_of(any_desk, select(func.count()).select_from(challenge_attempts)) == 5
    assert talk.says(otp_code=f"{code:06d}").asking == "otp_code"


def test_the_right_code_among_fifty_at_once_counts_only_within_the_five(any_desk: Desk) -> None:
    talk = waiting_for_code(any_desk)
    code = int(any_desk.code_to(MOBILE))
    turns = [talk.turn(otp_code=f"{(code + offset) % 1_000_000:06d}") for offset in range(50)]

    at_once([lambda turn=turn: any_desk.backend.flows["register"].advance(turn) for turn in turns])

    assert number_of(any_desk, select(func.max(challenges.c.attempts))) <= 5
    assert number_of(any_desk, select(func.count()).select_from(accounts)) <= 1


@pytest.mark.parametrize("same_message", [True, False], ids=["one message twice", "two messages"])
def test_one_right_code_sent_twice_at_once_opens_one_account(
    any_desk: Desk, same_message: bool
) -> None:
    talk = waiting_for_code(any_desk)
    code = any_desk.code_to(MOBILE)
    first = talk.turn(otp_code=code)
    second = first if same_message else talk.turn(otp_code=code)
    registration = any_desk.backend.flows["register"]

    steps: list[Step] = at_once(
        [lambda turn=turn: registration.advance(turn) for turn in (first, second)]
    )

    assert [step.asking for step in steps] == ["password_page", "password_page"]
    assert number_of(any_desk, select(func.count()).select_from(accounts)) == 1
    assert any_desk.audited().count("account_created") == 1
    if same_message:
        assert steps[0] == steps[1]


def test_two_conversations_of_one_customer_finish_with_one_account(any_desk: Desk) -> None:
    talks = [waiting_for_code(any_desk), waiting_for_code(any_desk)]
    newest, oldest = (body[:6] for body in any_desk.sent(MOBILE)[:2])
    turns = [talks[0].turn(otp_code=oldest), talks[1].turn(otp_code=newest)]

    at_once([lambda turn=turn: any_desk.backend.flows["register"].advance(turn) for turn in turns])

    assert number_of(any_desk, select(func.count()).select_from(accounts)) == 1


def test_one_password_page_posted_at_once_sets_one_password(any_desk: Desk) -> None:
    talk = waiting_for_code(any_desk)
    page = talk.says(otp_code=any_desk.code_to(MOBILE)).page
    assert page
    token = any_desk.backend.pages.mint(page.id).rsplit("/", 1)[1]

    results = at_once(
        [
            lambda number=number: any_desk.backend.pages.set_password(token, f"Girasole{number}Blu")
            for number in range(10, 18)
        ]
    )

    assert sum(not isinstance(result, Exception) for result in results) == 1
    assert sum(isinstance(result, LinkUsed) for result in results) == 7
    assert any_desk.audited().count("password_set") == 1


def test_a_message_delivered_many_times_at_once_sends_one_code(any_desk: Desk) -> None:
    talk = any_desk.talk()
    talk.gives(**GIULIA)
    turn = talk.turn(Command.AFFIRM)

    steps: list[Step] = at_once([lambda: any_desk.backend.flows["register"].advance(turn)] * 8)

    assert all(step == steps[0] for step in steps)
    assert number_of(any_desk, select(func.count()).select_from(notices)) == 1


def test_wrong_passwords_at_once_spend_only_the_free_tries(any_desk: Desk) -> None:
    talk = waiting_for_code(any_desk)
    talk.says(otp_code=any_desk.code_to(MOBILE))
    talk.sets_password()

    results = at_once(
        [lambda: any_desk.backend.area.login("3201234519", "Wrong2026")] * 12
        + [lambda: any_desk.backend.area.login("3201234519", GOOD_PASSWORD + "x")] * 12
    )

    assert sum(isinstance(result, LoginRefused) for result in results) == 5
    assert sum(isinstance(result, LoginThrottled) for result in results) == 19


def test_the_audit_chain_never_forks(any_desk: Desk) -> None:
    talks = [any_desk.talk() for _ in range(8)]
    for talk in talks:
        talk.gives(profile="person", first_name="Giulia Bianchi", contact=f"32012345{talk.id[2:4]}")
        talk.gives(contact="3331112244")

    turns = [talk.turn(Command.AFFIRM) for talk in talks]

    at_once([lambda turn=turn: any_desk.backend.flows["register"].advance(turn) for turn in turns])

    with any_desk.backend.uow(read_only=True) as uow:
        report = uow.audit.verify()
    assert report.holds
    assert report.entries >= 16
