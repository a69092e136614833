"""Holds the evidence against what was promised: once, in order, nothing doubled, nothing lost."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise

from tests.chaos.evidence import Evidence, Inbound, Outgoing
from tests.chaos.monkey import DATABASE, Blow
from tests.chaos.twilio import Attempt, Fate

_HANDLED = frozenset({"done", "failed"})
_SETTLED = frozenset({"sent", "void", "expired"})
_BLOW_TELLS_FOR = 16.0
"""A blow so long after a message was taken may have kept the desk from writing that down: as long
as a unit of work may wait for the database."""
_BLOW_MAY_BE_AHEAD = 1.0


def violations(evidence: Evidence, blows: Sequence[Blow]) -> list[str]:
    """Everything about one visit that is not as promised."""
    checks = (
        _came_to_its_end,
        _nothing_that_came_in_is_lost,
        _each_turn_is_answered_once_and_in_order,
        _answers_are_in_the_outbox_once,
        _nothing_in_the_outbox_is_open,
        _answers_left_in_order,
        _widget_showed_each_line_once,
        _one_code_for_one_request,
        _no_code_left_twice,
        _effects_are_there_once,
    )
    found = [problem for check in checks for problem in check(evidence)]
    return [*found, *_repeated_without_need(evidence, blows)]


def repeats(evidence: Evidence) -> int:
    """How many messages were taken by Twilio more than once."""
    return sum(
        max(0, sum(one.is_taken for one in attempts) - 1) for attempts in evidence.attempts.values()
    )


def _came_to_its_end(evidence: Evidence) -> Iterator[str]:
    if evidence.problem:
        yield f"talk did not come to its end: {evidence.problem}"


def _nothing_that_came_in_is_lost(evidence: Evidence) -> Iterator[str]:
    rows = Counter(row.name for row in evidence.inbound)
    yield from (f"message {name} is lost" for name in evidence.sent if not rows[name])
    yield from (f"message {name} has {n} rows" for name, n in rows.items() if n > 1)
    for row in evidence.inbound:
        if row.status not in _HANDLED or row.handled_at is None:
            yield f"inbound row {row.id} is {row.status}"


def _each_turn_is_answered_once_and_in_order(evidence: Evidence) -> Iterator[str]:
    if [line.seq for line in evidence.said] != list(range(1, len(evidence.said) + 1)):
        yield "the numbers of the transcript have gaps"
    blocks = [inbound_id for inbound_id, _ in groupby(line.inbound_id for line in evidence.said)]
    if blocks != sorted(set(filter(None, blocks))):
        yield f"answers are not in the order of messages: {blocks}"
    for row in evidence.inbound:
        authors = [line.author for line in evidence.said if line.inbound_id == row.id]
        own = authors.count("customer")
        is_answered = authors.count("bot") > 0 and (not own or authors[0] == "customer")
        if own != (row.kind != "event") or not is_answered:
            yield f"inbound row {row.id} ({row.kind}) is answered by {authors}"
    moments = [row.handled_at for row in evidence.inbound if row.handled_at]
    if any(later < earlier for earlier, later in pairwise(moments)):
        yield "messages were handled in another order than they came"


def _answers_are_in_the_outbox_once(evidence: Evidence) -> Iterator[str]:
    written = [each.text for each in evidence.replies]
    if written != list(evidence.pieces):
        yield f"outbox has {len(written)} answers, the transcript {len(evidence.pieces)}, or others"


def _nothing_in_the_outbox_is_open(evidence: Evidence) -> Iterator[str]:
    for each in (*evidence.replies, *evidence.notices):
        is_told = each.status == "dead" and each.reason
        if each.status not in _SETTLED and not is_told:
            yield f"outbox row {each.seq} is {each.status} ({each.reason})"
        taken = _taken(evidence, each)
        if each.status == "sent" and not taken:
            yield f"outbox row {each.seq} is sent, and Twilio never took it"
        if each.status == "sent" and taken and all(one.failed_later for one in taken):
            yield f"outbox row {each.seq} is sent, and none of it was delivered"


def _answers_left_in_order(evidence: Evidence) -> Iterator[str]:
    moments = [taken[0].at for each in evidence.replies if (taken := _taken(evidence, each))]
    if moments != sorted(moments):
        yield "answers left in another order than they were written"


def _widget_showed_each_line_once(evidence: Evidence) -> Iterator[str]:
    if evidence.seen is not None and list(evidence.seen) != [one.seq for one in evidence.said]:
        yield f"the widget showed {len(evidence.seen)} of {len(evidence.said)} lines, or others"


def _one_code_for_one_request(evidence: Evidence) -> Iterator[str]:
    codes = [each for each in evidence.notices if each.is_code]
    if len(codes) != len(evidence.challenges):
        yield f"{len(evidence.challenges)} codes were made, {len(codes)} written into the outbox"
    ends = [row.handled_at for row in evidence.inbound if row.handled_at]
    turns = Counter(bisect_left(ends, made) for made in evidence.challenges)
    for turn, number in turns.items():
        if number > 1:
            yield f"{number} codes were made in one turn: {_name(evidence.inbound, turn)}"


def _no_code_left_twice(evidence: Evidence) -> Iterator[str]:
    for each in evidence.notices:
        times = len(_taken(evidence, each))
        if each.is_code and times > 1:
            fates = [str(one.fate) for one in evidence.attempts[each.key]]
            yield f"the code of outbox row {each.seq} left {times} times: {fates}"


def _effects_are_there_once(evidence: Evidence) -> Iterator[str]:
    for name, times in evidence.effects.items():
        wanted = int(name in evidence.due)
        if times != wanted:
            yield f"{name} is there {times} times instead of {wanted}"


def _repeated_without_need(evidence: Evidence, blows: Sequence[Blow]) -> Iterator[str]:
    """Sent again although the desk was told, had time to write it down, and it did not fail."""
    for each in (*evidence.replies, *evidence.notices):
        for earlier, later in pairwise(evidence.attempts.get(each.key, ())):
            was_told = earlier.fate is Fate.TOLD and not earlier.failed_later
            if was_told and not _was_hit(earlier.at, later.at, blows):
                yield f"outbox row {each.seq} left again {later.at - earlier.at:.0f} s later"


def _was_hit(since: float, until: float, blows: Sequence[Blow]) -> bool:
    return any(
        since - _BLOW_MAY_BE_AHEAD <= blow.at <= min(until, since + _BLOW_TELLS_FOR)
        for blow in blows
        if blow.what.startswith("web") or blow.what == DATABASE
    )


def _taken(evidence: Evidence, each: Outgoing) -> list[Attempt]:
    return [one for one in evidence.attempts.get(each.key, ()) if one.is_taken]


def _name(rows: Sequence[Inbound], turn: int) -> str:
    return f"row {rows[turn].id}" if turn < len(rows) else "after the last"
