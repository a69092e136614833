"""Codes guessed: in parallel, across resends, conversations and accounts."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from backend.adapters.tables.challenges import challenge_attempts, challenges
from backend.core.challenges import Purpose
from backend.services.challenges import Sending, Try
from tests.abuse.house import (
    ELENA,
    GIULIA,
    GIULIA_MOBILE,
    PASSWORD,
    House,
    another,
    enters,
    registering,
    resetting,
    signs_in,
    together,
)
from tests.backend.desk import Desk
from tests.backend.services.test_races import at_once, number_of

TRIES = "select count(*) from challenge_attempts"


@pytest.mark.parametrize(
    "purpose", [Purpose.RESET, Purpose.LINK, Purpose.NEW_MOBILE, Purpose.IDENTIFY]
)
def test_fifty_guesses_at_once_use_five_tries(any_desk: Desk, purpose: Purpose) -> None:
    backend = any_desk.backend
    with backend.uow() as uow:
        issued = backend.challenges.issue(
            uow,
            Sending(purpose, "c_guesser", "somebody", "it", "it", "sms", "a-client", GIULIA_MOBILE),
        )
        uow.commit()
    code = any_desk.code_to(GIULIA_MOBILE)
    tries = [
        Try(issued.id, purpose, "c_guesser", f"m_{n}", "it", "a-client", another(code, n + 1))
        for n in range(50)
    ]

    refused = at_once([lambda each=each: backend.challenges.count(each) for each in tries])

    assert sum(failure is None for failure in refused) == 5
    assert number_of(any_desk, select(func.max(challenges.c.attempts))) == 5
    taken = [each for each, failure in zip(tries, refused, strict=True) if failure is None]
    for each in [*taken, Try(issued.id, purpose, "c_guesser", "m_late", "it", "a-client", code)]:
        backend.challenges.count(each)
        with backend.uow() as uow:
            assert backend.challenges.settle(uow, each) is not None
            uow.commit()
    # Forty-five that were turned away, and the late one, left nothing that could be compared.
    assert number_of(any_desk, select(func.count()).select_from(challenge_attempts)) == 5


def test_parallel_guesses_at_the_area_use_five_tries(doors: House) -> None:
    username = doors.opens_account()
    browser = doors.browser()
    page = signs_in(browser, username)
    assert 'name="code"' in page.text
    code = doors.code(GIULIA_MOBILE)

    together([lambda n=n: enters(browser, another(code, n)) for n in range(1, 13)])

    assert doors.number_of("select max(attempts) from challenges") == 5
    assert doors.number_of(TRIES) == 5
    assert "401122334" not in enters(browser, code).text
    assert browser.get("/area", follow_redirects=False).status_code == 303


def test_parallel_guesses_in_the_chat_are_taken_one_by_one_and_end_with_the_fifth(
    doors: House,
) -> None:
    chat = registering(doors)
    code = doors.code(GIULIA)

    together([lambda n=n: chat.says(f"otp_code={another(code, n)}") for n in range(1, 13)])

    assert doors.number_of("select max(attempts) from challenges") == 5
    chat.says(f"otp_code={code}")
    assert chat.asking == "otp_code"
    assert doors.number_of("select count(*) from accounts") == 0


def test_a_resend_gives_no_new_budget(doors: House) -> None:
    doors.opens_account()
    chat = resetting(doors)
    for _ in range(5):
        chat.says(f"otp_code={another(doors.code(GIULIA))}")
    doors.clock.forward(121)
    assert chat.says("resend") == "code_resent"
    for _ in range(4):
        assert chat.says(f"otp_code={another(doors.code(GIULIA))}") == "code_wrong"

    assert chat.says(f"otp_code={another(doors.code(GIULIA))}") == "codes_blocked"
    assert chat.last["state"]["flow"] is None
    assert len(doors.codes_to(GIULIA)) == 2


def test_a_new_conversation_gives_no_new_budget(doors: House) -> None:
    doors.opens_account()
    for _ in range(2):
        chat = resetting(doors)
        for _ in range(5):
            chat.says(f"otp_code={another(doors.code(GIULIA))}")
        doors.clock.forward(121)
    before = len(doors.outbox())

    other = doors.talk(flow="reset_password")
    other.says(f"username={GIULIA}")
    other.says("contact_choice=sms")

    assert other.asking != "password_page"
    assert len(doors.outbox()) == before
    assert doors.number_of(TRIES) == 10


def test_one_blocked_account_does_not_block_another(doors: House) -> None:
    doors.opens_account()
    doors.opens_account("IT-0005")
    for _ in range(2):
        chat = resetting(doors)
        for _ in range(5):
            chat.says(f"otp_code={another(doors.code(GIULIA))}")
        doors.clock.forward(121)

    assert resetting(doors, ELENA).says(f"otp_code={doors.code(ELENA)}")
    assert doors.engine.steps[-1].asking == "password_page"


def test_one_guesser_runs_out_of_tries_across_accounts(doors: House) -> None:
    """One address at the area: thirty wrong codes an hour, whosever account they are for."""
    people = {
        "IT-0001": GIULIA_MOBILE, "IT-0002": "+393331112244", "IT-0008": "+393476543210",
        "IT-0009": "+393351239876",
    }  # fmt: skip
    names = {doors.opens_account(number): mobile for number, mobile in people.items()}
    for _ in range(2):
        for name, mobile in names.items():
            browser = doors.browser()
            signs_in(browser, name, PASSWORD)
            for _ in range(5):
                enters(browser, another(doors.code(mobile)))
        doors.clock.forward(121)

    assert doors.number_of("select sum(attempts) from challenges") <= 40
    compared = "select count(*) from audit where event = 'code_wrong'"
    assert doors.number_of(compared) <= 30
    assert "budget_tripped" in doors.audited()
