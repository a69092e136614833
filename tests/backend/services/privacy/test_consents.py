"""Consents: shown to their owner, taken back with what follows, kept as a proof."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from backend.adapters.tables.accounts import account_policies, accounts
from backend.adapters.tables.pages import pages
from backend.core.errors import Conflict, LoginRefused, NotFound, SessionExpired
from backend.core.requests import State
from backend.services.privacy import Withdrawal
from tests.backend.desk import GOOD_PASSWORD, Desk
from tests.backend.services.kept import EMAIL, MOBILE, Kept, approves, registers
from tests.backend.services.test_races import at_once


def consent_id(desk: Desk, kept: Kept, kind: str) -> int:
    found = desk.backend.privacy.consents(kept.account_id)
    return next(consent.id for consent in found if consent.kind == kind)


def withdraws(desk: Desk, kept: Kept, kind: str = "privacy_notice") -> Withdrawal:
    return desk.backend.privacy.withdraw(kept.account_id, consent_id(desk, kept, kind))


def number_of(desk: Desk, table: object) -> int:
    with desk.backend.uow(read_only=True) as uow:
        query = select(func.count()).select_from(table)  # type: ignore[arg-type]
        return uow.connection.execute(query).scalar_one()


def state_of(desk: Desk, kept: Kept) -> State:
    with desk.backend.uow(read_only=True) as uow:
        request = uow.requests.get(kept.request.id)
    assert request
    return request.state


def documents_of(desk: Desk, kept: Kept) -> bool:
    with desk.backend.uow(read_only=True) as uow:
        return uow.files.has_documents(kept.request.id)


def test_a_consent_says_what_when_and_where(desk: Desk) -> None:
    kept = registers(desk)

    consent = desk.backend.privacy.consents(kept.account_id)[0]

    assert (consent.kind, consent.version, consent.language, consent.channel) == (
        "privacy_notice", "2025-01", "it", "web",
    )  # fmt: skip
    assert consent.given_at == desk.clock.now()
    assert consent.is_in_force
    assert consent.carries_account


def test_without_the_consent_of_registration_there_is_no_account(desk: Desk) -> None:
    kept = registers(desk)

    assert withdraws(desk, kept) == Withdrawal("it", account_closed=True, requests_ended=0)

    assert number_of(desk, accounts) == number_of(desk, account_policies) == 0
    assert number_of(desk, pages.select().where(pages.c.account_id == kept.account_id)
                     .subquery()) == 0  # fmt: skip
    with pytest.raises(SessionExpired):
        desk.backend.area.session(kept.session)
    with pytest.raises(LoginRefused):
        desk.backend.area.login("3201234519", GOOD_PASSWORD)
    assert state_of(desk, kept) is State.WITHDRAWN
    assert "account_closed" in desk.audited()
    assert desk.audited().index("consent_withdrawn") < desk.audited().index("account_closed")


def test_every_contact_is_told(desk: Desk) -> None:
    kept = registers(desk)

    withdraws(desk, kept)

    for contact in (MOBILE, EMAIL):
        assert any("chius" in body for body in desk.sent(contact)[:3])


def test_the_proof_stays_and_is_found_by_the_customers_number(desk: Desk) -> None:
    kept = registers(desk)
    given_at = desk.clock.now()
    desk.clock.forward(60)

    withdraws(desk, kept)

    told = desk.backend.privacy.consents_of_customer("it", "IT-0001")
    assert [(one.kind, one.given_at, one.withdrawn_at) for one in told] == [
        ("privacy_notice", given_at, desk.clock.now()),
        ("request_data", given_at, desk.clock.now()),
    ]
    assert desk.backend.privacy.consents_of_customer("it", "IT-0002") == []


def test_whoever_closed_an_account_may_register_again(desk: Desk) -> None:
    kept = registers(desk)
    withdraws(desk, kept)

    again = registers(desk)

    assert again.account_id != kept.account_id
    assert len(desk.backend.privacy.consents(again.account_id)) == 2
    assert len(desk.backend.privacy.consents_of_customer("it", "IT-0001")) == 4


def test_a_code_that_is_under_way_opens_nothing_any_more(desk: Desk) -> None:
    kept = registers(desk)
    desk.clock.forward(121)
    login = desk.backend.area.login("3201234519", GOOD_PASSWORD)
    assert login.token

    withdraws(desk, kept)

    with pytest.raises(SessionExpired):
        desk.backend.area.confirm(login.token, desk.code_to(MOBILE))


def test_without_the_consent_of_a_request_the_request_ends(desk: Desk) -> None:
    kept = registers(desk)

    assert withdraws(desk, kept, "request_data") == Withdrawal("it", False, 1)

    assert state_of(desk, kept) is State.WITHDRAWN
    assert not documents_of(desk, kept)
    assert desk.backend.area.session(kept.session).account_id == kept.account_id
    assert [one.is_in_force for one in desk.backend.privacy.consents(kept.account_id)] == [
        True, False,
    ]  # fmt: skip


def test_a_decision_stands_when_its_consent_is_withdrawn(desk: Desk) -> None:
    kept = registers(desk)
    approves(desk, kept.request)

    assert withdraws(desk, kept, "request_data").requests_ended == 0

    assert state_of(desk, kept) is State.APPROVED


def test_only_what_rests_on_the_consent_ends(desk: Desk) -> None:
    kept = registers(desk)
    with desk.backend.uow() as uow:
        other = uow.accounts.add_consent(
            conversation_id="c_elsewhere", market="it", kind="request_data", version="2025-01",
            language="it", channel="web", given_at=desk.clock.now(),
        )  # fmt: skip
        uow.accounts.own_consent(other, kept.account_id)
        uow.commit()

    assert desk.backend.privacy.withdraw(kept.account_id, other).requests_ended == 0

    assert state_of(desk, kept) is State.SUBMITTED


def test_the_same_twice_and_somebody_elses_are_refused(desk: Desk) -> None:
    kept = registers(desk)
    mine = consent_id(desk, kept, "request_data")
    withdraws(desk, kept, "request_data")

    with pytest.raises(Conflict, match="consent_withdrawn"):
        desk.backend.privacy.withdraw(kept.account_id, mine)
    with pytest.raises(NotFound, match="consent_unknown"):
        desk.backend.privacy.withdraw(kept.account_id, mine + 1)
    with pytest.raises(NotFound, match="consent_unknown"):
        desk.backend.privacy.withdraw("a_somebody_else", mine)


def test_two_clicks_at_once_have_one_effect(any_desk: Desk) -> None:
    kept = registers(any_desk)
    wanted = consent_id(any_desk, kept, "privacy_notice")
    clicks: list[Callable[[], Withdrawal]] = [
        lambda: any_desk.backend.privacy.withdraw(kept.account_id, wanted)
    ] * 4

    outcomes = at_once(clicks)  # type: ignore[arg-type]

    assert sum(isinstance(one, Withdrawal) for one in outcomes) == 1
    assert sum(isinstance(one, NotFound) for one in outcomes) == 3
    assert any_desk.audited().count("account_closed") == 1
