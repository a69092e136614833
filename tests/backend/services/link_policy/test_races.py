"""One policy, one account: whoever races for it, on SQLite and PostgreSQL, with real threads."""

from __future__ import annotations

from sqlalchemy import func, select

from backend.adapters.tables.notices import notices
from backend.core.customers import Account
from backend.core.flow import Command, Outcome, Step
from tests.backend.desk import Desk, Talk
from tests.backend.services.link_policy.counter import (
    BORN,
    BUDI,
    BUDI_AT_THE_OFFICE,
    OFFICE,
    OFFICE_MOBILE,
    accounts_with,
    confirmed,
    opens,
    policies_of,
    summed_up,
    takes_in,
)
from tests.backend.services.people import BUDI_MOBILE, registered
from tests.backend.services.test_races import at_once, number_of

SHARED = BUDI | {
    "customer_id": "ID-9003", "policy_number": "00190003", "email": OFFICE, "mobile": BUDI_MOBILE,
}  # fmt: skip
"""A third record of the same person: one contact of each of the other two."""
NUMBER = "00190003"


def registers(desk: Desk, number: str, channel_to: str) -> Talk:
    """Budi's record with that policy, up to the code."""
    talk = desk.talk("id", client=f"registers-{number}")
    talk.says(policy_number=number, first_name="Budi Santoso", date_of_birth=BORN["budi"])
    talk.says(Command.AFFIRM)
    assert desk.sent(channel_to)
    return talk


def at_the_office(desk: Desk) -> Account:
    """Budi's second account, opened with the policy of the office."""
    takes_in(desk, BUDI_AT_THE_OFFICE)
    talk = registers(desk, "00190001", OFFICE_MOBILE)
    talk.says(otp_code=desk.code_to(OFFICE_MOBILE))
    assert talk.sets_password().outcome is Outcome.COMPLETED
    desk.clock.forward(2 * 3600)
    with desk.backend.uow(read_only=True) as uow:
        proof = uow.identities.of(talk.id)
        account = uow.accounts.get(proof.account_id) if proof else None
    assert account
    return account


def ready(desk: Desk, account: Account, contact: str) -> Talk:
    talk = opens(desk, account, contact=contact)
    summed_up(talk, NUMBER, BORN["budi"])
    return talk


def said_yes_at_once(*talks: Talk) -> list[list[str]]:
    steps: list[Step] = at_once(
        [lambda talk=talk: talk.flow.advance(talk.turn(Command.AFFIRM)) for talk in talks]
    )
    return sorted([remark.code for remark in step.remarks] for step in steps)


def notices_of_links(desk: Desk) -> int:
    return number_of(desk, select(func.count()).where(notices.c.template == "policy_linked"))


def test_two_accounts_race_for_one_policy_and_one_gets_it(any_desk: Desk) -> None:
    first, second = registered(any_desk, "budi"), at_the_office(any_desk)
    takes_in(any_desk, SHARED)
    talks = [ready(any_desk, first, BUDI_MOBILE), ready(any_desk, second, OFFICE)]

    told = said_yes_at_once(*talks)

    assert told == [["policy_linked"], ["policy_not_found"]]
    assert accounts_with(any_desk, NUMBER) == 1
    assert any_desk.audited().count("policy_linked") == 1
    assert notices_of_links(any_desk) == 2


def test_one_account_links_a_policy_in_two_conversations_once(any_desk: Desk) -> None:
    account = registered(any_desk, "budi")
    takes_in(any_desk, SHARED)
    talks = [ready(any_desk, account, BUDI_MOBILE) for _ in range(4)]

    told = said_yes_at_once(*talks)

    assert told == [["policy_already_linked"]] * 3 + [["policy_linked"]]
    assert any_desk.audited().count("policy_linked") == 1
    assert notices_of_links(any_desk) == 2


def test_a_message_delivered_many_times_at_once_links_once(any_desk: Desk) -> None:
    account = registered(any_desk, "budi")
    takes_in(any_desk, SHARED)
    talk = ready(any_desk, account, BUDI_MOBILE)
    turn = talk.turn(Command.AFFIRM)

    steps = at_once([lambda: talk.flow.advance(turn)] * 4)

    assert all(step == steps[0] for step in steps)
    assert any_desk.audited().count("policy_linked") == 1


