"""The code in a registration: wrong, late, sent again, by another channel, by link."""

from __future__ import annotations

import re

import pytest

from backend.core.errors import LinkExpired, LinkUsed
from backend.core.flow import Command, Outcome
from tests.backend.desk import Desk, Talk

MOBILE = "+393201234519"
GIULIA = {"profile": "person", "first_name": "Giulia Bianchi", "contact": "3201234519"}
BUDI = {
    "policy_type": "individual", "policy_number": "00120451", "first_name": "Budi Santoso",
    "date_of_birth": "17/08/1990",
}  # fmt: skip
BRAMBILLA = {
    "profile": "company", "company_name": "Officine Brambilla", "vat_number": "01288700154",
    "contact": "amministrazione@brambilla.example",
}  # fmt: skip


def waiting_for_code(desk: Desk, answers: dict[str, str] = GIULIA, **about: str) -> Talk:
    talk = desk.talk(**about)
    talk.gives(**answers)
    assert talk.says(Command.AFFIRM).asking == "otp_code"
    return talk


def wrong_code(desk: Desk, contact: str = MOBILE) -> str:
    return f"{(int(desk.code_to(contact)) + 1) % 1_000_000:06d}"


def test_five_wrong_codes_end_the_code_but_not_the_conversation(desk: Desk) -> None:
    talk = waiting_for_code(desk)
    right, wrong = desk.code_to(MOBILE), wrong_code(desk)

    for left in (4, 3, 2, 1):
        talk.says(otp_code=wrong)
        assert talk.remark("code_wrong").facts == {"attempts_left": left}
    talk.says(otp_code=wrong)
    assert talk.codes == ["code_exhausted"]
    talk.says(otp_code=right)
    assert talk.codes == ["code_exhausted"]

    desk.clock.forward(120)
    talk.says(Command.RESEND)
    assert talk.codes == ["code_resent"]
    assert talk.says(otp_code=desk.code_to(MOBILE)).asking == "password_page"


def test_the_fifth_try_may_be_right(desk: Desk) -> None:
    talk = waiting_for_code(desk)
    for _ in range(4):
        talk.says(otp_code=wrong_code(desk))

    assert talk.says(otp_code=desk.code_to(MOBILE)).asking == "password_page"


@pytest.mark.parametrize(("seconds", "holds"), [(119, True), (120, False), (121, False)])
def test_a_code_lives_two_minutes(desk: Desk, seconds: int, holds: bool) -> None:
    talk = waiting_for_code(desk)
    code = desk.code_to(MOBILE)
    desk.clock.forward(seconds)

    step = talk.says(otp_code=code)

    assert step.asking == ("password_page" if holds else "otp_code")
    assert ("code_expired" in talk.codes) is not holds


@pytest.mark.parametrize(("seconds", "left"), [(0, 120), (119, 1), (120, None), (121, None)])
def test_another_code_comes_only_when_the_first_is_over(
    desk: Desk, seconds: int, left: int | None
) -> None:
    talk = waiting_for_code(desk)
    desk.clock.forward(seconds)

    talk.says(Command.RESEND)

    if left is None:
        assert talk.codes == ["code_resent"]
    else:
        assert talk.remark("code_wait").facts == {"seconds": left}
        assert len(desk.sent(MOBILE)) == 1


def test_a_new_code_ends_the_old_one(desk: Desk) -> None:
    talk = waiting_for_code(desk)
    old = desk.code_to(MOBILE)
    desk.clock.forward(120)
    talk.says(Command.RESEND)
    if desk.code_to(MOBILE) != old:
        talk.says(otp_code=old)

        assert talk.codes == ["code_wrong"]


def test_yes_after_an_expired_code_sends_another(desk: Desk) -> None:
    talk = waiting_for_code(desk)
    code = desk.code_to(MOBILE)
    desk.clock.forward(120)
    talk.says(otp_code=code)
    assert talk.codes == ["code_expired"]

    talk.says(Command.AFFIRM)

    assert talk.codes == ["code_resent"]


def test_three_more_codes_and_no_fourth(desk: Desk) -> None:
    talk = waiting_for_code(desk)

    for _ in range(3):
        desk.clock.forward(120)
        talk.says(Command.RESEND)
        assert talk.codes == ["code_resent"]
    desk.clock.forward(120)
    talk.says(Command.RESEND)

    assert talk.codes == ["resends_used"]
    assert len(desk.sent(MOBILE)) == 4


