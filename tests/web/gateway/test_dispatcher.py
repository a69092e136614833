"""Order, dedupe, and what survives the end of a process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sqlalchemy import select

from backend.adapters.tables.conversations import inbound
from tests.web.gateway.conftest import Customer
from tests.web.gateway.house import QUICK, FakeEngine, echo, said, text
from web.gateway.service import Gateway


async def eventually(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not holds():  # noqa: ASYNC110 - what is waited for has no event of its own
            await asyncio.sleep(0.01)


async def test_messages_of_one_conversation_are_answered_in_their_order(
    customer: Customer, engine: FakeEngine
) -> None:
    engine.gate.clear()
    received = [await customer.gateway.receive(customer.id, text(f"n{n}")) for n in range(8)]
    engine.gate.set()
    assert await customer.gateway.wait(customer.id, received[-1])
    assert engine.texts == [f"n{n}" for n in range(8)]
    assert engine.most_at_once == 1
    lines = await customer.lines()
    assert [line.seq for line in lines] == list(range(1, 17))
    assert [line.text for line in lines[::2]] == [f"n{n}" for n in range(8)]


async def test_different_conversations_are_answered_side_by_side_up_to_the_cap(
    backend: Any, engine: FakeEngine
) -> None:
    gateway = Gateway(backend, engine, replace(QUICK, turns_at_once=3))
    await gateway.start()
    engine.gate.clear()
    customers = [Customer(gateway, f"customer {n}") for n in range(6)]
    received = [await gateway.receive(each.id, text("ciao")) for each in customers]
    await eventually(lambda: engine.running == 3)
    await asyncio.sleep(0.05)
    assert engine.most_at_once == 3
    engine.gate.set()
    for each, arrived in zip(customers, received, strict=True):
        assert await gateway.wait(each.id, arrived)
    await gateway.stop()


async def test_repeated_message_has_no_second_effect(
    customer: Customer, engine: FakeEngine
) -> None:
    gateway = customer.gateway
    first = await gateway.receive(customer.id, text("ciao", name="SM1"))
    assert await gateway.wait(customer.id, first)
    again = await gateway.receive(customer.id, text("ciao", name="SM1"))
    assert (again.inbound_id, again.is_new) == (first.inbound_id, False)
    assert await gateway.wait(customer.id, again)
    assert engine.texts == ["ciao"]


async def test_same_name_in_another_conversation_is_another_message(
    gateway: Gateway, engine: FakeEngine
) -> None:
    for name in ("anna", "bruno"):
        await Customer(gateway, name).says(text("ciao", name="SM1"))
    assert len(engine.requests) == 2


async def test_same_message_arriving_many_times_at_once_is_one(
    customer: Customer, engine: FakeEngine
) -> None:
    gateway = customer.gateway
    arrivals = await asyncio.gather(
        *(gateway.receive(customer.id, text("ciao", name="SM1")) for _ in range(10))
    )
    assert len({arrival.inbound_id for arrival in arrivals}) == 1
    assert await gateway.wait(customer.id, arrivals[0])
    assert len(engine.requests) == 1


async def test_turn_broken_off_by_the_end_of_a_process_is_taken_up_by_the_next(
    backend: Any, engine: FakeEngine
) -> None:
    engine.gate.clear()
    first = Gateway(backend, engine, QUICK)
    await first.start()
    customer = Customer(first)
    received = await first.receive(customer.id, text("ciao"))
    later = await first.receive(customer.id, text("eccomi"))
    await engine.entered.wait()
    await first.kill()

    engine.gate.set()
    second = Gateway(backend, engine, QUICK)
    await second.start()
    assert await second.wait(customer.id, later)
    await second.stop()

    assert engine.texts == ["ciao", "ciao", "eccomi"]
    assert engine.requests[0].message_id == engine.requests[1].message_id
    shown = [(each.line.author.value, each.line.text) for each in await second.lines(customer.id)]
    assert shown == [
        ("customer", "ciao"),
        ("bot", "sentito: ciao"),
        ("customer", "eccomi"),
        ("bot", "sentito: eccomi"),
    ]
    assert received.is_new


async def test_message_stored_just_before_the_end_is_answered_by_the_next_process(
    backend: Any, engine: FakeEngine
) -> None:
    first = Gateway(backend, engine, QUICK)
    customer = Customer(first)
    first.conversations.receive(customer.id, text("ciao"))
    second = Gateway(backend, engine, QUICK)
    await second.start()
    await eventually(lambda: engine.texts == ["ciao"])
    await second.stop()


async def test_two_processes_never_answer_the_same_conversation_at_once(
    backend: Any, engine: FakeEngine
) -> None:
    gateways = [Gateway(backend, engine, QUICK) for _ in range(2)]
    for gateway in gateways:
        await gateway.start()
    customer = Customer(gateways[0])
    engine.gate.clear()
    received = [await gateways[n % 2].receive(customer.id, text(f"n{n}")) for n in range(6)]
    # Long enough for the claim to be renewed more than once and for every sweep to come by.
    await asyncio.sleep(QUICK.claim_life * 1.5)
    engine.gate.set()
    assert await gateways[1].wait(customer.id, received[-1])
    assert engine.most_at_once == 1
    assert engine.texts == [f"n{n}" for n in range(6)]
    for gateway in gateways:
        await gateway.stop()


async def test_answer_of_a_process_that_was_given_up_is_not_stored_twice(
    backend: Any, engine: FakeEngine
) -> None:
    gateway = Gateway(backend, engine, QUICK)
    customer = Customer(gateway)
    store = gateway.conversations
    store.receive(customer.id, text("ciao"))
    slow = store.claim(customer.id, "w_slow", now=0.0, until=10.0)
    quick = store.claim(customer.id, "w_quick", now=11.0, until=20.0)
    assert slow is not None
    assert quick is not None
    assert slow.message_id == quick.message_id
    outcome = gateway._runner._unchanged(quick, "done", ())  # type: ignore[arg-type]
    assert store.finish(quick, "w_quick", outcome)
    assert not store.finish(slow, "w_slow", outcome)


async def test_turn_that_ends_process_after_process_is_given_up_with_an_apology(
    backend: Any, engine: FakeEngine
) -> None:
    gateway = Gateway(backend, engine, QUICK)
    customer = Customer(gateway)
    received = gateway.conversations.receive(customer.id, text("ciao"))
    for n in range(QUICK.claims_most):
        assert gateway.conversations.claim(customer.id, f"w_{n}", now=n, until=n + 0.5)
    await gateway.start()
    assert await gateway.wait(customer.id, received)
    await gateway.stop()
    assert engine.requests == []
    assert "problema tecnico" in (await customer.transcript())[-1][1]


async def test_what_was_said_is_wiped_once_it_is_handled(
    customer: Customer, engine: FakeEngine, backend: Any
) -> None:
    await customer.says(text("Mi chiamo Giulia"))
    engine.answer = lambda _: said()
    await customer.says(text("Giulia, appunto"))
    with backend.uow(read_only=True) as uow:
        rows = uow.connection.execute(select(inbound.c.status, inbound.c.payload)).all()
    assert [tuple(row) for row in rows] == [("done", None), ("failed", None)]


async def test_stop_lets_the_running_turn_end_and_keeps_the_rest(
    backend: Any, engine: FakeEngine
) -> None:
    gateway = Gateway(backend, engine, QUICK)
    await gateway.start()
    customer = Customer(gateway)
    engine.gate.clear()
    first = await gateway.receive(customer.id, text("ciao"))
    second = await gateway.receive(customer.id, text("eccomi"))
    await engine.entered.wait()
    stopping = asyncio.create_task(gateway.stop())
    await asyncio.sleep(0.01)
    engine.gate.set()
    await stopping
    assert gateway.conversations.is_handled(first.inbound_id)
    assert not gateway.conversations.is_handled(second.inbound_id)
    assert engine.texts == ["ciao"]


async def test_language_decided_by_a_turn_is_the_next_turns_own(
    customer: Customer, engine: FakeEngine
) -> None:
    engine.answer = lambda request: replace_language(echo(request), "en")
    await customer.says(text("in english please"))
    await customer.says(text("thanks"))
    assert [request.language for request in engine.requests] == ["it", "en"]


def replace_language(answer: Any, language: str) -> Any:
    state = answer.state.model_copy(update={"language": language})
    return answer.model_copy(update={"state": state})
