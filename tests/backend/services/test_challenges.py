"""Codes on their own: budgets at their limits, binding, the order of a try."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from backend.adapters.crypto import new_id
from backend.adapters.tables.challenges import challenges as table
from backend.core.challenges import Challenge, State
from backend.core.errors import (
    CodeExhausted,
    CodeExpired,
    CodesBlocked,
    CodeUsed,
    CodeWait,
    CodeWrong,
    DestinationLimit,
    SendsStopped,
    SportelloError,
)
from backend.core.limits import Limits
from backend.services.challenges import Sending, Try
from tests.backend.desk import Desk, desk_settings, opened_desk

MOBILE = "+393201234519"


def sending(**changes: object) -> Sending:
    usual = Sending(
        purpose="register",
        conversation_id=new_id("c"),
        subject="customer/1",
        market="it",
        language="it",
        channel="sms",
        client=None,
        contact=MOBILE,
    )
    return replace(usual, **changes)  # type: ignore[arg-type]


def issue(desk: Desk, what: Sending | None = None) -> Challenge:
    with desk.backend.uow() as uow:
        challenge = desk.backend.challenges.issue(uow, what or sending())
        uow.commit()
    return challenge


def attempt(desk: Desk, challenge: Challenge, code: str | None = None, **changes: object) -> Try:
    usual = Try(
        challenge_id=challenge.id,
        purpose=challenge.purpose,
        conversation_id=challenge.conversation_id,
        message_id=desk.message_id(),
        market="it",
        client=None,
        code=code or desk.code_to(challenge.destination),
    )
    return replace(usual, **changes)  # type: ignore[arg-type]


def check(desk: Desk, one: Try) -> SportelloError | None:
    refused = desk.backend.challenges.count(one)
    if refused:
        return refused
    with desk.backend.uow() as uow:
        failure = desk.backend.challenges.settle(uow, one)
        uow.commit()
    return failure


def wrong(desk: Desk, challenge: Challenge) -> str:
    return f"{(int(desk.code_to(challenge.destination)) + 1) % 1_000_000:06d}"


def state_of(desk: Desk, challenge: Challenge) -> State:
    with desk.backend.uow(read_only=True) as uow:
        return uow.challenges.get(challenge.id).state


def test_a_code_has_six_digits_and_keeps_its_zeros(desk: Desk) -> None:
    challenge = issue(desk)

    assert len(desk.code_to(MOBILE)) == 6
    assert check(desk, attempt(desk, challenge)) is None


def test_the_code_is_kept_as_a_keyed_hash_only(desk: Desk, tmp_path: Path) -> None:
    challenge = issue(desk)
    code = desk.code_to(MOBILE)

    with desk.backend.uow(read_only=True) as uow:
        (row,) = uow.connection.execute(select(table).where(table.c.id == challenge.id))
    kept = " ".join(str(value) for value in row)
    assert code not in kept
    assert MOBILE not in kept


@pytest.mark.parametrize(
    "change",
    [{"purpose": "login"}, {"conversation_id": "c_another"}],
    ids=["purpose", "conversation"],
)
def test_a_code_is_bound_to(desk: Desk, change: dict[str, str]) -> None:
    challenge = issue(desk)

    assert isinstance(check(desk, attempt(desk, challenge, **change)), SportelloError)
    assert state_of(desk, challenge) is State.ISSUED
    assert check(desk, attempt(desk, challenge)) is None


def test_a_try_is_counted_before_it_is_compared(desk: Desk) -> None:
    challenge = issue(desk)
    counted = attempt(desk, challenge)

    assert desk.backend.challenges.count(counted) is None

    with desk.backend.uow(read_only=True) as uow:
        kept = uow.challenges.get(challenge.id)
    assert (kept.attempts, kept.state) == (1, State.ISSUED)


def test_a_try_that_was_not_counted_is_never_right(desk: Desk) -> None:
    challenge = issue(desk)

    with desk.backend.uow() as uow:
        failure = desk.backend.challenges.settle(uow, attempt(desk, challenge))

    assert isinstance(failure, CodeWrong)


def test_the_same_message_with_another_code_is_no_free_try(desk: Desk) -> None:
    challenge = issue(desk)
    first = attempt(desk, challenge, wrong(desk, challenge))
    assert isinstance(check(desk, first), CodeWrong)

    again = replace(first, code=desk.code_to(MOBILE))

    assert isinstance(check(desk, again), CodeWrong)
    assert state_of(desk, challenge) is State.ISSUED


def test_the_message_that_was_right_is_right_again_and_no_other(desk: Desk) -> None:
    challenge = issue(desk)
    right = attempt(desk, challenge)

    assert check(desk, right) is None
    assert check(desk, right) is None
    assert isinstance(check(desk, attempt(desk, challenge)), CodeUsed)


def test_a_grant_is_used_once_for_its_purpose_in_its_conversation(desk: Desk) -> None:
    challenge = issue(desk)
    check(desk, attempt(desk, challenge))
    now = desk.clock.now()

    with desk.backend.uow() as uow:
        use = uow.challenges.use_grant
        assert not use(challenge.id, "login", challenge.conversation_id, now)
        assert not use(challenge.id, "register", "c_another", now)
        assert not use(challenge.id, "register", challenge.conversation_id,
                       now + timedelta(seconds=300))  # fmt: skip
        assert use(challenge.id, "register", challenge.conversation_id,
                   now + timedelta(seconds=299))  # fmt: skip
        assert not use(challenge.id, "register", challenge.conversation_id, now)


def test_the_states_of_a_challenge(desk: Desk) -> None:
    expired, exhausted, aborted = issue(desk), issue(desk), issue(desk)
    conversation = new_id("c")
    superseded = issue(desk, sending(conversation_id=conversation))
    for _ in range(5):
        last = check(desk, attempt(desk, exhausted, "no"))
    assert isinstance(last, CodeExhausted)
    with desk.backend.uow() as uow:
        desk.backend.challenges.abort(uow, aborted.conversation_id, "register")
        uow.commit()
    desk.clock.forward(120)
    issue(desk, sending(conversation_id=conversation))
    desk.backend.sweep()

    found = [state_of(desk, one) for one in (expired, exhausted, aborted, superseded)]

    assert found == [State.EXPIRED, State.EXHAUSTED, State.ABORTED, State.SUPERSEDED]
    assert isinstance(check(desk, attempt(desk, aborted, "739204")), CodeExpired)


def sends_until_refused(desk: Desk, *, every: float = 0, **about: object) -> int:
    for number in range(100):
        try:
            issue(desk, sending(**about))
        except DestinationLimit:
            return number
        desk.clock.forward(every)
    return 100


def test_five_sends_an_hour_to_one_destination(desk: Desk) -> None:
    assert sends_until_refused(desk) == 5
    desk.clock.forward(3599)
    assert sends_until_refused(desk) == 0
    desk.clock.forward(1)
    assert sends_until_refused(desk) == 5


def test_ten_sends_a_day_to_one_destination(desk: Desk) -> None:
    assert sends_until_refused(desk, every=1800) == 10
    desk.clock.forward(24 * 3600 - 10 * 1800 - 1)
    assert sends_until_refused(desk) == 0
    desk.clock.forward(1)
    assert sends_until_refused(desk) == 1


def mobile(number: int) -> str:
    return f"+39320{number:03d}4519"


def test_five_sends_an_hour_from_one_conversation(desk: Desk) -> None:
    for number in range(5):
        issue(desk, sending(conversation_id="c_one", contact=mobile(number)))

    with pytest.raises(DestinationLimit):
        issue(desk, sending(conversation_id="c_one", contact=mobile(5)))


def test_ten_sends_an_hour_from_one_client(desk: Desk) -> None:
    for number in range(10):
        issue(desk, sending(client="one", contact=mobile(number)))

    with pytest.raises(DestinationLimit):
        issue(desk, sending(client="one", contact=mobile(10)))
    issue(desk, sending(client="another", contact=mobile(10)))


def test_twenty_sms_an_hour_into_one_number_range(desk: Desk) -> None:
    for number in range(20):
        issue(desk, sending(contact=f"+39320123{number:04d}"))

    with pytest.raises(DestinationLimit):
        issue(desk, sending(contact="+393201239999"))
    issue(desk, sending(channel="email", contact="a@example.it"))
    issue(desk, sending(contact="+393209999999"))


@pytest.mark.parametrize(("sent", "refused"), [(2, False), (3, True)])
def test_a_daily_cap_on_all_sms(tmp_path: Path, sent: int, refused: bool) -> None:
    settings = desk_settings(tmp_path, limits=Limits(sms_day=3))
    with opened_desk(settings) as desk:
        for number in range(sent):
            issue(desk, sending(contact=mobile(number)))
        if refused:
            with pytest.raises(DestinationLimit):
                issue(desk, sending(contact=mobile(99)))
        issue(desk, sending(channel="email", contact="a@example.it"))


def test_a_refused_send_leaves_no_trace(desk: Desk) -> None:
    sends_until_refused(desk)
    before = len(desk.sent(MOBILE))

    with desk.backend.uow() as uow:
        with pytest.raises(DestinationLimit):
            desk.backend.challenges.issue(uow, sending())
        uow.commit()

    assert len(desk.sent(MOBILE)) == before


def test_a_young_code_to_the_same_contact_in_the_same_conversation_waits(desk: Desk) -> None:
    what = sending()
    issue(desk, what)
    desk.clock.forward(119)

    with pytest.raises(CodeWait) as wait:
        issue(desk, what)
    assert wait.value.facts == {"seconds": 1}


def spend_wrong_codes(desk: Desk, number: int, **about: object) -> Challenge:
    """So many wrong codes, over as many challenges as it takes."""
    spent = 0
    while True:
        challenge = issue(desk, sending(**{"contact": mobile(spent), **about}))
        for _ in range(5):
            if spent == number:
                return challenge
            check(desk, attempt(desk, challenge, "no"))
            spent += 1


@pytest.mark.parametrize(("spent", "blocked"), [(8, False), (9, True)])
def test_the_tenth_wrong_code_of_a_subject_blocks(desk: Desk, spent: int, blocked: bool) -> None:
    challenge = spend_wrong_codes(desk, spent)

    failure = check(desk, attempt(desk, challenge, "no"))

    assert isinstance(failure, CodesBlocked) is blocked
    if blocked:
        with pytest.raises(CodesBlocked):
            issue(desk, sending(contact=mobile(90)))
        issue(desk, sending(contact=mobile(91), subject="customer/2"))
        issue(desk, sending(contact=mobile(92), purpose="login"))


def test_a_blocked_subject_cannot_use_a_code_that_is_still_open(desk: Desk) -> None:
    other = issue(desk, sending(contact=mobile(80)))
    code = desk.code_to(other.destination)
    for start in (0, 5):
        challenge = issue(desk, sending(contact=mobile(start)))
        for _ in range(5):
            check(desk, attempt(desk, challenge, "no"))

    one = attempt(desk, other, code)
    assert isinstance(desk.backend.challenges.count(one), CodesBlocked)
    with desk.backend.uow() as uow:
        assert desk.backend.challenges.settle(uow, one) is not None


def test_a_right_code_is_not_held_against_the_subject(desk: Desk) -> None:
    for number in range(12):
        challenge = issue(desk, sending(contact=mobile(number)))
        assert check(desk, attempt(desk, challenge)) is None


@pytest.mark.parametrize(("spent", "blocked"), [(29, False), (30, True)])
def test_thirty_wrong_codes_an_hour_from_one_client(desk: Desk, spent: int, blocked: bool) -> None:
    for number in range(spent):
        if number % 5 == 0:
            challenge = issue(desk, sending(contact=mobile(number), subject=f"customer/{number}"))
        check(desk, attempt(desk, challenge, "no", client="one"))
    last = issue(desk, sending(contact=mobile(99), subject="customer/99"))

    failure = check(desk, attempt(desk, last, client="one"))

    assert isinstance(failure, CodesBlocked) is blocked


@pytest.mark.parametrize(("spent", "stopped"), [(19, False), (20, True)])
def test_many_wrong_codes_anywhere_raise_an_alarm_and_stop_all_sends(
    tmp_path: Path, spent: int, stopped: bool
) -> None:
    limits = Limits(wrong_global_alarm_hour=10, wrong_global_stop_hour=20)
    with opened_desk(desk_settings(tmp_path, limits=limits)) as desk, capture_logs() as logs:
        for number in range(spent):
            if number % 5 == 0:
                challenge = issue(
                    desk, sending(contact=mobile(number), subject=f"customer/{number}")
                )
            check(desk, attempt(desk, challenge, "no"))

        alarms = [line for line in logs if line["event"] == "codes.many_wrong"]
        assert len(alarms) == 1
        if stopped:
            with pytest.raises(SendsStopped):
                issue(desk, sending(contact=mobile(99), subject="customer/99"))
            desk.clock.forward(3600)
        issue(desk, sending(contact=mobile(98), subject="customer/98"))


def test_the_default_numbers_are_those_of_the_rules() -> None:
    limits = Limits()

    assert (limits.otp_ttl, limits.otp_tries, limits.otp_resends) == (120, 5, 3)
    assert (limits.link_ttl, limits.password_link_ttl, limits.grant_ttl) == (600, 600, 300)
    assert (limits.send_destination_hour, limits.send_destination_day) == (5, 10)
    assert (limits.send_conversation_hour, limits.send_client_hour) == (5, 10)
    assert (limits.wrong_subject_day, limits.wrong_global_alarm_hour) == (10, 200)
    assert limits.wrong_global_stop_hour == 1_000
    assert (limits.match_conversation, limits.match_client_hour) == (5, 10)
    assert (limits.match_policy_day, limits.flow_idle) == (5, 900)
    assert (limits.login_free, limits.login_wait, limits.login_wait_most) == (5, 30, 900)
