"""One's own requests: shown without a number."""

from __future__ import annotations

import pytest

from backend.core.customers import Account
from backend.core.flow import Command, Outcome
from backend.core.requests import Kind, Reason, State
from tests.backend.desk import Desk
from tests.backend.services.check_request.asking import (
    checks,
    checks_as,
    filed_elsewhere,
    several,
    told,
)
from tests.backend.services.request_counter import Counter

TODAY = "2026-11-20"


@pytest.fixture
def counter(desk: Desk) -> Counter:
    return Counter(desk)


@pytest.fixture
def account(counter: Counter) -> Account:
    return counter.opens_account()


@pytest.fixture
def budi(desk: Desk) -> Counter:
    return Counter(desk, "id", "ID-0001")


def test_whose_identity_is_proved_hears_at_once_how_the_only_request_stands(
    desk: Desk, counter: Counter, account: Account
) -> None:
    request = filed_elsewhere(counter)

    talk = checks_as(desk, account)

    assert told(talk) == [("request_submitted", {"request_number": request.number, "date": TODAY})]
    assert talk.step.asking == "confirmation"
    assert talk.step.facts["request_number"] == request.number


def test_a_request_of_this_conversation_is_shown_without_any_proof(
    desk: Desk, counter: Counter
) -> None:
    request = counter.files(customer_id=None, is_proven=False)

    talk = checks(desk, conversation=counter.conversation)

    assert told(talk)[0][0] == "request_submitted"
    assert talk.step.facts["request_number"] == request.number


def test_the_indonesian_way_is_the_same(desk: Desk, budi: Counter) -> None:
    account = budi.opens_account("budi2026ab")
    request = filed_elsewhere(
        budi, kind=Kind.LINK_POLICY, account_id=account.id, details={"policy_id": 3}
    )

    talk = checks_as(desk, account)

    assert told(talk)[0] == (
        "request_submitted", {"request_number": request.number, "date": TODAY},
    )  # fmt: skip
    assert talk.says(Command.AFFIRM).outcome is Outcome.COMPLETED
    assert budi.seen_again(request).state is State.WITHDRAWN


@pytest.mark.parametrize("reason", list(Reason))
def test_a_rejection_is_told_with_its_reason(
    desk: Desk, counter: Counter, account: Account, reason: Reason
) -> None:
    request = filed_elsewhere(counter)
    counter.rejects(request, reason=reason, note="never to be told")

    talk = checks_as(desk, account)

    assert told(talk) == [
        (
            "request_rejected",
            {"request_number": request.number, "date": TODAY, "reason": reason.value},
        )
    ]
    assert talk.step.outcome is Outcome.COMPLETED
    assert talk.step.facts["next_offer"] == "nothing"
    assert "never" not in str(talk.step.to_json())


def test_what_is_decided_is_told_and_nothing_more_is_asked(
    desk: Desk, counter: Counter, account: Account
) -> None:
    approved = filed_elsewhere(counter)
    counter.approves(approved)

    talk = checks_as(desk, account)

    assert told(talk) == [("request_approved", {"request_number": approved.number, "date": TODAY})]
    assert talk.step.outcome is Outcome.COMPLETED


@pytest.mark.parametrize(("market", "day"), [("it", "2026-11-21"), ("id", "2026-11-21")])
def test_the_day_is_that_of_the_market(desk: Desk, market: str, day: str) -> None:
    hours = {"it": 14, "id": 8}[market]  # 23:00 UTC and 17:00 UTC: the next day there
    desk.clock.forward(hours * 3600)
    counter = Counter(desk, market, {"it": "IT-0001", "id": "ID-0001"}[market])
    counter.files()

    talk = checks(desk, market, conversation=counter.conversation)

    assert told(talk)[0][1]["date"] == day


def test_several_are_offered_by_number_the_newest_first(
    desk: Desk, counter: Counter, account: Account
) -> None:
    requests = several(counter, 7)

    talk = checks_as(desk, account)

    assert talk.step.asking == "request_choice"
    assert [(choice.id, choice.title) for choice in talk.step.choices] == [
        (request.number, request.number) for request in requests[:5]
    ]


