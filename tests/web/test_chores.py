"""Background work goes on, whatever happens to one round of it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import pytest
from structlog.testing import capture_logs

from backend.core.errors import Unavailable
from web.chores import Chores


async def eventually(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not holds():  # noqa: ASYNC110 - what is waited for has no event of its own
            await asyncio.sleep(0.005)


async def test_nudge_delivers_at_once() -> None:
    rounds: list[str] = []
    work = Chores(
        deliver=lambda: rounds.append("deliver"),
        sweep=lambda: rounds.append("sweep"),
        deliver_every=60,
    )
    await work.start()
    await eventually(lambda: rounds == ["sweep"])
    work.nudge()
    await eventually(lambda: "deliver" in rounds)
    await work.stop()


@pytest.mark.parametrize("failure", [Unavailable("database_unavailable"), RuntimeError("Giulia")])
async def test_failed_round_is_reported_and_the_next_one_comes(
    failure: Exception,
) -> None:
    rounds: list[str] = []

    def fail_first(name: str) -> Callable[[], None]:
        def work() -> None:
            rounds.append(name)
            if rounds.count(name) == 1:
                raise failure

        return work

    with capture_logs() as logs:
        work = Chores(
            deliver=fail_first("deliver"),
            sweep=fail_first("sweep"),
            deliver_every=0.005,
            sweep_every=0.005,
        )
        await work.start()
        await eventually(lambda: min(rounds.count("deliver"), rounds.count("sweep")) >= 2)
        await work.stop()
    assert {entry["event"] for entry in logs} == {"delivery_failed", "sweep_failed"}
    assert all(entry["incident"] for entry in logs)
    assert "Giulia" not in str(logs)


async def test_deliveries_do_not_run_over_each_other() -> None:
    running: list[int] = []
    most: list[int] = []

    def deliver() -> None:
        running.append(1)
        most.append(len(running))
        running.pop()

    work = Chores(deliver=deliver, sweep=lambda: None)
    await asyncio.gather(*(work.deliver() for _ in range(5)))
    assert most == [1, 1, 1, 1, 1]


async def test_what_was_kept_long_enough_goes_in_a_rhythm_of_its_own() -> None:
    rounds: list[str] = []
    work = Chores(
        deliver=lambda: None,
        sweep=lambda: rounds.append("sweep"),
        retain=lambda: rounds.append("retain"),
        sweep_every=0.005,
        retain_every=60,
    )
    await work.start()
    await eventually(lambda: rounds.count("sweep") >= 3)
    await work.stop()
    assert rounds.count("retain") == 1


async def test_a_provider_that_keeps_everybody_waiting_takes_no_thread_from_turns() -> None:
    answers = threading.Event()
    work = Chores(
        deliver=answers.wait, deliver_too=[answers.wait] * 40, sweep=answers.wait, deliver_every=60
    )
    await work.start()
    work.nudge()
    try:
        async with asyncio.timeout(5):
            assert await asyncio.to_thread(lambda: "a turn") == "a turn"
    finally:
        answers.set()
        await work.stop()
