"""Number and contact: what they tell whoever knows both, and nobody else."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from backend.adapters.tables.notices import notices
from backend.core.flow import Command, Outcome, Step
from backend.core.requests import Request
from tests.backend.desk import Desk, Talk
from tests.backend.services.check_request.asking import checks, filed_elsewhere, proves, told
from tests.backend.services.request_counter import EMAIL, OLD, Counter
from tests.backend.services.statements import statements

TODAY = "2026-11-20"
UNKNOWN = "REQ-00000001"
WRONG = "somebody.else@example.it"


@pytest.fixture
def counter(desk: Desk) -> Counter:
    return Counter(desk)


@pytest.fixture
def request_of_giulia(counter: Counter) -> Request:
    return filed_elsewhere(counter)


def asks_for(desk: Desk, number: str, contact: str, **about: str) -> Talk:
    talk = checks(desk, **about)
    talk.gives(request_number=number, contact=contact)
    return talk


def test_number_then_contact_tell_the_state_and_the_flow_ends(
    desk: Desk, counter: Counter, request_of_giulia: Request
) -> None:
    talk = checks(desk)
    assert (talk.step.asking, talk.codes) == ("request_number", [])
    step = talk.says(request_number=request_of_giulia.number.lower())
    assert step.asking == "contact"
    assert step.filled["request_number"] == f"********{request_of_giulia.number[-3:]}"

    step = talk.says(contact=EMAIL.upper())

    assert told(talk) == [
        ("request_submitted", {"request_number": request_of_giulia.number, "date": TODAY})
    ]
    assert step.outcome is Outcome.COMPLETED  # withdrawing is not open to this caller
    assert step.facts["next_offer"] == "nothing"
    talk.says(Command.AFFIRM)
    assert counter.seen_again(request_of_giulia).is_open


@pytest.mark.parametrize("contact", [EMAIL, "320 123 4519", OLD])
def test_any_contact_on_file_goes_with_the_number(
    desk: Desk, request_of_giulia: Request, contact: str
) -> None:
    assert asks_for(desk, request_of_giulia.number, contact).codes == ["request_submitted"]


def test_the_contact_given_in_a_request_of_nobody_on_file_goes_with_it(
    desk: Desk, counter: Counter
) -> None:
    request = filed_elsewhere(counter, customer_id=None, is_proven=False, contact="+393481112233")

    assert asks_for(desk, request.number, "348 111 22 33").codes == ["request_submitted"]
    assert asks_for(desk, request.number, EMAIL).codes == ["request_unknown"]


def test_both_may_come_with_the_wish(desk: Desk, request_of_giulia: Request) -> None:
    talk = checks(desk, saying={"request_number": request_of_giulia.number, "contact": EMAIL})

    assert talk.codes == ["request_submitted"]


def test_the_contact_may_come_first(desk: Desk, request_of_giulia: Request) -> None:
    talk = checks(desk, saying={"contact": EMAIL})
    assert talk.step.asking == "request_number"

    talk.says(request_number=request_of_giulia.number)

    assert talk.codes == ["request_submitted"]


@pytest.mark.parametrize(
    ("slot", "text", "code"),
    [
        ("request_number", "boh", "request_number_malformed"),
        ("contact", "mia@", "email_malformed"),
        ("contact", "02 1234567", "mobile_not_mobile"),
    ],
)
def test_an_answer_that_cannot_be_read_is_asked_again_and_counted(
    desk: Desk, slot: str, text: str, code: str
) -> None:
    talk = checks(desk)
    if slot == "contact":
        talk.says(request_number=UNKNOWN)

    repeats = []
    for _ in range(2):
        step = talk.says(**{slot: text})
        assert (step.asking, talk.codes) == (slot, [code])
        repeats.append(step.remarks[0].repeat)

    assert repeats == [1, 2]


def test_a_number_is_corrected_before_the_contact_is_given(
    desk: Desk, request_of_giulia: Request
) -> None:
    talk = checks(desk)
    digits = request_of_giulia.number[-1]
    wrong = request_of_giulia.number[:-1] + str((int(digits) + 1) % 10)
    talk.says(request_number=wrong)

    step = talk.says(number_ending=digits)

    assert (talk.codes, step.asking) == (["corrected"], "contact")
    talk.says(contact=EMAIL)
    assert talk.codes == ["request_submitted"]


def test_a_bad_correction_keeps_the_number(desk: Desk, request_of_giulia: Request) -> None:
    talk = checks(desk)
    talk.says(request_number=request_of_giulia.number)

    talk.says(Command.CORRECT, request_number="REQ-12")

    assert (talk.codes, talk.step.asking) == (["request_number_malformed"], "contact")
    talk.says(contact=EMAIL)
    assert talk.codes == ["request_submitted"]


@pytest.mark.parametrize("slot", ["request_number", "contact"])
def test_who_lacks_one_of_them_is_led_to_a_person(desk: Desk, slot: str) -> None:
    talk = checks(desk)
    if slot == "contact":
        talk.says(request_number=UNKNOWN)
    assert talk.step.asking == slot

    step = talk.says(Command.DENY)  # a bare no may mean anything
    assert (talk.codes, step.outcome, step.asking) == (["contact_help"], None, slot)

    step = talk.says(Command.NOT_AVAILABLE)
    assert (talk.codes, step.outcome) == (["contact_help"], Outcome.PERSON)


# What does not fit ------------------------------------------------------------------------------


def test_what_did_not_fit_is_looked_at_again_with_another_number(
    desk: Desk, request_of_giulia: Request
) -> None:
    talk = asks_for(desk, UNKNOWN, EMAIL)
    assert (talk.codes, talk.step.asking) == (["request_unknown"], "request_number")

    talk.says(request_number=request_of_giulia.number)

    assert talk.codes == ["request_submitted"]


def test_the_same_number_again_asks_for_the_contact_again(
    desk: Desk, request_of_giulia: Request
) -> None:
    talk = asks_for(desk, request_of_giulia.number, WRONG)
    assert talk.codes == ["request_unknown"]

    step = talk.says(request_number=request_of_giulia.number)
    assert (step.asking, talk.codes) == ("contact", [])
    assert "contact" not in step.filled

    talk.says(contact=EMAIL)
    assert talk.codes == ["request_submitted"]


def test_another_contact_is_looked_at_at_once(desk: Desk, request_of_giulia: Request) -> None:
    talk = asks_for(desk, request_of_giulia.number, WRONG)

    talk.says(Command.CORRECT, contact=EMAIL)

    assert talk.codes == ["corrected", "request_submitted"]


def test_nothing_is_compared_again_before_something_comes(desk: Desk) -> None:
    talk = asks_for(desk, UNKNOWN, WRONG)
    for command in (Command.AFFIRM, Command.RESEND, Command.CORRECT):
        assert talk.says(command).asking == "request_number"

    assert desk.audited().count("match_failed") == 1


def through(desk: Desk, number: str, contact: str) -> tuple[list[Step], list[list[str]]]:
    talk = checks(desk, client="a-client")
    steps, work = [], []
    for answers in ({"request_number": number}, {"contact": contact}):
        with statements(desk.backend.engine) as seen:
            steps.append(talk.says(**answers))
        work.append(seen)
    return steps, work


@pytest.mark.parametrize(
    "contact", [WRONG, "marco@example.it", "333 111 22 44"], ids=["nobody's", "other", "a customer"]
)
def test_an_unknown_number_and_a_wrong_contact_get_the_same_answer_for_the_same_work(
    desk: Desk, request_of_giulia: Request, contact: str
) -> None:
    wrong, work = through(desk, request_of_giulia.number, contact)
    unknown, same_work = through(desk, UNKNOWN, contact)

    assert [(step.asking, step.remarks, step.outcome) for step in wrong] == [
        (step.asking, step.remarks, step.outcome) for step in unknown
    ]
    assert [step.remarks[0].code for step in wrong if step.remarks] == ["request_unknown"]
    assert work == same_work


def test_a_request_of_another_market_is_unknown(desk: Desk, request_of_giulia: Request) -> None:
    talk = checks(desk, market="id")
    talk.gives(request_number=request_of_giulia.number, contact=EMAIL)

    assert talk.codes == ["request_unknown"]


def test_nothing_is_sent_to_whom_a_stranger_names(desk: Desk, request_of_giulia: Request) -> None:
    def written() -> int:
        with desk.backend.uow(read_only=True) as uow:
            return len(uow.connection.execute(select(notices.c.id)).all())

    before = written()
    asks_for(desk, request_of_giulia.number, WRONG)
    asks_for(desk, request_of_giulia.number, EMAIL)

    assert written() == before


def test_knowing_number_and_contact_proves_nothing(
    desk: Desk, counter: Counter, request_of_giulia: Request
) -> None:
    talk = asks_for(desk, request_of_giulia.number, EMAIL)

    step = talk.says(Command.AFFIRM)

    assert step.outcome is Outcome.EXPIRED
    assert counter.seen_again(request_of_giulia).is_open
    with desk.backend.uow(read_only=True) as uow:
        assert uow.identities.of(talk.id) is None


def test_the_owner_may_withdraw_what_they_looked_up_by_number(
    desk: Desk, counter: Counter, request_of_giulia: Request
) -> None:
    account = counter.opens_account()
    talk = checks(desk)
    proves(desk, account, talk.id)

    talk.says(request_number=request_of_giulia.number)

    assert (talk.codes, talk.step.asking) == (["request_submitted"], "confirmation")


# Budgets ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("wrong", "blocked"), [(4, False), (5, True), (6, True)])
def test_a_conversation_may_be_wrong_five_times(
    desk: Desk, request_of_giulia: Request, wrong: int, blocked: bool
) -> None:
    talk = checks(desk)
    talk.gives(request_number="REQ-90000000", contact=EMAIL)
    for number in range(1, min(wrong, 5)):
        assert talk.says(request_number=f"REQ-9000000{number}").asking == "request_number"
        assert "request_unknown" in talk.codes
    if wrong > 5:
        talk.says(request_number="REQ-90000009")
        talk = Talk(desk, "it", "it", conversation=talk.id, flow="check_request")
        talk.says(contact=EMAIL)

    step = talk.says(request_number=request_of_giulia.number)

    assert ("matching_blocked" in talk.codes) is blocked
    assert step.outcome is (Outcome.PERSON if blocked else Outcome.COMPLETED)


@pytest.mark.parametrize(("wrong", "blocked"), [(4, False), (5, True)])
def test_a_number_may_be_guessed_at_five_times_a_day(
    desk: Desk, request_of_giulia: Request, wrong: int, blocked: bool
) -> None:
    for attempt in range(wrong):
        guess = asks_for(desk, request_of_giulia.number, f"guess{attempt}@example.it")
        assert guess.codes == ["request_unknown"]

    talk = asks_for(desk, request_of_giulia.number, EMAIL)

    assert talk.codes == (["matching_blocked"] if blocked else ["request_submitted"])
    desk.clock.forward(24 * 3600)
    assert asks_for(desk, request_of_giulia.number, EMAIL).codes == ["request_submitted"]


def test_an_unknown_number_is_blocked_just_as_well(desk: Desk) -> None:
    codes = [asks_for(desk, UNKNOWN, f"guess{n}@example.it").codes for n in range(6)]

    assert codes == [["request_unknown"]] * 5 + [["matching_blocked"]]


@pytest.mark.parametrize(("wrong", "blocked"), [(9, False), (10, True)])
def test_a_client_may_be_wrong_ten_times_an_hour(
    desk: Desk, request_of_giulia: Request, wrong: int, blocked: bool
) -> None:
    for number in range(wrong):
        asks_for(desk, f"REQ-900000{number:02d}", EMAIL, client="one-address")

    talk = asks_for(desk, request_of_giulia.number, EMAIL, client="one-address")

    assert ("matching_blocked" in talk.codes) is blocked


def test_what_fits_costs_nothing(desk: Desk, request_of_giulia: Request) -> None:
    for _ in range(7):
        assert asks_for(desk, request_of_giulia.number, EMAIL).codes == ["request_submitted"]


def test_ones_own_are_shown_even_to_whom_guessing_is_closed(
    desk: Desk, request_of_giulia: Request, counter: Counter
) -> None:
    for number in range(5):
        asks_for(desk, request_of_giulia.number, f"guess{number}@example.it")
    account = counter.opens_account()
    proves(desk, account, "c_of_the_owner")

    assert checks(desk, conversation="c_of_the_owner").codes == ["request_submitted"]


@pytest.mark.parametrize(("seconds", "lives"), [(899, True), (900, False), (901, False)])
def test_a_number_is_forgotten_after_a_quarter_of_an_hour(
    desk: Desk, request_of_giulia: Request, seconds: int, lives: bool
) -> None:
    talk = checks(desk)
    talk.says(request_number=request_of_giulia.number)
    desk.clock.forward(seconds)

    talk.says(contact=EMAIL)

    assert talk.codes == (["request_submitted"] if lives else ["flow_expired"])


def test_the_same_message_again_is_counted_once(desk: Desk) -> None:
    talk = checks(desk)
    talk.says(request_number=UNKNOWN)
    turn = talk.turn(contact=WRONG)

    steps = [talk.flow.advance(turn) for _ in range(3)]

    assert steps[0] == steps[1] == steps[2]
    assert desk.audited().count("match_failed") == 1
