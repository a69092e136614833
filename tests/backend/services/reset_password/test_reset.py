"""A forgotten password, from the user name to a new one."""

from __future__ import annotations

import pytest

from backend.core.customers import Account
from backend.core.errors import LoginRefused
from backend.core.flow import Command, Outcome
from tests.backend.desk import Desk, Talk
from tests.backend.services.people import BUDI_MOBILE, GIULIA, GIULIA_MOBILE, registered

NEW_PASSWORD = "Papavero2027"


def forgot(desk: Desk, market: str = "it", **about: str) -> Talk:
    return desk.talk(market, flow="reset_password", client="a-client", **about)


def proves(talk: Talk, username: str, channel: str, contact: str) -> None:
    talk.says(username=username)
    talk.says(contact_choice=channel)
    talk.says(otp_code=talk.desk.code_to(contact))


@pytest.mark.parametrize(
    ("name", "market", "channel", "contact"),
    [("giulia", "it", "sms", GIULIA_MOBILE), ("budi", "id", "sms", BUDI_MOBILE)],
)
def test_user_name_code_and_page_give_a_new_password(
    desk: Desk, name: str, market: str, channel: str, contact: str
) -> None:
    account = registered(desk, name)
    talk = forgot(desk, market)
    assert talk.step.asking == "username"
    proves(talk, account.username, channel, contact)
    assert talk.step.asking == "password_page"

    talk.sets_password(NEW_PASSWORD)

    assert talk.step.outcome is Outcome.COMPLETED
    assert talk.codes == ["password_reset"]
    assert desk.backend.area.login(account.username, NEW_PASSWORD).destination


def test_contacts_are_offered_masked(desk: Desk) -> None:
    registered(desk, "giulia")
    talk = forgot(desk)
    step = talk.says(username=GIULIA)

    assert step.asking == "contact_choice"
    assert [choice.title for choice in step.choices] == ["320 *****19", "gi****@e****.it"]


def test_a_single_contact_is_not_asked_about(desk: Desk) -> None:
    registered(desk, "marco")
    talk = forgot(desk)
    talk.says(username="333 1112244")

    assert talk.codes == ["code_sent"]
    assert talk.step.asking == "otp_code"


def test_the_user_name_may_come_with_the_wish(desk: Desk) -> None:
    registered(desk, "giulia")
    talk = forgot(desk)
    opened = desk.backend.flows["reset_password"].advance(
        desk.talk("it", flow="reset_password").turn(opening=True, username=GIULIA)
    )

    assert talk.step.asking == "username"
    assert opened.asking in {"contact_choice", "username"}


def test_everything_open_for_the_account_ends_with_the_new_password(desk: Desk) -> None:
    account = registered(desk, "giulia")
    login = desk.backend.area.login(GIULIA, "Girasole2026")
    session = desk.backend.area.confirm(login.token or "", desk.code_to(GIULIA_MOBILE))
    elsewhere = desk.talk("it", flow="reset_password", client="elsewhere")
    proves(elsewhere, GIULIA, "email", GIULIA)
    talk = forgot(desk)
    proves(talk, GIULIA, "sms", GIULIA_MOBILE)
    talk.sets_password(NEW_PASSWORD)

    with desk.backend.uow(read_only=True) as uow:
        assert uow.sessions.by_token(session.token or "") is None
        page = uow.pages.get(elsewhere.step.page.id if elsewhere.step.page else "")
    assert page is None
    with pytest.raises(LoginRefused):
        desk.backend.area.login(account.username, "Girasole2026")


def test_every_contact_is_told(desk: Desk) -> None:
    registered(desk, "giulia")
    talk = forgot(desk)
    proves(talk, GIULIA, "sms", GIULIA_MOBILE)
    before = len(desk.sent(GIULIA)), len(desk.sent(GIULIA_MOBILE))
    talk.sets_password(NEW_PASSWORD)

    assert (len(desk.sent(GIULIA)), len(desk.sent(GIULIA_MOBILE))) == (before[0] + 1, before[1] + 1)


