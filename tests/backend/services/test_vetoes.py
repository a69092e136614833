""" "It wasn't me": what the link stops, undoes and ends, and what it leaves alone."""

from __future__ import annotations

import pytest

from backend.core.audit import Event
from backend.core.challenges import Purpose
from backend.core.errors import (
    CodeExpired,
    Conflict,
    LinkExpired,
    LinkUnknown,
    LinkUsed,
    SessionExpired,
)
from backend.core.limits import Limits
from backend.core.requests import State
from backend.services.challenges import Sending, Try
from tests.backend.desk import GOOD_PASSWORD, Desk
from tests.backend.services.request_counter import EMAIL, NEW, OLD, Counter

LIFE = Limits().veto_ttl
NEWER = "+393489998877"


@pytest.fixture
def counter(desk: Desk) -> Counter:
    return Counter(desk)


def veto(counter: Counter, token: str) -> tuple[str, str]:
    result = counter.desk.backend.vetoes.veto(token)
    return result.market, result.language


# A request that waits ---------------------------------------------------------------------------


def test_every_contact_on_file_gets_a_link_that_stops_the_request(counter: Counter) -> None:
    request = counter.files(contact="elsewhere@example.org")

    assert [len(counter.tokens(to)) for to in (OLD, EMAIL, NEW)] == [1, 1, 0]
    assert counter.tokens("elsewhere@example.org") == []
    assert veto(counter, counter.tokens(OLD)[0]) == ("it", "it")

    seen = counter.seen_again(request)
    assert (seen.state, seen.version) == (State.VETOED, 2)
    assert counter.mobile == OLD
    assert counter.audited(Event.REQUEST_VETOED) == 1
    assert counter.sent("mobile_change_stopped") == 2
    assert [event.intent for event in counter.heard()] == ["request_decided"]
    with pytest.raises(Conflict, match="request_decided"):
        counter.approves(request)


def test_a_link_works_once_and_the_others_find_it_done(counter: Counter) -> None:
    counter.files()
    veto(counter, counter.tokens(OLD)[0])
    before = counter.desk.audited()

    for token in (counter.tokens(OLD)[0], counter.tokens(EMAIL)[0]):
        with pytest.raises(LinkUsed) as used:
            veto(counter, token)
        assert used.value.facts["language"] == "it"
    assert counter.desk.audited() == before
    assert counter.sent("mobile_change_stopped") == 2


@pytest.mark.parametrize("ending", ["rejects", "withdraws"])
def test_there_is_nothing_to_stop_of_what_came_to_nothing(counter: Counter, ending: str) -> None:
    request = counter.files()
    getattr(counter, ending)(request)
    before = counter.seen_again(request)

    with pytest.raises(LinkUsed):
        veto(counter, counter.tokens(OLD)[0])
    assert counter.seen_again(request) == before
    assert counter.sent("mobile_change_stopped") == 0


@pytest.mark.parametrize(("seconds", "lives"), [(-1, True), (0, False), (1, False)])
def test_a_link_lives_two_days(counter: Counter, seconds: int, lives: bool) -> None:
    request = counter.files()
    token = counter.tokens(OLD)[0]
    counter.desk.clock.forward(LIFE + seconds)

    if lives:
        veto(counter, token)
    else:
        with pytest.raises(LinkExpired):
            veto(counter, token)
    assert counter.seen_again(request).is_open is not lives


def test_looking_at_the_page_stops_nothing(counter: Counter) -> None:
    request = counter.files()
    counter.opens_account()

    for _ in range(3):
        view = counter.desk.backend.pages.view(counter.tokens(EMAIL)[0])

    assert (view.kind, view.market, view.language) == ("veto", "it", "it")
    assert view.username_mask is None
    assert view.password_rules is None
    assert counter.seen_again(request).is_open


def test_a_link_that_expired_is_not_renewed(counter: Counter) -> None:
    counter.files()
    token = counter.tokens(OLD)[0]
    counter.desk.clock.forward(LIFE)

    with pytest.raises(LinkUsed):
        counter.desk.backend.pages.renew(token)


def test_a_link_of_another_kind_stops_nothing(counter: Counter) -> None:
    request = counter.files()
    with counter.desk.backend.uow() as uow:
        page = uow.pages.add(
            kind="upload", conversation_id=counter.conversation, market="it", language="it",
            now=counter.desk.clock.now(), reference=request.id,
            expires_at=counter.desk.clock.now().replace(year=2027),
        )  # fmt: skip
        token = uow.pages.mint(page.id)
        uow.commit()
    assert token

    for wrong in (token, "unknown", ""):
        with pytest.raises(LinkUnknown):
            veto(counter, wrong)
    assert counter.seen_again(request).is_open
    assert counter.desk.backend.pages.view(token).kind == "upload"


# A change that took effect ----------------------------------------------------------------------


@pytest.mark.parametrize("newest", [True, False], ids=["of the change", "of the request"])
def test_either_link_puts_the_old_number_back(counter: Counter, newest: bool) -> None:
    request = counter.files()
    counter.approves(request)

    veto(counter, counter.tokens(OLD)[0 if newest else -1])

    assert counter.mobile == OLD
    assert counter.seen_again(request).state is State.APPROVED
    assert [change.reverted_at for change in counter.changes()] == [counter.desk.clock.now()]
    assert counter.audited(Event.MOBILE_REVERTED) == 1
    assert counter.audited(Event.REQUEST_VETOED) == 0
    assert counter.sent("mobile_change_stopped") == 2
    assert "".join(counter.desk.sent(NEW)).count("fermato") == 0
    for token in (*counter.tokens(OLD), *counter.tokens(EMAIL)):
        with pytest.raises(LinkUsed):
            veto(counter, token)
    assert counter.audited(Event.MOBILE_REVERTED) == 1