@pytest.mark.parametrize("typed", ["12345", "1234567", "abc", "739204 o 111222"])
def test_what_is_no_code_spends_no_try(desk: Desk, typed: str) -> None:
    talk = waiting_for_code(desk)

    talk.says(otp_code=typed)
    assert talk.codes == ["code_malformed"]
    talk.says(otp_code=wrong_code(desk))

    assert talk.remark("code_wrong").facts == {"attempts_left": 4}


def test_a_code_is_read_from_a_sentence_in_any_digits(desk: Desk) -> None:
    talk = waiting_for_code(desk)
    eastern = desk.code_to(MOBILE).translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))

    step = talk.says(otp_code=f"il codice è {eastern[:3]} {eastern[3:]}")

    assert step.asking == "password_page"


def test_ten_wrong_codes_in_a_day_call_for_a_person_over_conversations(desk: Desk) -> None:
    first = waiting_for_code(desk)
    for _ in range(5):
        first.says(otp_code=wrong_code(desk))
    desk.clock.forward(121)
    second = waiting_for_code(desk)
    for _ in range(4):
        second.says(otp_code=wrong_code(desk))
        assert second.codes == ["code_wrong"]

    step = second.says(otp_code=wrong_code(desk))

    assert "codes_blocked" in second.codes
    assert step.outcome is Outcome.PERSON


@pytest.mark.parametrize(("hours", "blocked"), [(23, True), (25, False)])
def test_who_was_blocked_gets_no_code_for_a_day(desk: Desk, hours: int, blocked: bool) -> None:
    for _ in range(2):
        talk = waiting_for_code(desk)
        for _ in range(5):
            talk.says(otp_code=wrong_code(desk))
        desk.clock.forward(121)
    assert "codes_blocked" in talk.codes
    desk.clock.forward(hours * 3600)

    talk = desk.talk()
    talk.gives(**GIULIA)
    step = talk.says(Command.AFFIRM)

    assert ("codes_blocked" in talk.codes) is blocked
    assert (step.outcome is Outcome.PERSON) is blocked


def test_a_code_of_another_conversation_is_wrong(desk: Desk) -> None:
    first = waiting_for_code(desk)
    code_of_first = desk.code_to(MOBILE)
    second = waiting_for_code(desk)

    if desk.code_to(MOBILE) != code_of_first:
        second.says(otp_code=code_of_first)
        assert second.codes == ["code_wrong"]
    assert first.says(otp_code=code_of_first).asking == "password_page"


def test_a_used_code_is_not_taken_again(desk: Desk) -> None:
    talk = waiting_for_code(desk)
    code = desk.code_to(MOBILE)
    talk.says(otp_code=code)

    step = talk.says(otp_code=code)

    assert step.asking == "password_page"
    assert talk.codes == ["password_waiting"]
    assert desk.audited().count("account_created") == 1


def test_the_other_channel_is_no_resend_to_wait_for(desk: Desk) -> None:
    talk = waiting_for_code(desk, BUDI, market="id")
    by_sms = desk.code_to("+6281234567890")

    talk.says(Command.OTHER_CHANNEL)

    changed = talk.remark("channel_changed")
    assert changed.facts["destination"] == "bu****@e****.co.id"
    by_mail = desk.code_to("budi.santoso@example.co.id")
    if by_sms != by_mail:
        talk.says(otp_code=by_sms)
        assert talk.codes == ["code_wrong"]
    assert talk.says(otp_code=by_mail).asking == "password_page"


def test_back_to_a_channel_whose_code_is_young_waits(desk: Desk) -> None:
    talk = waiting_for_code(desk, BUDI, market="id")
    desk.clock.forward(20)
    talk.says(Command.OTHER_CHANNEL)
    desk.clock.forward(20)

    step = talk.says(Command.OTHER_CHANNEL)

    assert talk.remark("code_wait").facts == {"seconds": 80}
    assert step.facts["channel"] == "email"
    assert talk.says(otp_code=desk.code_to("budi.santoso@example.co.id")).asking == "password_page"


def test_changes_of_channel_count_as_sends(desk: Desk) -> None:
    talk = waiting_for_code(desk, BUDI, market="id")
    for _ in range(3):
        talk.says(Command.OTHER_CHANNEL)
        assert talk.codes == ["channel_changed"]
        desk.clock.forward(120)

    talk.says(Command.OTHER_CHANNEL)

    assert talk.codes == ["resends_used"]