def test_a_locked_user_name_opens_again_with_the_new_password(desk: Desk) -> None:
    registered(desk, "giulia")
    for _ in range(5):
        with pytest.raises(LoginRefused):
            desk.backend.area.login(GIULIA, "wrong")
    talk = forgot(desk)
    proves(talk, GIULIA, "sms", GIULIA_MOBILE)
    talk.sets_password(NEW_PASSWORD)

    assert desk.backend.area.login(GIULIA, NEW_PASSWORD).token


def test_an_unreadable_user_name_is_asked_again_with_a_reason(desk: Desk) -> None:
    talk = forgot(desk)
    talk.says(username="???")
    talk.says(username="?!")

    assert talk.codes == ["username_unreadable"]
    assert talk.remark("username_unreadable").repeat == 2
    assert talk.step.asking == "username"


def test_who_does_not_know_the_user_name_is_told_the_ways_on(desk: Desk) -> None:
    talk = forgot(desk)
    talk.says(Command.NOT_AVAILABLE)

    assert talk.codes == ["username_help"]


def test_another_user_name_ends_the_code_of_the_first(desk: Desk) -> None:
    registered(desk, "marco")
    account = registered(desk, "giulia")
    talk = forgot(desk)
    talk.says(username="333 111 22 44")
    old = desk.code_to("+393331112244")
    talk.says(username=account.username)
    assert talk.step.asking == "contact_choice"
    talk.says(contact_choice="sms")
    talk.says(otp_code=old)

    assert talk.step.asking == "otp_code"
    assert "code_wrong" in talk.codes


def test_none_of_the_contacts_leads_to_the_change_of_number(desk: Desk) -> None:
    registered(desk, "giulia")
    talk = forgot(desk)
    talk.says(username=GIULIA)
    talk.says(Command.DENY)

    assert talk.step.outcome is Outcome.REFUSED
    assert talk.step.facts["next_offer"] == "update_mobile"


def test_a_code_of_another_purpose_does_not_reset(desk: Desk) -> None:
    registered(desk, "giulia")
    desk.backend.area.login(GIULIA, "Girasole2026")
    of_login = desk.code_to(GIULIA_MOBILE)
    talk = forgot(desk)
    talk.says(username=GIULIA)
    talk.says(contact_choice="sms")
    talk.says(otp_code=of_login)

    assert "code_wrong" in talk.codes


def test_a_proved_identity_spares_the_name_but_not_the_code(desk: Desk) -> None:
    account: Account = registered(desk, "giulia")
    talk = forgot(desk)
    proves(talk, GIULIA, "sms", GIULIA_MOBILE)
    talk.sets_password(NEW_PASSWORD)
    again = forgot(desk, conversation=talk.id)

    assert account.username == GIULIA
    assert again.step.asking == "contact_choice"


def test_steps_cannot_be_skipped(desk: Desk) -> None:
    registered(desk, "giulia")
    talk = forgot(desk)
    talk.says(Command.PAGE_DONE)
    assert talk.step.asking == "username"
    talk.says(otp_code="123456")
    assert talk.step.asking == "username"
    talk.says(contact_choice="sms")

    assert talk.step.asking == "username"


def test_an_idle_reset_is_forgotten(desk: Desk) -> None:
    registered(desk, "giulia")
    talk = forgot(desk)
    talk.says(username=GIULIA)
    desk.clock.forward(900)
    talk.says(contact_choice="sms")

    assert talk.step.outcome is Outcome.EXPIRED


def test_not_knowing_which_contact_is_not_yet_having_none(desk: Desk) -> None:
    registered(desk, "giulia")
    talk = forgot(desk)
    talk.says(username=GIULIA)
    talk.says(Command.NOT_AVAILABLE)
    assert talk.codes == ["choice_unknown"]
    assert talk.step.asking == "contact_choice"
    talk.says(Command.NOT_AVAILABLE)

    assert talk.step.outcome is Outcome.REFUSED