def test_whoever_registers_with_a_policy_and_whoever_links_it_do_not_both_get_it(
    any_desk: Desk,
) -> None:
    account = registered(any_desk, "budi")
    takes_in(any_desk, SHARED)
    newcomer = registers(any_desk, NUMBER, BUDI_MOBILE)
    right = newcomer.turn(otp_code=any_desk.code_to(BUDI_MOBILE))
    talk = ready(any_desk, account, BUDI_MOBILE)

    at_once(
        [
            lambda: talk.flow.advance(talk.turn(Command.AFFIRM)),
            lambda: newcomer.flow.advance(right),
        ]
    )

    assert accounts_with(any_desk, NUMBER) == 1


def test_staff_and_the_customer_link_a_policy_once(any_desk: Desk) -> None:
    """What was a Group policy when the request was filed is an individual one by now."""
    account = registered(any_desk, "budi")
    takes_in(any_desk, SHARED)
    kind(any_desk, "group")
    asking = opens(any_desk, account, contact=BUDI_MOBILE)
    confirmed(asking, NUMBER)
    number = str(asking.remark("link_needs_person").facts["request_number"])
    kind(any_desk, "individual")
    talk = ready(any_desk, account, BUDI_MOBILE)

    at_once(
        [
            lambda: talk.flow.advance(talk.turn(Command.AFFIRM)),
            lambda: any_desk.backend.requests.approve(number, "anna.verdi@staff.example.it", 1),
        ]
    )

    assert policies_of(any_desk, account) == ["00120451", NUMBER]
    assert any_desk.audited().count("policy_linked") == 1
    with any_desk.backend.uow(read_only=True) as uow:
        assert any_desk.backend.requests.numbered(uow, number).state == "approved"


def kind(desk: Desk, policy_type: str) -> None:
    with desk.backend.uow() as uow:
        held = uow.customers.with_policy("id", NUMBER)
        assert held
        uow.customers.upsert_policy("id", NUMBER, held[0].id, policy_type=policy_type)
        uow.commit()


# One after the other -----------------------------------------------------------------------------


def test_staff_cannot_link_what_another_account_sees_by_now(desk: Desk) -> None:
    first, second = registered(desk, "budi"), at_the_office(desk)
    takes_in(desk, SHARED)
    kind(desk, "group")
    asking = opens(desk, first, contact=BUDI_MOBILE)
    confirmed(asking, NUMBER)
    number = str(asking.remark("link_needs_person").facts["request_number"])
    kind(desk, "individual")
    ready(desk, second, OFFICE).says(Command.AFFIRM)

    (refused,) = at_once(
        [lambda: desk.backend.requests.approve(number, "anna.verdi@staff.example.it", 1)]
    )

    assert str(refused) == "policy_linked_elsewhere"
    assert NUMBER not in policies_of(desk, first)
    with desk.backend.uow(read_only=True) as uow:
        assert desk.backend.requests.numbered(uow, number).is_open


def test_a_registration_that_was_never_completed_gives_way(desk: Desk) -> None:
    account = registered(desk, "budi")
    takes_in(desk, BUDI_AT_THE_OFFICE)
    newcomer = registers(desk, "00190001", OFFICE_MOBILE)
    newcomer.says(otp_code=desk.code_to(OFFICE_MOBILE))
    assert newcomer.step.asking == "password_page"
    desk.clock.forward(121)
    talk = opens(desk, account, contact=BUDI_MOBILE)
    confirmed(talk, "00190001")
    talk.says(contact_choice="email")

    talk.says(otp_code=desk.code_to(OFFICE))

    assert talk.codes == ["policy_linked"]
    assert policies_of(desk, account) == ["00120451", "00190001"]
    assert newcomer.says().outcome is Outcome.EXPIRED


def test_registering_with_a_policy_that_is_linked_is_having_an_account(desk: Desk) -> None:
    account = registered(desk, "budi")
    takes_in(desk, SHARED)
    ready(desk, account, BUDI_MOBILE).says(Command.AFFIRM)
    new = registers(desk, "00120451", BUDI_MOBILE)
    as_ever = new.step
    desk.clock.forward(3600)

    again = registers(desk, NUMBER, BUDI_MOBILE)

    assert [remark.code for remark in again.step.remarks] == ["code_sent"]
    assert [remark.code for remark in as_ever.remarks] == ["code_sent"]
    assert not any(character.isdigit() for character in desk.sent(BUDI_MOBILE)[0])
    assert accounts_with(desk, NUMBER) == 1
