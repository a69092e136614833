"""Many at once, on SQLite and on PostgreSQL."""

from __future__ import annotations

from backend.core.flow import Command, Step
from tests.backend.desk import Desk
from tests.backend.services.people import GIULIA, GIULIA_MOBILE
from tests.backend.services.recover_username.forgetful import GIULIA_SAYS, asks
from tests.backend.services.test_races import at_once


def test_one_message_delivered_many_times_at_once_has_one_effect(any_desk: Desk) -> None:
    talk = asks(any_desk, GIULIA_SAYS)
    turn = talk.turn(Command.AFFIRM)

    steps: list[Step] = at_once([lambda: talk.flow.advance(turn)] * 8)

    assert all(step == steps[0] for step in steps)
    assert [remark.code for remark in steps[0].remarks] == ["username_sent"]
    assert len(any_desk.sent(GIULIA_MOBILE)) == len(any_desk.sent(GIULIA)) == 1
    assert any_desk.audited().count("username_asked") == 1


def test_however_many_ask_at_once_a_policy_is_looked_up_five_times(any_desk: Desk) -> None:
    talks = [asks(any_desk, GIULIA_SAYS) for _ in range(8)]
    turns = [(talk, talk.turn(Command.AFFIRM)) for talk in talks]

    steps: list[Step] = at_once(
        [lambda talk=talk, turn=turn: talk.flow.advance(turn) for talk, turn in turns]
    )

    codes = sorted(step.remarks[0].code for step in steps)
    assert codes == ["matching_blocked"] * 3 + ["username_sent"] * 5
    assert len(any_desk.sent(GIULIA_MOBILE)) == len(any_desk.sent(GIULIA)) == 5


def test_however_many_ask_at_once_a_contact_gets_what_it_may(any_desk: Desk) -> None:
    says = dict(list(GIULIA_SAYS.items())[:3])
    talks = []
    for _ in range(8):
        talk = any_desk.talk(flow="recover_username")
        talk.gives(**says)
        talk.says(Command.NOT_AVAILABLE)
        talk.gives(date_of_birth="3/4/1985")
        talks.append((talk, talk.turn(Command.AFFIRM)))

    steps: list[Step] = at_once(
        [lambda talk=talk, turn=turn: talk.flow.advance(turn) for talk, turn in talks]
    )

    assert {step.remarks[0].code for step in steps} == {"username_sent"}
    assert len(any_desk.sent(GIULIA_MOBILE)) == len(any_desk.sent(GIULIA)) == 5
