"""What a stranger learns by asking for somebody's user name: nothing."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from backend.adapters.tables.notices import notices
from backend.core.flow import Command, Step
from tests.backend.desk import Desk, Talk
from tests.backend.services.people import BUDI_MOBILE, GIULIA, GIULIA_MOBILE, registered
from tests.backend.services.recover_username.forgetful import (
    BUDI_SAYS,
    DAVIDE_SAYS,
    GIULIA_SAYS,
    SULASTRI_SAYS,
    asks,
    confirms,
    outbox,
)
from tests.backend.services.statements import statements

NOBODY_IT = GIULIA_SAYS | {"tax_code": "RSSMRA80A01H501U"}
NOBODY_ID = BUDI_SAYS | {"policy_number": "90000001"}
STRANGERS = [
    pytest.param("it", "giulia", GIULIA_SAYS, NOBODY_IT, id="unknown tax code"),
    pytest.param(
        "it", "giulia", GIULIA_SAYS, GIULIA_SAYS | {"first_name": "Anna Bianchi"}, id="other name"
    ),
    pytest.param(
        "it", "giulia", GIULIA_SAYS, GIULIA_SAYS | {"policy_number": "403300218"},
        id="somebody else's policy",
    ),
    pytest.param("it", "giulia", GIULIA_SAYS, DAVIDE_SAYS, id="no account yet"),
    pytest.param("id", "budi", BUDI_SAYS, NOBODY_ID, id="unknown policy"),
    pytest.param(
        "id", "budi", BUDI_SAYS, BUDI_SAYS | {"date_of_birth": "18/08/1990"}, id="other birthday"
    ),
    pytest.param(
        "id", "budi", BUDI_SAYS,
        BUDI_SAYS | {"policy_number": "00140003", "first_name": "Sulastri Dewi"},
        id="name unlike the file's",
    ),
    pytest.param(
        "id", "budi", BUDI_SAYS, {**SULASTRI_SAYS}, id="no account yet, one contact, one name"
    ),
]  # fmt: skip


def told(steps: list[Step]) -> list[tuple[str | None, list[str], str | None]]:
    return [(step.asking, [remark.code for remark in step.remarks], step.outcome) for step in steps]


def last_step(desk: Desk, answers: dict[str, str], market: str) -> tuple[Step, list[str]]:
    talk = asks(desk, answers, market, client="a-client")
    with statements(desk.backend.engine) as seen:
        step = talk.says(Command.AFFIRM)
    return step, seen


@pytest.mark.parametrize(("market", "name", "known", "unknown"), STRANGERS)
def test_known_and_unknown_get_the_same_answer_for_the_same_work(
    desk: Desk, market: str, name: str, known: dict[str, str], unknown: dict[str, str]
) -> None:
    registered(desk, name)

    of_known, work = last_step(desk, known, market)
    of_unknown, same_work = last_step(desk, unknown, market)

    assert told([of_known]) == told([of_unknown])
    assert dict(of_known.facts) == dict(of_unknown.facts)
    assert work == same_work


def by_birthday(desk: Desk, client: str) -> tuple[Step, list[str]]:
    """Giulia without a policy number at hand: no policy's own budget is touched."""
    talk = desk.talk(flow="recover_username", client=client)
    talk.gives(**dict(list(GIULIA_SAYS.items())[:3]))
    talk.says(Command.NOT_AVAILABLE)
    talk.gives(date_of_birth="3/4/1985")
    with statements(desk.backend.engine) as seen:
        step = talk.says(Command.AFFIRM)
    return step, seen


def test_a_contact_that_had_enough_looks_like_any_other(desk: Desk) -> None:
    registered(desk, "giulia")
    before = len(desk.sent(GIULIA_MOBILE))

    results = [by_birthday(desk, f"client {attempt}") for attempt in range(7)]

    assert len(desk.sent(GIULIA_MOBILE)) == before + 5
    assert len({str(told([step])) for step, _ in results}) == 1
    assert all(work == results[0][1] for _, work in results)


@pytest.mark.parametrize("name", ["giulia", None], ids=["account", "no account"])
def test_no_contact_gets_more_than_it_may(desk: Desk, name: str | None) -> None:
    if name:
        registered(desk, name)
    before = len(desk.sent(GIULIA_MOBILE)), len(desk.sent(GIULIA))
    for attempt in range(7):
        step, _ = by_birthday(desk, f"client {attempt}")
        assert step.remarks[0].code == "username_sent"

    sent = len(desk.sent(GIULIA_MOBILE)) - before[0], len(desk.sent(GIULIA)) - before[1]
    assert sent == (5, 5)


