"""Requests under several hands at once: SQLite in a file and PostgreSQL, with real threads."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from backend.core.audit import Event
from backend.core.errors import Conflict, LinkUsed, RequestOpen
from backend.core.requests import Reason, State
from backend.services.vetoes import VetoResult
from tests.backend.desk import Desk
from tests.backend.services.request_counter import ANNA, BRUNO, EMAIL, NEW, OLD, Counter


def at_once(calls: list[Callable[[], Any]]) -> list[Any]:
    """Run all calls at the same moment; what one raises is its result."""
    barrier = Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        barrier.wait()
        try:
            return call()
        except Exception as failure:  # noqa: BLE001 - the failure is the result
            return failure

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


@pytest.fixture
def counter(any_desk: Desk) -> Counter:
    return Counter(any_desk)


def done(results: list[Any]) -> list[Any]:
    """What did not fail; whatever failed was told of the one that was first."""
    failures = [result for result in results if isinstance(result, Exception)]
    assert all(isinstance(failure, Conflict) for failure in failures), failures
    return [result for result in results if not isinstance(result, Exception)]


def test_reviewers_who_decide_at_once_make_one_decision(counter: Counter) -> None:
    request = counter.files()

    results = at_once(
        [lambda by=by: counter.approves(request, by) for by in (ANNA, BRUNO) * 3]
        + [lambda by=by: counter.rejects(request, by) for by in (ANNA, BRUNO) * 3]
    )

    assert len(done(results)) == 1
    approved = counter.seen_again(request).state is State.APPROVED
    assert counter.mobile == (NEW if approved else OLD)
    assert len(counter.changes()) == counter.sent("request_approved") == int(approved)
    assert counter.sent("request_rejected") == int(not approved)
    assert counter.audited(Event.REQUEST_APPROVED) == int(approved)
    assert counter.audited(Event.REQUEST_REJECTED) == int(not approved)
    assert [event.intent for event in counter.heard()] == ["request_decided"]


def test_whoever_is_first_of_a_reviewer_and_a_veto_the_number_stays(counter: Counter) -> None:
    counter.opens_account()
    request = counter.files()
    token = counter.tokens(EMAIL)[0]

    approved, vetoed = at_once(
        [lambda: counter.approves(request), lambda: counter.desk.backend.vetoes.veto(token)]
    )

    assert isinstance(vetoed, VetoResult)
    assert counter.mobile == OLD
    if approved is None:
        assert counter.seen_again(request).state is State.APPROVED
        assert [change.reverted_at is not None for change in counter.changes()] == [True]
    else:
        assert isinstance(approved, Conflict)
        assert counter.seen_again(request).state is State.VETOED
        assert counter.changes() == []
    assert counter.audited(Event.REQUEST_APPROVED) == len(counter.changes())
    assert counter.sent("mobile_change_stopped") == 2


def test_a_rejection_and_a_veto_at_once_end_it_once(counter: Counter) -> None:
    request = counter.files()
    token = counter.tokens(OLD)[0]

    results = at_once(
        [
            lambda: counter.rejects(request, reason=Reason.OTHER),
            lambda: counter.desk.backend.vetoes.veto(token),
        ]
    )

    assert len(done(results)) == 1
    assert counter.seen_again(request).state in {State.REJECTED, State.VETOED}
    ends = counter.audited(Event.REQUEST_REJECTED) + counter.audited(Event.REQUEST_VETOED)
    assert ends == 1


def test_a_withdrawal_and_an_approval_at_once_end_it_once(counter: Counter) -> None:
    request = counter.files()

    results = at_once([lambda: counter.withdraws(request), lambda: counter.approves(request)])

    assert len(done(results)) == 1
    approved = counter.seen_again(request).state is State.APPROVED
    assert counter.mobile == (NEW if approved else OLD)


@pytest.mark.parametrize("decided", [True, False], ids=["change", "request"])
def test_all_links_at_once_stop_it_once(counter: Counter, decided: bool) -> None:
    request = counter.files()
    if decided:
        counter.approves(request)
    tokens = [*counter.tokens(OLD), *counter.tokens(EMAIL)] * 3

    results = at_once(
        [lambda token=token: counter.desk.backend.vetoes.veto(token) for token in tokens]
    )

    assert len(done(results)) == 1
    assert sum(isinstance(result, LinkUsed) for result in results) == len(tokens) - 1
    assert counter.mobile == OLD
    assert counter.sent("mobile_change_stopped") == 2


def test_requests_filed_at_once_become_one(counter: Counter) -> None:
    results = at_once([lambda n=n: counter.files(conversation_id=f"c_{n}") for n in range(8)])

    assert len(done(results)) == 1
    told = {failure.facts["number"] for failure in results if isinstance(failure, RequestOpen)}
    assert told == {done(results)[0].number}
    assert counter.sent("request_received") == 1


def test_numbers_changed_at_once_leave_a_chain_that_leads_back(counter: Counter) -> None:
    numbers = [f"+39348111{n:04d}" for n in range(6)]

    changes = at_once(
        [lambda number=number: counter.changes_by_codes(number) for number in numbers]
    )

    assert len(done(changes)) == 6
    chain = list(reversed(counter.changes()))
    assert [change.old for change in chain[1:]] == [change.new for change in chain[:-1]]
    assert chain[0].old == OLD
    assert counter.mobile == chain[-1].new
    counter.desk.backend.vetoes.veto(counter.tokens(OLD)[0])
    assert counter.mobile == OLD
