"""The area: pair, second code, session; and the brake on guessing."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend.core.errors import (
    CodeWait,
    CodeWrong,
    Invalid,
    LoginRefused,
    LoginThrottled,
    SessionExpired,
)
from backend.core.flow import Command
from backend.services.area import Login
from backend.settings import Hashing
from tests.backend.desk import GOOD_PASSWORD, Desk, desk_settings, opened_desk

MOBILE = "+393201234519"


def register(desk: Desk, name: str = "Giulia Bianchi", contact: str = "3201234519",
             code_to: str = MOBILE) -> None:  # fmt: skip
    talk = desk.talk()
    talk.gives(profile="person", first_name=name, contact=contact)
    talk.says(Command.AFFIRM)
    talk.says(otp_code=desk.code_to(code_to))
    talk.sets_password()


def log_in(desk: Desk, username: str = "3201234519") -> Login:
    return desk.backend.area.login(username, GOOD_PASSWORD, language="it")


def signed_in(desk: Desk) -> str:
    register(desk)
    login = log_in(desk)
    assert login.token
    token = desk.backend.area.confirm(login.token, desk.code_to(MOBILE)).token
    assert token
    return token


@pytest.mark.parametrize("username", ["3201234519", "+39 320 123 4519", "0039320.1234519"])
def test_the_pair_leads_to_a_code_on_the_mobile_on_file(desk: Desk, username: str) -> None:
    register(desk)

    login = log_in(desk, username)

    assert (login.destination, login.seconds) == ("320 *****19", 120)
    assert login.token
    assert desk.backend.area.pending(login.token).destination == "320 *****19"


def test_the_pair_alone_opens_nothing(desk: Desk) -> None:
    register(desk)
    login = log_in(desk)
    assert login.token

    for look in (desk.backend.area.session, desk.backend.area.policies):
        with pytest.raises(SessionExpired):
            look(login.token)


def test_the_second_code_opens_a_session_under_a_new_token(desk: Desk) -> None:
    register(desk)
    login = log_in(desk)
    assert login.token

    session = desk.backend.area.confirm(login.token, desk.code_to(MOBILE))

    assert session.token
    assert session.token != login.token
    assert desk.backend.area.session(session.token).username == "320 *****19"
    with pytest.raises(SessionExpired):
        desk.backend.area.pending(login.token)


def test_an_italian_account_without_a_mobile_needs_one(desk: Desk) -> None:
    register(desk, "Elena Conti", "elena.conti@example.it", "elena.conti@example.it")

    login = log_in(desk, "elena.conti@example.it")

    assert login.needs_mobile
    assert login.token is None


def test_in_indonesia_the_code_may_go_to_the_mailbox(desk: Desk) -> None:
    talk = desk.talk("id")
    talk.gives(policy_type="group", policy_number="GRP-2201-0015", first_name="Dewi Lestari",
               date_of_birth="21/07/1993")  # fmt: skip
    talk.says(Command.AFFIRM)
    talk.says(otp_code=desk.code_to("dewi.lestari@example.co.id"))
    username = str(talk.remark("account_ready").facts["username"])
    talk.sets_password()

    login = log_in(desk, username.upper())

    assert login.destination == "de****@e****.co.id"


def test_unknown_and_wrong_are_refused_alike(desk: Desk) -> None:
    register(desk)

    with pytest.raises(LoginRefused) as wrong:
        desk.backend.area.login("3201234519", "Wrong2026")
    with pytest.raises(LoginRefused) as unknown:
        desk.backend.area.login("nobody@example.it", "Wrong2026")

    assert str(wrong.value) == str(unknown.value)


def test_a_pending_account_cannot_log_in(desk: Desk) -> None:
    talk = desk.talk()
    talk.gives(profile="person", first_name="Giulia Bianchi", contact="3201234519")
    talk.says(Command.AFFIRM)
    talk.says(otp_code=desk.code_to(MOBILE))

    for password in ("", GOOD_PASSWORD):
        with pytest.raises(LoginRefused):
            desk.backend.area.login("3201234519", password)


@pytest.mark.parametrize("username", ["3201234519", "nobody@example.it"])
def test_five_free_tries_then_waits_that_double_to_a_quarter_of_an_hour(
    desk: Desk, username: str
) -> None:
    register(desk)
    for _ in range(5):
        with pytest.raises(LoginRefused):
            desk.backend.area.login(username, "Wrong2026")

    for wait in (30, 60, 120, 240, 480, 900, 900):
        with pytest.raises(LoginThrottled) as throttled:
            desk.backend.area.login(username, "Wrong2026")
        assert throttled.value.facts == {"seconds": wait}
        desk.clock.forward(wait - 1)
        with pytest.raises(LoginThrottled):
            desk.backend.area.login(username, "Wrong2026")
        desk.clock.forward(1)
        with pytest.raises(LoginRefused):
            desk.backend.area.login(username, "Wrong2026")


def test_the_right_password_does_not_pass_a_throttle(desk: Desk) -> None:
    register(desk)
    for _ in range(5):
        with pytest.raises(LoginRefused):
            desk.backend.area.login("3201234519", "Wrong2026")

    with pytest.raises(LoginThrottled):
        log_in(desk)
    desk.clock.forward(30)
    assert log_in(desk).token


def test_the_right_password_forgets_the_failures(desk: Desk) -> None:
    register(desk)
    for _ in range(3):
        for _ in range(4):
            with pytest.raises(LoginRefused):
                desk.backend.area.login("3201234519", "Wrong2026")
        assert log_in(desk).token
        desk.clock.forward(121)


def test_a_wrong_second_code_is_counted_and_a_malformed_one_is_not(desk: Desk) -> None:
    register(desk)
    login = log_in(desk)
    assert login.token
    wrong = f"{(int(desk.code_to(MOBILE)) + 1) % 1_000_000:06d}"

    with pytest.raises(Invalid):
        desk.backend.area.confirm(login.token, "12")
    with pytest.raises(CodeWrong) as failure:
        desk.backend.area.confirm(login.token, wrong)

    assert failure.value.facts == {"attempts_left": 4}


def test_logging_in_again_waits_for_the_code_under_way(desk: Desk) -> None:
    register(desk)
    first = log_in(desk)
    desk.clock.forward(30)

    second = log_in(desk)

    assert second.seconds == 90
    assert second.token
    assert second.token != first.token
    assert desk.backend.area.confirm(second.token, desk.code_to(MOBILE)).token


def test_another_code_only_when_the_first_is_over(desk: Desk) -> None:
    register(desk)
    login = log_in(desk)
    assert login.token
    desk.clock.forward(119)
    with pytest.raises(CodeWait):
        desk.backend.area.resend(login.token)

    desk.clock.forward(1)

    assert desk.backend.area.resend(login.token).seconds == 120
    assert desk.backend.area.confirm(login.token, desk.code_to(MOBILE)).token


@pytest.mark.parametrize(("seconds", "lives"), [(899, True), (900, False), (901, False)])
def test_a_session_ends_when_it_is_idle(desk: Desk, seconds: int, lives: bool) -> None:
    token = signed_in(desk)
    desk.clock.forward(seconds)
    desk.backend.sweep()

    if lives:
        assert desk.backend.area.session(token)
    else:
        with pytest.raises(SessionExpired):
            desk.backend.area.session(token)


def test_a_session_ends_after_eight_hours_however_busy(desk: Desk) -> None:
    token = signed_in(desk)
    for _ in range(8 * 6 - 1):
        desk.clock.forward(600)
        desk.backend.area.session(token)
    desk.clock.forward(600)

    with pytest.raises(SessionExpired):
        desk.backend.area.session(token)


def test_logging_out_ends_it(desk: Desk) -> None:
    token = signed_in(desk)

    desk.backend.area.logout(token)

    with pytest.raises(SessionExpired):
        desk.backend.area.policies(token)


def test_a_costlier_hash_is_made_at_the_next_login(desk: Desk, tmp_path: Path) -> None:
    register(desk)
    dearer = desk_settings(tmp_path, hashing=Hashing(memory_kib=128, time_cost=2))

    with opened_desk(dearer, is_filled=True) as later:
        later.clock.forward(60)
        assert log_in(later).token
        with later.backend.uow(read_only=True) as uow:
            account = uow.accounts.by_username("it", MOBILE)
    assert account
    assert account.password_hash
    assert "m=128,t=2" in account.password_hash
