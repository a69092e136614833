"""A right code, used for another purpose, destination, conversation or account."""

from __future__ import annotations

from tests.abuse.house import (
    ELENA,
    GIULIA,
    GIULIA_MOBILE,
    NEW_PASSWORD,
    House,
    enters,
    registering,
    resetting,
    sets_password,
    signs_in,
)


def test_the_code_of_a_reset_does_not_open_the_area(doors: House) -> None:
    username = doors.opens_account()
    resetting(doors, channel="sms")
    for_reset = doors.code(GIULIA_MOBILE)
    browser = doors.browser()
    signs_in(browser, username)
    assert doors.code(GIULIA_MOBILE) != for_reset

    enters(browser, for_reset)

    assert browser.get("/area", follow_redirects=False).status_code == 303


def test_the_code_of_the_area_does_not_reset_a_password(doors: House) -> None:
    username = doors.opens_account()
    chat = resetting(doors, channel="sms")
    signs_in(doors.browser(), username)

    assert chat.says(f"otp_code={doors.code(GIULIA_MOBILE)}") == "code_wrong"
    assert chat.asking == "otp_code"


def test_a_code_is_worth_nothing_in_another_conversation(doors: House) -> None:
    doors.opens_account()
    owner, thief = resetting(doors), resetting(doors)
    mine, thiefs = doors.codes_to(GIULIA)[1], doors.codes_to(GIULIA)[0]
    assert mine != thiefs

    assert thief.says(f"otp_code={mine}") == "code_wrong"
    assert thief.asking == "otp_code"
    owner.says(f"otp_code={mine}")
    assert owner.asking == "password_page"


def test_a_code_goes_with_the_contact_it_was_sent_to(doors: House) -> None:
    """Changing to the other contact makes what went to the first one worthless."""
    doors.opens_account()
    chat = resetting(doors, channel="email")
    to_the_mailbox = doors.code(GIULIA)
    assert chat.says("other_channel") == "channel_changed"
    assert doors.code(GIULIA_MOBILE) != to_the_mailbox

    assert chat.says(f"otp_code={to_the_mailbox}") == "code_wrong"
    assert chat.asking == "otp_code"


def test_the_code_of_ones_own_account_resets_no_other(doors: House) -> None:
    doors.opens_account()
    elena = doors.opens_account("IT-0005")
    resetting(doors, ELENA)
    thief = resetting(doors, GIULIA)

    assert thief.says(f"otp_code={doors.code(ELENA)}") == "code_wrong"
    assert doors.can_sign_in(GIULIA, "Girasole2026")
    assert elena == ELENA


def test_a_user_name_given_while_the_code_is_awaited_does_not_change_whose_it_is(
    doors: House,
) -> None:
    doors.opens_account()
    doors.opens_account("IT-0005")
    thief = resetting(doors, ELENA)
    code = doors.code(ELENA)

    thief.says(f"username={GIULIA}; otp_code={code}")

    if thief.asking == "password_page":
        sets_password(doors.browser(), thief.page, NEW_PASSWORD)
    assert not doors.can_sign_in(GIULIA, NEW_PASSWORD)
    assert doors.can_sign_in(GIULIA, "Girasole2026")


def test_the_code_of_a_flow_that_was_left_for_another_is_worth_nothing_there(
    doors: House,
) -> None:
    doors.opens_account()
    chat = resetting(doors)
    code = doors.code(GIULIA)
    chat.says("flow link_policy")
    chat.says(f"username={GIULIA}")

    chat.says(f"otp_code={code}")

    assert doors.audited().count("code_ok") == 0


def test_the_code_for_an_account_to_be_opened_is_worth_nothing_once_the_contact_is_another(
    doors: House,
) -> None:
    chat = registering(doors)
    first = doors.code(GIULIA)
    chat.says("contact=3201234519")
    if chat.asking != "otp_code":
        chat.says("affirm")

    chat.says(f"otp_code={first}")

    assert doors.number_of("select count(*) from accounts") == 0
