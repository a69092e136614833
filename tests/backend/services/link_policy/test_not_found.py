"""Unknown, somebody else's and not fitting: the same words, the same work, so many guesses."""

from __future__ import annotations

import pytest

from backend.core.flow import Command, Outcome, Step
from tests.backend.desk import Desk, Talk
from tests.backend.services.link_policy.counter import (
    BORN,
    BUDI,
    BUDI_AT_THE_OFFICE,
    OFFICE_MOBILE,
    confirmed,
    opens,
    policies_of,
    takes_in,
)
from tests.backend.services.people import BUDI_MOBILE, registered
from tests.backend.services.statements import statements

UNKNOWN = "00999999"
FATHER = BUDI | {
    "customer_id": "ID-9002", "policy_number": "00190002", "date_of_birth": "1955-02-03",
    "email": "", "mobile": BUDI_MOBILE,
}  # fmt: skip


@pytest.fixture
def talk(desk: Desk) -> Talk:
    return opens(desk, registered(desk, "budi"), contact=BUDI_MOBILE)


def linked_elsewhere(desk: Desk) -> None:
    """Budi has another account, opened with the policy of the office."""
    takes_in(desk, BUDI_AT_THE_OFFICE)
    talk = desk.talk("id", client="the-office")
    talk.says(policy_number="00190001", first_name="Budi Santoso", date_of_birth=BORN["budi"])
    talk.says(Command.AFFIRM)
    talk.says(otp_code=desk.code_to(OFFICE_MOBILE))
    assert talk.sets_password().outcome is Outcome.COMPLETED
    desk.clock.forward(24 * 3600)


CASES = {
    "somebody else's": ("00133872", "5/5/1985"),
    "somebody else's, born like the owner": ("00133872", BORN["budi"]),
    "their own, born otherwise": ("00120999", "18/8/1990"),
    "of a namesake": ("00190002", "3/2/1955"),
    "of a namesake, born like the owner": ("00190002", BORN["budi"]),
    "linked in another account": ("00190001", BORN["budi"]),
    "lapsed, somebody else's": ("00178234", BORN["budi"]),
}


def asked_for(talk: Talk, number: str, born: str) -> tuple[list[Step], list[list[str]]]:
    steps, work = [], []
    for command, answers in (
        (Command.NONE, {"policy_number": number}),
        (Command.NONE, {"date_of_birth": born}),
        (Command.AFFIRM, {}),
        (Command.AFFIRM, {}),
    ):
        with statements(talk.desk.backend.engine) as seen:
            steps.append(talk.says(command, **answers))
        work.append(seen)
    return steps, work


def told(steps: list[Step]) -> list[tuple[str | None, list[str]]]:
    return [(step.asking, [remark.code for remark in step.remarks]) for step in steps]


@pytest.mark.parametrize("case", CASES)
def test_whatever_does_not_fit_gets_the_words_and_the_work_of_the_unknown(
    desk: Desk, case: str
) -> None:
    takes_in(desk, FATHER)
    linked_elsewhere(desk)
    account = registered(desk, "budi")
    number, born = CASES[case]

    unknown, least = asked_for(opens(desk, account, contact=BUDI_MOBILE), UNKNOWN, born)
    other, work = asked_for(opens(desk, account, contact=BUDI_MOBILE), number, born)

    assert told(other) == told(unknown)
    assert [codes for _, codes in told(other)][-2:] == [["policy_not_found"], []]
    assert work == least
    assert policies_of(desk, account) == ["00120451"]


def test_nothing_is_sent_to_whoever_holds_it(desk: Desk, talk: Talk) -> None:
    before = len(desk.backend.notices.listing())

    confirmed(talk, "00133872", "5/5/1985")

    assert len(desk.backend.notices.listing()) == before


def test_the_number_is_asked_again_and_another_one_is_compared(desk: Desk, talk: Talk) -> None:
    confirmed(talk, UNKNOWN)
    assert (talk.step.asking, talk.codes) == ("policy_number", ["policy_not_found"])

    assert talk.says(policy_number="00120999").asking == "confirmation"
    talk.says(Command.AFFIRM)

    assert talk.codes == ["policy_linked"]


def test_the_last_digits_are_enough_for_another_number(desk: Desk, talk: Talk) -> None:
    confirmed(talk, "00120998")

    talk.says(number_ending="9")
    assert (talk.step.asking, talk.step.filled["policy_number"]) == ("confirmation", "*****999")
    talk.says(Command.AFFIRM)

    assert talk.codes == ["policy_linked"]


def test_the_date_of_birth_may_have_been_the_wrong_one(desk: Desk, talk: Talk) -> None:
    confirmed(talk, "00120999", "17/8/1991")
    assert talk.step.asking == "policy_number"

    talk.says(Command.CORRECT, date_of_birth=BORN["budi"])
    assert (talk.step.asking, talk.codes) == ("confirmation", ["corrected"])
    talk.says(Command.AFFIRM)

    assert talk.codes == ["policy_linked"]


def test_the_same_number_again_is_compared_again(desk: Desk, talk: Talk) -> None:
    confirmed(talk, UNKNOWN)

    assert talk.says(policy_number=UNKNOWN).asking == "confirmation"
    talk.says(Command.AFFIRM)

    assert talk.codes == ["policy_not_found"]


def wrong(talk: Talk, times: int, number: str | None = None) -> None:
    for each in range(times):
        talk.says(policy_number=number or f"0099{each:04d}", date_of_birth=BORN["budi"])
        talk.says(Command.AFFIRM)
        assert talk.codes == ["policy_not_found"]


@pytest.mark.parametrize(("guesses", "is_blocked"), [(4, False), (5, True), (6, True)])
def test_a_conversation_has_five_guesses(
    desk: Desk, talk: Talk, guesses: int, is_blocked: bool
) -> None:
    wrong(talk, min(guesses, 5))

    talk.says(policy_number="00120999", date_of_birth=BORN["budi"])
    step = talk.says(Command.AFFIRM)

    assert talk.codes == (["matching_blocked"] if is_blocked else ["policy_linked"])
    assert step.outcome is (Outcome.PERSON if is_blocked else Outcome.COMPLETED)


@pytest.mark.parametrize(("guesses", "is_blocked"), [(4, False), (5, True)])
def test_a_policy_has_five_guesses_a_day_from_anywhere(
    desk: Desk, guesses: int, is_blocked: bool
) -> None:
    for name, born in (("agus", BORN["agus"]), ("ketut", BORN["ketut"])):
        stranger = opens(desk, registered(desk, name))
        for _ in range(guesses // 2):
            stranger.says(policy_number="00120999", date_of_birth=born)
            stranger.says(Command.AFFIRM)
    if guesses % 2:
        stranger.says(policy_number="00120999", date_of_birth=born)
        stranger.says(Command.AFFIRM)

    mine = opens(desk, registered(desk, "budi"), contact=BUDI_MOBILE)
    confirmed(mine, "00120999")

    assert mine.codes == (["matching_blocked"] if is_blocked else ["policy_linked"])
