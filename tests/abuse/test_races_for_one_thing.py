"""Two people racing for one user name, contact or policy; on SQLite and PostgreSQL."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from backend.adapters.tables.accounts import accounts
from backend.core.errors import Conflict, NotFound
from backend.core.flow import Command, Step
from tests.abuse.house import (
    GIULIA,
    GIULIA_MOBILE,
    PASSWORD,
    House,
    registering,
    sets_password,
    together,
)
from tests.backend.desk import Desk, Talk
from tests.backend.services.link_policy.counter import GIULIA as GIULIA_ROW
from tests.backend.services.link_policy.counter import accounts_with, takes_in
from tests.backend.services.test_races import at_once, number_of

SHARED = "famiglia@example.it"
COUPLE = [
    GIULIA_ROW
    | {
        "customer_id": f"IT-900{n}", "first_name": name, "last_name": "Verdi", "email": SHARED,
        "mobile": "", "policy_number": f"49900000{n}", "tax_code": "",
    }
    for n, name in enumerate(("Paola", "Franco"))
]  # fmt: skip


def up_to_the_code(desk: Desk, name: str, contact: str) -> Talk:
    talk = desk.talk(client=f"client-of-{name}")
    talk.gives(profile="person", first_name=name, contact=contact)
    talk.says(Command.AFFIRM)
    assert talk.step.asking == "otp_code", talk.step
    return talk


def test_two_customers_race_for_one_user_name_and_one_gets_it(any_desk: Desk) -> None:
    """A couple has one mailbox on file; each of the two wants it as user name."""
    takes_in(any_desk, *COUPLE)
    talks = [up_to_the_code(any_desk, f"{row['first_name']} Verdi", SHARED) for row in COUPLE]
    codes = [body[:6] for body in reversed(any_desk.sent(SHARED)) if body[:6].isdecimal()]
    assert len(codes) == 2

    steps: list[Step] = at_once(
        [
            lambda talk=talk, code=code: talk.flow.advance(talk.turn(otp_code=code))
            for talk, code in zip(talks, codes, strict=True)
        ]
    )

    assert not [step for step in steps if isinstance(step, Exception)], steps
    assert number_of(any_desk, select(func.count()).select_from(accounts)) == 1
    pages = [step.page for step in steps if step.page]
    assert sum(sets_one(any_desk, page.id) for page in pages) == 1
    assert any_desk.audited().count("password_set") == 1


def sets_one(desk: Desk, page_id: str) -> bool:
    """Whether the page of a registration still opens its account."""
    try:
        token = desk.backend.pages.mint(page_id).rsplit("/", 1)[1]
        desk.backend.pages.set_password(token, PASSWORD)
    except (NotFound, Conflict):
        return False
    return True


@pytest.mark.parametrize("number", [4, 8])
def test_one_policy_is_in_one_account_however_many_register_with_it(
    any_desk: Desk, number: int
) -> None:
    """By both contacts at once, in conversations of their own."""
    talks = [
        up_to_the_code(any_desk, "Giulia Bianchi", (GIULIA, "3201234519")[n % 2])
        for n in range(number)
    ]
    codes = {
        contact: [body[:6] for body in reversed(any_desk.sent(contact))]
        for contact in (GIULIA, GIULIA_MOBILE)
    }
    turns = [
        (talk, talk.turn(otp_code=codes[(GIULIA, GIULIA_MOBILE)[n % 2]][n // 2]))
        for n, talk in enumerate(talks)
    ]

    results = at_once(
        [lambda talk=talk, turn=turn: talk.flow.advance(turn) for talk, turn in turns]
    )

    assert not [each for each in results if isinstance(each, Exception)], results
    assert number_of(any_desk, select(func.count()).select_from(accounts)) == 1
    assert accounts_with(any_desk, "401122334", "it") == 1


def test_two_who_register_at_the_doors_at_once_get_one_account(doors: House) -> None:
    chats = [registering(doors), registering(doors)]
    codes = list(reversed(doors.codes_to(GIULIA)))

    together(
        [
            lambda chat=chat, code=code: chat.says(f"otp_code={code}")
            for chat, code in zip(chats, codes, strict=True)
        ]
    )

    assert doors.number_of("select count(*) from accounts") == 1
    # A link that another took the place of is not even shown any more.
    pages = [chat.page for chat in chats if any(reply["links"] for reply in chat.last["replies"])]
    (page,) = [page for page in pages if doors.browser().get(page).status_code == 200]
    assert sets_password(doors.browser(), page, PASSWORD).status_code == 200
    assert [doors.browser().get(page).status_code for page in pages].count(200) == 0
    assert doors.number_of("select count(*) from accounts") == 1
    assert doors.audited().count("password_set") == 1
