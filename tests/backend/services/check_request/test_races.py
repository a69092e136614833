"""Withdrawn and decided at once, on SQLite and on PostgreSQL."""

from __future__ import annotations

import pytest

from backend.core.audit import Event
from backend.core.errors import Conflict
from backend.core.flow import Command, Outcome, Step
from backend.core.requests import State
from tests.backend.desk import Desk
from tests.backend.services.check_request.asking import checks, checks_as, filed_elsewhere
from tests.backend.services.request_counter import NEW, OLD, Counter
from tests.backend.services.test_races import at_once


def test_two_conversations_withdraw_at_once_and_it_happens_once(any_desk: Desk) -> None:
    counter = Counter(any_desk)
    account = counter.opens_account()
    request = filed_elsewhere(counter)
    talks = [checks_as(any_desk, account, f"c_owner_{number}") for number in range(4)]
    turns = [(talk, talk.turn(Command.AFFIRM)) for talk in talks]

    steps: list[Step] = at_once(
        [lambda talk=talk, turn=turn: talk.flow.advance(turn) for talk, turn in turns]
    )

    assert [step.remarks[0].code for step in steps] == ["request_withdrawn"] * 4
    assert {step.outcome for step in steps} == {Outcome.COMPLETED}
    assert counter.audited(Event.REQUEST_WITHDRAWN) == 1
    assert counter.sent("request_withdrawn") == 1
    assert counter.seen_again(request).version == 2


@pytest.mark.parametrize("attempt", range(3))
def test_a_withdrawal_and_an_approval_at_once_have_one_winner(any_desk: Desk, attempt: int) -> None:
    counter = Counter(any_desk)
    request = counter.files()
    talk = checks(any_desk, conversation=counter.conversation)
    turn = talk.turn(Command.AFFIRM)

    step, approved = at_once([lambda: talk.flow.advance(turn), lambda: counter.approves(request)])

    state = counter.seen_again(request).state
    assert state in {State.WITHDRAWN, State.APPROVED}
    assert step.remarks[0].code == f"request_{state}"
    assert isinstance(approved, Conflict) is (state is State.WITHDRAWN)
    assert counter.mobile == (NEW if state is State.APPROVED else OLD)
    decided = counter.audited(Event.REQUEST_WITHDRAWN) + counter.audited(Event.REQUEST_APPROVED)
    assert decided == 1


def test_however_many_guess_at_once_a_number_is_compared_five_times(any_desk: Desk) -> None:
    request = filed_elsewhere(Counter(any_desk))
    turns = []
    for number in range(8):
        talk = checks(any_desk)
        talk.says(request_number=request.number)
        turns.append((talk, talk.turn(contact=f"guess{number}@example.it")))

    steps: list[Step] = at_once(
        [lambda talk=talk, turn=turn: talk.flow.advance(turn) for talk, turn in turns]
    )

    codes = sorted(step.remarks[0].code for step in steps)
    assert codes == ["matching_blocked"] * 3 + ["request_unknown"] * 5