def test_what_was_undone_is_not_fresh(counter: Counter) -> None:
    counter.changes_by_codes()
    veto(counter, counter.tokens(OLD)[0])

    with counter.desk.backend.uow(read_only=True) as uow:
        assert not counter.desk.backend.contact_changes.mobile_is_fresh(
            uow, counter.customer.id, counter.desk.clock.now()
        )


def test_a_first_number_that_is_undone_leaves_none(desk: Desk) -> None:
    elena = Counter(desk, "it", "IT-0005")
    elena.changes_by_codes()

    veto(elena, elena.tokens("elena.conti@example.it")[0])

    assert elena.mobile == ""
    with desk.backend.uow(read_only=True) as uow:
        assert uow.customers.with_datum("it", "mobile", NEW) == []


def test_a_thief_cannot_escape_by_changing_once_more(counter: Counter) -> None:
    counter.changes_by_codes(NEW)
    counter.changes_by_codes(NEWER)

    veto(counter, counter.tokens(OLD)[0])

    assert counter.mobile == OLD
    assert all(change.reverted_at for change in counter.changes())
    with pytest.raises(LinkUsed):
        veto(counter, counter.tokens(NEW)[0])
    assert counter.mobile == OLD


def test_only_the_later_of_two_changes_is_undone_by_its_own_link(counter: Counter) -> None:
    counter.changes_by_codes(NEW)
    counter.changes_by_codes(NEWER)

    veto(counter, counter.tokens(NEW)[0])
    assert counter.mobile == NEW
    veto(counter, counter.tokens(OLD)[0])
    assert counter.mobile == OLD


def test_a_number_that_the_insurers_file_has_brought_since_stays(counter: Counter) -> None:
    counter.changes_by_codes(NEW)
    with counter.desk.backend.uow() as uow:
        uow.customers.set_mobile(counter.customer.id, NEWER, counter.desk.clock.now())
        uow.commit()

    veto(counter, counter.tokens(OLD)[0])

    assert counter.mobile == NEWER
    assert all(change.reverted_at for change in counter.changes())


# Whoever is in is out ---------------------------------------------------------------------------


def test_sessions_codes_pages_and_proofs_of_the_account_end(counter: Counter) -> None:
    account = counter.opens_account()
    backend = counter.desk.backend
    counter.changes_by_codes()
    login = backend.area.login(EMAIL, GOOD_PASSWORD)
    assert login.token
    session = backend.area.confirm(login.token, counter.desk.code_to(NEW)).token
    assert session
    waiting = backend.area.login(EMAIL, GOOD_PASSWORD)
    now = counter.desk.clock.now()
    with backend.uow() as uow:
        backend.identities.prove(uow, counter.conversation, account)
        page = uow.pages.add(
            kind="password", conversation_id=counter.conversation, market="it", language="it",
            now=now, expires_at=now.replace(year=2027), account_id=account.id,
        )  # fmt: skip
        token = uow.pages.mint(page.id)
        uow.commit()
    assert token

    veto(counter, counter.tokens(EMAIL)[0])

    for ended in (session, waiting.token):
        assert ended
        with pytest.raises(SessionExpired):
            backend.area.session(ended)
        with pytest.raises(SessionExpired):
            backend.area.pending(ended)
    with pytest.raises(LinkUnknown):
        backend.pages.view(token)
    with backend.uow(read_only=True) as uow:
        assert backend.identities.peek(uow, counter.conversation, "it") is None
    assert counter.audited(Event.SESSIONS_REVOKED) == 1


@pytest.mark.parametrize("about", ["customer", "account"])
def test_codes_under_way_are_worth_nothing(counter: Counter, about: str) -> None:
    account = counter.opens_account()
    own = {"customer": counter.customer.id, "account": account.id}[about]
    counter.changes_by_codes()
    ours, others = (
        issued(counter, f"{about}/{own}", NEW), issued(counter, "customer/999", "+393471234567"),
    )  # fmt: skip

    veto(counter, counter.tokens(OLD)[0])

    assert isinstance(tried(counter, ours, NEW), CodeExpired)
    assert tried(counter, others, "+393471234567") is None


def test_somebody_without_an_account_can_say_so_too(counter: Counter) -> None:
    request = counter.files()

    veto(counter, counter.tokens(OLD)[0])

    assert counter.seen_again(request).state is State.VETOED
    assert counter.audited(Event.SESSIONS_REVOKED) == 0


def issued(counter: Counter, subject: str, contact: str) -> str:
    sending = Sending(
        purpose=Purpose.REGISTER, conversation_id=f"c_{contact}", subject=subject, market="it",
        language="it", channel="sms", client=None, contact=contact,
    )  # fmt: skip
    with counter.desk.backend.uow() as uow:
        challenge = counter.desk.backend.challenges.issue(uow, sending)
        uow.commit()
    return challenge.id


def tried(counter: Counter, challenge_id: str, contact: str) -> Exception | None:
    attempt = Try(
        challenge_id=challenge_id, purpose=Purpose.REGISTER, conversation_id=f"c_{contact}",
        message_id=counter.desk.message_id(), market="it", client=None,
        code=counter.desk.code_to(contact),
    )  # fmt: skip
    failure = counter.desk.backend.challenges.count(attempt)
    if failure is None:
        with counter.desk.backend.uow() as uow:
            failure = counter.desk.backend.challenges.settle(uow, attempt)
            uow.commit()
    return failure
