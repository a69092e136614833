"""The end of a registration: the page for the password, and the way back into the chat."""

from __future__ import annotations

import pytest

from backend.core.errors import LinkExpired, LinkUnknown, LinkUsed, NotFound, PasswordRefused
from backend.core.flow import Command, Outcome, PageRef
from tests.backend.desk import GOOD_PASSWORD, Desk, Talk

MOBILE = "+393201234519"


def with_page(desk: Desk) -> tuple[Talk, PageRef]:
    talk = desk.talk()
    talk.gives(profile="person", first_name="Giulia Bianchi", contact="3201234519")
    talk.says(Command.AFFIRM)
    page = talk.says(otp_code=desk.code_to(MOBILE)).page
    assert page
    return talk, page


def token_of(desk: Desk, page: PageRef) -> str:
    return desk.backend.pages.mint(page.id).rsplit("/", 1)[1]


def test_the_page_shows_whose_account_by_which_rules_and_how_long(desk: Desk) -> None:
    _, page = with_page(desk)

    view = desk.backend.pages.view(token_of(desk, page))

    assert (view.kind, view.market, view.language) == ("password", "it", "it")
    assert view.username_mask == "320 *****19"
    assert view.password_rules
    assert (view.expires_at - desk.clock.now()).total_seconds() == 600


@pytest.mark.parametrize(("seconds", "holds"), [(599, True), (600, False), (601, False)])
def test_the_page_lives_ten_minutes(desk: Desk, seconds: int, holds: bool) -> None:
    _, page = with_page(desk)
    token = token_of(desk, page)
    desk.clock.forward(seconds)

    if holds:
        desk.backend.pages.set_password(token, GOOD_PASSWORD)
    else:
        with pytest.raises(LinkExpired) as expired:
            desk.backend.pages.set_password(token, GOOD_PASSWORD)
        assert expired.value.facts == {"market": "it", "language": "it", "kind": "password"}


def test_a_new_link_replaces_the_old_one(desk: Desk) -> None:
    _, page = with_page(desk)
    old, new = token_of(desk, page), token_of(desk, page)

    with pytest.raises(LinkUnknown):
        desk.backend.pages.view(old)
    assert desk.backend.pages.view(new)


def test_a_page_works_once(desk: Desk) -> None:
    _, page = with_page(desk)
    token = token_of(desk, page)
    desk.backend.pages.set_password(token, GOOD_PASSWORD)

    with pytest.raises(LinkUsed):
        desk.backend.pages.set_password(token, "Tulipano2027")
    with pytest.raises(LinkUsed):
        desk.backend.pages.view(token)
    with pytest.raises(NotFound):
        desk.backend.pages.mint(page.id)


def test_a_refused_password_leaves_the_page_open(desk: Desk) -> None:
    _, page = with_page(desk)
    token = token_of(desk, page)

    with pytest.raises(PasswordRefused) as refused:
        desk.backend.pages.set_password(token, "short")
    assert set(refused.value.reasons) == {"too_short", "no_upper", "no_digit"}

    assert desk.backend.pages.set_password(token, GOOD_PASSWORD)
    assert "password_rejected" in desk.audited()


@pytest.mark.parametrize("token", ["", "x", "a" * 43, "../etc/passwd", "\x00"])
def test_a_made_up_token_opens_nothing(desk: Desk, token: str) -> None:
    with_page(desk)

    with pytest.raises(LinkUnknown):
        desk.backend.pages.view(token)


def test_a_password_page_confirms_nothing(desk: Desk) -> None:
    _, page = with_page(desk)

    with pytest.raises(LinkUnknown):
        desk.backend.pages.confirm(token_of(desk, page))


def test_every_contact_hears_of_the_password(desk: Desk) -> None:
    talk, _ = with_page(desk)
    before = len(desk.sent("giulia.bianchi@example.it"))

    talk.sets_password()

    assert len(desk.sent("giulia.bianchi@example.it")) == before + 1


def test_done_is_believed_only_when_the_password_is_set(desk: Desk) -> None:
    talk, _ = with_page(desk)

    step = talk.says(Command.PAGE_DONE)

    assert talk.codes == ["password_waiting"]
    assert step.outcome is None


def test_a_password_set_is_noticed_with_any_message(desk: Desk) -> None:
    talk, page = with_page(desk)
    desk.backend.pages.set_password(token_of(desk, page), GOOD_PASSWORD)

    assert talk.says().outcome is Outcome.COMPLETED


def test_the_same_link_is_shown_again_on_request(desk: Desk) -> None:
    talk, page = with_page(desk)
    desk.clock.forward(61)

    step = talk.says(Command.RESEND)

    assert step.page == PageRef(page.id, "password", 9)
    assert talk.codes == ["password_link"]


def test_an_expired_page_is_replaced_three_times(desk: Desk) -> None:
    talk, page = with_page(desk)

    for _ in range(3):
        desk.clock.forward(600)
        step = talk.says(Command.PAGE_RENEWAL)
        assert step.page
        assert step.page.id != page.id
        page = step.page
    desk.clock.forward(600)

    assert talk.says(Command.PAGE_RENEWAL).outcome is Outcome.PERSON


def test_a_page_done_after_the_draft_ran_out_still_ends_well(desk: Desk) -> None:
    talk, page = with_page(desk)
    desk.clock.forward(590)
    desk.backend.pages.set_password(token_of(desk, page), GOOD_PASSWORD)
    desk.clock.forward(600)
    desk.backend.sweep()

    step = talk.says(Command.PAGE_DONE)

    assert step.outcome is Outcome.COMPLETED
    assert talk.codes == ["registered"]


def test_an_abandoned_page_opens_nothing(desk: Desk) -> None:
    talk, page = with_page(desk)
    token = token_of(desk, page)

    desk.backend.flows["register"].abandon(talk.id)

    with pytest.raises(LinkUnknown):
        desk.backend.pages.set_password(token, GOOD_PASSWORD)


def test_answers_at_the_password_change_nothing(desk: Desk) -> None:
    talk, _ = with_page(desk)

    step = talk.says(contact="giulia.bianchi@example.it")

    assert talk.codes == ["detail_settled"]
    assert step.asking == "password_page"
    assert set(step.settled) == set(step.filled)


def test_what_is_known_at_the_password_may_be_said_again(desk: Desk) -> None:
    talk, _ = with_page(desk)

    talk.says(contact="3201234519")

    assert talk.codes == ["password_waiting"]