def test_what_codes_used_of_a_contact_is_gone_for_this_too(desk: Desk) -> None:
    registered(desk, "giulia")
    for attempt in range(5):
        code = desk.talk(flow="reset_password", client=f"client {attempt}")
        code.says(username=GIULIA)
        code.says(contact_choice="sms")
    texts, mails = len(desk.sent(GIULIA_MOBILE)), len(desk.sent(GIULIA))

    step = confirms(desk, GIULIA_SAYS)

    assert [remark.code for remark in step.remarks] == ["username_sent"]
    assert len(desk.sent(GIULIA_MOBILE)) == texts
    assert len(desk.sent(GIULIA)) == mails + 1


@pytest.mark.parametrize("fits", [True, False])
def test_messages_of_one_conversation_count_together_whether_any_left(
    desk: Desk, fits: bool
) -> None:
    registered(desk, "giulia")
    answers = GIULIA_SAYS if fits else NOBODY_IT
    talk = asks(desk, answers)
    talk.says(Command.AFFIRM)
    used = 0
    for _ in range(6):
        code = Talk(desk, "it", "it", conversation=talk.id, flow="reset_password")
        code.says(username="marco.polo@example.it")
        code.says(contact_choice="email")
        if code.step.asking == "contact_choice":
            code.says(contact_choice="sms")
        used += any(remark.code == "code_sent" for remark in code.step.remarks)
        desk.clock.forward(121)
        code.flow.abandon(talk.id)

    assert used == 4


@pytest.mark.parametrize("fits", [True, False], ids=["fits", "fits nobody"])
@pytest.mark.parametrize(("before", "blocked"), [(4, False), (5, True), (6, True)])
def test_a_conversation_may_ask_five_times_a_day_whatever_it_says(
    desk: Desk, fits: bool, before: int, blocked: bool
) -> None:
    answers = {
        number: GIULIA_SAYS | {"policy_number": f"4011223{number:02d}"} for number in range(7)
    }
    talk = desk.talk(flow="recover_username")
    for number in range(before):
        again = Talk(desk, "it", "it", conversation=talk.id, flow="recover_username")
        again.says(**(GIULIA_SAYS | {"policy_number": "401122334"} if fits else answers[number]))
        again.says(Command.AFFIRM)
        assert ("matching_blocked" in again.codes) is (number >= 5)

    last = Talk(desk, "it", "it", conversation=talk.id, flow="recover_username")
    last.says(**(GIULIA_SAYS | {"policy_number": "401122335"}))
    step = last.says(Command.AFFIRM)

    assert last.codes == (["matching_blocked"] if blocked else ["username_sent"])
    assert step.outcome == ("person" if blocked else "completed")


@pytest.mark.parametrize("fits", [True, False], ids=["fits", "fits nobody"])
@pytest.mark.parametrize(("before", "blocked"), [(4, False), (5, True)])
def test_a_policy_may_be_asked_for_five_times_a_day_whatever_is_said(
    desk: Desk, fits: bool, before: int, blocked: bool
) -> None:
    answers = BUDI_SAYS if fits else BUDI_SAYS | {"first_name": "Budi Susanto"}
    for _ in range(before):
        assert confirms(desk, answers, "id").remarks[0].code == "username_sent"

    step = confirms(desk, BUDI_SAYS, "id")

    assert step.remarks[0].code == ("matching_blocked" if blocked else "username_sent")
    desk.clock.forward(24 * 3600)
    assert confirms(desk, BUDI_SAYS, "id").remarks[0].code == "username_sent"


def test_the_budgets_are_those_of_registration(desk: Desk) -> None:
    for _ in range(5):
        confirms(desk, BUDI_SAYS | {"date_of_birth": "1/1/1990"}, "id")

    talk = desk.talk("id")
    talk.gives(**BUDI_SAYS)
    talk.says(Command.AFFIRM)

    assert talk.codes == ["matching_blocked"]


def test_a_user_name_is_never_shown_in_the_chat(desk: Desk) -> None:
    account = registered(desk, "budi")
    step = confirms(desk, BUDI_SAYS, "id")

    assert account.username not in str(step.to_json())
    assert account.username in desk.sent(BUDI_MOBILE)[0]


def test_a_message_to_nobody_never_leaves(desk: Desk) -> None:
    confirms(desk, NOBODY_IT)

    with desk.backend.uow(read_only=True) as uow:
        rows = uow.connection.execute(
            select(notices.c.status, func.count()).group_by(notices.c.status)
        ).all()
    assert [tuple(row) for row in rows] == [("void", 2)]
    assert desk.backend.notices.deliver_due() == 0
    assert outbox(desk) == []
