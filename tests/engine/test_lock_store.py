import asyncio
from typing import List

import pytest
from engine.lock_store import InProcessLockStore


async def test_turns_of_a_conversation_run_in_order_and_without_waiting_for_a_clock() -> None:
    store, log = InProcessLockStore(), []  # type: ignore[var-annotated]

    async def turn(number: int) -> None:
        async with store.lock("c"):
            log.append(("begin", number))
            await asyncio.sleep(0)
            log.append(("end", number))

    await asyncio.wait_for(asyncio.gather(*(turn(n) for n in range(20))), 0.5)
    assert log == [(what, n) for n in range(20) for what in ("begin", "end")]


async def test_conversations_do_not_wait_for_each_other() -> None:
    store, entered = InProcessLockStore(), asyncio.Event()

    async with store.lock("one"):

        async def other() -> None:
            async with store.lock("two"):
                entered.set()

        await asyncio.wait_for(other(), 0.5)
    assert entered.is_set()


async def test_a_failing_or_cancelled_turn_lets_the_next_one_in() -> None:
    store = InProcessLockStore()
    with pytest.raises(KeyError):
        async with store.lock("c"):
            raise KeyError
    waiting: List["asyncio.Task[None]"] = []
    async with store.lock("c"):
        waiting.append(asyncio.ensure_future(_enter(store)))
        await asyncio.sleep(0)
        waiting[0].cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
    await asyncio.wait_for(_enter(store), 0.5)


async def test_nothing_is_kept_of_a_finished_conversation() -> None:
    store = InProcessLockStore()
    await _enter(store)
    assert store._locks == {}


async def _enter(store: InProcessLockStore) -> None:
    async with store.lock("c"):
        pass
