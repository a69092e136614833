"""Whoever judges has to see every kind of fault, and none where there is none."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.chaos.evidence import Evidence, Inbound, Outgoing, Said
from tests.chaos.judging import repeats, violations
from tests.chaos.monkey import Blow
from tests.chaos.twilio import Attempt, Fate

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def taken(key: str, *moments: float, fate: Fate = Fate.TOLD) -> tuple[Attempt, ...]:
    return tuple(Attempt(moment, key, fate) for moment in moments)


CODE = Outgoing(9, "code", "sent", None, "code", is_code=True)
GOOD = Evidence(
    who="somebody",
    problem="",
    sent=("SM1", "SM2"),
    inbound=(
        Inbound(1, "SM1", "text", "done", 1, at(1)),
        Inbound(2, "SM2", "text", "done", 2, at(2)),
    ),
    said=(Said(1, "customer", 1), Said(2, "bot", 1), Said(3, "customer", 2), Said(4, "bot", 2)),
    pieces=("one", "two"),
    replies=(Outgoing(1, "n1", "sent", None, "one"), Outgoing(2, "n2", "sent", None, "two")),
    notices=(CODE,),
    challenges=(at(1.5),),
    attempts={"n1": taken("n1", 1), "n2": taken("n2", 2), "code": taken("code", 2)},
    seen=None,
    due=("account",),
    effects={"account": 1, "request": 0},
)


def judged(blows: tuple[Blow, ...] = (), **changes: Any) -> list[str]:
    return violations(replace(GOOD, **changes), blows)


def test_what_is_as_promised_is_not_complained_of() -> None:
    assert judged() == []
    assert judged(seen=(1, 2, 3, 4)) == []


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"problem": "stuck"}, "did not come to its end"),
        ({"sent": ("SM1", "SM2", "SM3")}, "message SM3 is lost"),
        ({"inbound": (*GOOD.inbound, replace(GOOD.inbound[1], id=3))}, "has 2 rows"),
        ({"inbound": (GOOD.inbound[0], replace(GOOD.inbound[1], status="running"))}, "is running"),
        (
            {"inbound": (GOOD.inbound[0], replace(GOOD.inbound[1], handled_at=at(0)))},
            "in another order than they came",
        ),
        ({"said": GOOD.said[:3]}, "is answered by ['customer']"),
        ({"said": (*GOOD.said, Said(5, "customer", 2))}, "'customer']"),
        ({"said": (*GOOD.said, Said(6, "bot", 2))}, "gaps"),
        ({"said": (*GOOD.said, Said(5, "bot", 1))}, "not in the order of messages"),
        ({"pieces": ("one", "two", "two")}, "the transcript 3"),
        ({"replies": (GOOD.replies[0], replace(GOOD.replies[1], text="too"))}, "or others"),
        ({"notices": (replace(CODE, status="sending"),)}, "is sending"),
        ({"notices": (replace(CODE, status="dead"),)}, "is dead (None)"),
        ({"attempts": {"n1": taken("n1", 1), "n2": taken("n2", 2)}}, "Twilio never took it"),
        (
            {"attempts": {**GOOD.attempts, "n1": taken("n1", 3)}},
            "left in another order than they were written",
        ),
        ({"seen": (1, 2, 3)}, "the widget showed 3"),
        ({"seen": (1, 2, 2, 3, 4)}, "the widget showed 5"),
        ({"challenges": (at(1.5), at(1.6))}, "2 codes were made in one turn"),
        ({"notices": (CODE, replace(CODE, status="dead", reason="x"))}, "2 written into"),
        ({"attempts": {**GOOD.attempts, "code": taken("code", 2, 3)}}, "left 2 times"),
        ({"effects": {"account": 2}}, "account is there 2 times"),
        ({"effects": {"account": 0}}, "account is there 0 times"),
        ({"effects": {"request": 1}}, "request is there 1 times"),
    ],
)
def test_every_fault_is_seen(changes: dict[str, Any], complaint: str) -> None:
    found = judged(**changes)
    assert any(complaint in each for each in found), found


TWICE = {**GOOD.attempts, "n2": taken("n2", 2, 130)}


def test_an_answer_that_left_twice_needs_a_reason() -> None:
    assert judged(attempts=TWICE) == ["outbox row 2 left again 128 s later"]
    assert judged((Blow(1.9, "engine"),), attempts=TWICE)
    assert judged((Blow(60.0, "web-1"),), attempts=TWICE)
    assert repeats(replace(GOOD, attempts=TWICE)) == 1


@pytest.mark.parametrize("what", ["web-1", "database"])
def test_whoever_was_hit_may_have_forgotten_that_it_was_taken(what: str) -> None:
    assert judged((Blow(2.5, what),), attempts=TWICE) == []


def test_an_answer_may_leave_again_where_nobody_knew_or_it_did_not_arrive() -> None:
    unknown = taken("n2", 2, fate=Fate.UNTOLD) + taken("n2", 5)
    undelivered = (Attempt(2, "n2", Fate.TOLD, failed_later=True), *taken("n2", 5))
    for attempts in (unknown, undelivered):
        assert judged(attempts={**GOOD.attempts, "n2": attempts}) == []


def test_an_answer_that_never_arrived_has_to_leave_again() -> None:
    undelivered = (Attempt(2, "n2", Fate.TOLD, failed_later=True),)
    found = judged(attempts={**GOOD.attempts, "n2": undelivered})
    assert found == ["outbox row 2 is sent, and none of it was delivered"]


def test_a_code_that_was_given_up_need_not_have_left() -> None:
    given_up = (replace(CODE, status="dead", reason="outcome_unknown"),)
    without = {name: each for name, each in GOOD.attempts.items() if name != "code"}
    assert judged(notices=given_up, attempts=without) == []