def test_a_named_channel_is_taken(desk: Desk) -> None:
    talk = waiting_for_code(desk, BUDI, market="id")

    assert talk.says(code_channel="e-mail").facts["channel"] == "email"
    talk.says(code_channel="whatsapp")
    assert talk.codes == ["no_other_channel"]


def test_who_has_one_contact_has_no_other_channel(desk: Desk) -> None:
    talk = waiting_for_code(desk)

    talk.says(Command.OTHER_CHANNEL)

    assert talk.codes == ["no_other_channel"]


def token_sent_to(desk: Desk, contact: str) -> str:
    match = re.search(r"/t/([\w-]+)", desk.sent(contact)[0])
    assert match
    return match.group(1)


def test_the_link_confirms_instead_of_the_code(desk: Desk) -> None:
    talk = waiting_for_code(desk, BRAMBILLA)
    contact = BRAMBILLA["contact"]
    code, token = desk.code_to(contact), token_sent_to(desk, contact)

    assert desk.backend.pages.confirm(token).conversation_id == talk.id
    step = talk.says(Command.LINK_CONFIRMED)

    assert talk.codes == ["link_confirmed", "account_ready", "password_link"]
    assert step.asking == "password_page"
    with pytest.raises(LinkUsed):
        desk.backend.pages.confirm(token)
    talk.says(otp_code=code)
    assert desk.audited().count("account_created") == 1


def test_looking_at_the_link_consumes_nothing(desk: Desk) -> None:
    talk = waiting_for_code(desk, BRAMBILLA)
    contact = BRAMBILLA["contact"]
    token = token_sent_to(desk, contact)

    for _ in range(3):
        assert desk.backend.pages.view(token).kind == "confirm"

    assert talk.says(otp_code=desk.code_to(contact)).asking == "password_page"
    with pytest.raises(LinkUsed):
        desk.backend.pages.confirm(token)


@pytest.mark.parametrize(("seconds", "holds"), [(599, True), (600, False), (601, False)])
def test_the_link_lives_ten_minutes_and_outlives_the_code(
    desk: Desk, seconds: int, holds: bool
) -> None:
    talk = waiting_for_code(desk, BRAMBILLA)
    token = token_sent_to(desk, BRAMBILLA["contact"])
    desk.clock.forward(seconds)

    if holds:
        desk.backend.pages.confirm(token)
        assert talk.says(Command.LINK_CONFIRMED).asking == "password_page"
    else:
        with pytest.raises(LinkExpired):
            desk.backend.pages.confirm(token)


def test_five_wrong_codes_end_the_link_too(desk: Desk) -> None:
    talk = waiting_for_code(desk, BRAMBILLA)
    contact = BRAMBILLA["contact"]
    token = token_sent_to(desk, contact)
    for _ in range(5):
        talk.says(otp_code=wrong_code(desk, contact))

    with pytest.raises(LinkExpired):
        desk.backend.pages.confirm(token)


def test_an_expired_link_asks_for_a_new_code(desk: Desk) -> None:
    talk = waiting_for_code(desk, BRAMBILLA)
    token = token_sent_to(desk, BRAMBILLA["contact"])
    desk.clock.forward(600)

    assert desk.backend.pages.renew(token).conversation_id == talk.id
    talk.says(Command.PAGE_RENEWAL)

    assert talk.codes == ["code_resent"]
    assert token_sent_to(desk, BRAMBILLA["contact"]) != token


def test_a_link_that_is_open_is_not_renewed(desk: Desk) -> None:
    waiting_for_code(desk, BRAMBILLA)

    with pytest.raises(LinkUsed):
        desk.backend.pages.renew(token_sent_to(desk, BRAMBILLA["contact"]))


@pytest.mark.parametrize(("seconds", "holds"), [(299, True), (300, False), (301, False)])
def test_a_confirmed_link_opens_the_next_step_for_five_minutes(
    desk: Desk, seconds: int, holds: bool
) -> None:
    talk = waiting_for_code(desk, BRAMBILLA)
    desk.backend.pages.confirm(token_sent_to(desk, BRAMBILLA["contact"]))
    desk.clock.forward(seconds)

    step = talk.says(Command.LINK_CONFIRMED)

    assert step.asking == ("password_page" if holds else "otp_code")
    if not holds:
        talk.says(Command.RESEND)
        assert "code_and_link_sent" in talk.codes