@pytest.mark.parametrize("way", ["id", "sentence", "as number", "digits", "ending"])
def test_one_of_several_is_chosen(desk: Desk, counter: Counter, account: Account, way: str) -> None:
    newest, older = several(counter, 2)
    talk = checks_as(desk, account)
    digits = older.number.removeprefix("REQ-")
    answer = {
        "id": {"request_choice": older.number},
        "sentence": {"request_choice": f"quella con il numero {older.number.lower()}, grazie"},
        "as number": {"request_number": older.number},
        "digits": {"request_choice": digits},
        "ending": {"number_ending": digits[-4:]},
    }[way]

    step = talk.says(**answer)

    assert told(talk)[0][1]["request_number"] == older.number != newest.number
    assert step.filled["request_choice"].endswith(older.number[-3:])
    assert older.number not in str(dict(step.filled))
    assert step.accepted == ("request_choice",)


def test_an_older_request_than_those_offered_is_found_by_its_number(
    desk: Desk, counter: Counter, account: Account
) -> None:
    oldest = several(counter, 7)[-1]
    talk = checks_as(desk, account)

    talk.says(request_choice=oldest.number)

    assert told(talk)[0][1]["request_number"] == oldest.number


@pytest.mark.parametrize("answer", ["boh", "REQ-00000000"])
def test_a_choice_that_is_not_there_is_asked_again(
    desk: Desk, counter: Counter, account: Account, answer: str
) -> None:
    several(counter, 2)
    talk = checks_as(desk, account)

    for repeat in (1, 2):
        step = talk.says(request_choice=answer)
        assert (talk.codes, step.asking) == (["choice_unknown"], "request_choice")
        assert step.remarks[0].repeat == repeat
    assert len(step.choices) == 2


def test_somebody_elses_number_is_no_choice(
    desk: Desk, counter: Counter, account: Account, budi: Counter
) -> None:
    several(counter, 2)
    other = Counter(desk, "it", "IT-0002").files(contact="+393331112244")
    talk = checks_as(desk, account)

    assert talk.says(request_choice=other.number).asking == "request_choice"
    assert talk.codes == ["choice_unknown"]


@pytest.mark.parametrize("refusal", [Command.DENY, Command.NOT_AVAILABLE])
def test_none_of_several_leads_to_number_and_contact(
    desk: Desk, counter: Counter, account: Account, refusal: Command
) -> None:
    several(counter, 2)
    talk = checks_as(desk, account)

    step = talk.says(refusal)

    assert (step.asking, step.choices, step.outcome) == ("request_number", (), None)


def test_a_number_said_with_the_wish_needs_no_choice(
    desk: Desk, counter: Counter, account: Account
) -> None:
    older = several(counter, 2)[1]

    talk = checks_as(desk, account, saying={"request_number": older.number})

    assert [facts["request_number"] for _, facts in told(talk)] == [older.number]


def test_what_was_asked_here_and_what_is_the_owners_stand_together(
    desk: Desk, counter: Counter, account: Account
) -> None:
    of_owner = filed_elsewhere(counter)
    desk.clock.forward(1)
    filed_here = counter.files(customer_id=None, is_proven=False)

    talk = checks_as(desk, account, counter.conversation)

    assert [choice.id for choice in talk.step.choices] == [filed_here.number, of_owner.number]


def test_requests_of_another_market_are_not_shown(desk: Desk, counter: Counter) -> None:
    counter.files()

    talk = checks(desk, "id", conversation=counter.conversation)

    assert talk.step.asking == "request_number"


def test_whose_proof_is_for_another_account_sees_nothing_of_it(
    desk: Desk, counter: Counter, account: Account
) -> None:
    filed_elsewhere(counter)
    marco = Counter(desk, "it", "IT-0002").opens_account("+393331112244")

    talk = checks_as(desk, marco)

    assert talk.codes == ["no_requests"]


def test_nothing_found_for_a_proved_identity_leads_to_the_number(
    desk: Desk, account: Account
) -> None:
    talk = checks_as(desk, account)

    assert (talk.codes, talk.step.asking) == (["no_requests"], "request_number")


@pytest.mark.parametrize("refusal", [Command.DENY, Command.NOT_AVAILABLE])
def test_who_has_none_and_no_number_is_done(desk: Desk, account: Account, refusal: Command) -> None:
    talk = checks_as(desk, account)

    step = talk.says(refusal)

    assert step.outcome is Outcome.COMPLETED
    assert step.facts["next_offer"] == "nothing"


def test_who_has_none_may_still_give_number_and_contact(
    desk: Desk, counter: Counter, account: Account
) -> None:
    other = Counter(desk, "it", "IT-0002")
    request = filed_elsewhere(other, contact="+393331112244")
    talk = checks_as(desk, account)

    talk.gives(request_number=request.number, contact="333 111 22 44")

    assert talk.codes == ["request_submitted"]
    assert talk.step.outcome is Outcome.COMPLETED
