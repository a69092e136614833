"""What the processes of one desk tell each other, and what is made of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from backend.core.errors import Unavailable
from web.gateway.hub import Hub, Sign
from web.gateway.relay import Relay


class Ether:
    """A broadcast in memory that reaches all who listen, or nobody while it is down."""

    def __init__(self) -> None:
        self.heard: list[Callable[[str], None]] = []
        self.told: list[str] = []
        self.is_down = False

    async def tell(self, words: str) -> None:
        if self.is_down:
            raise Unavailable
        self.told.append(words)
        for hear in self.heard:
            hear(words)

    async def listen(self, heard: Callable[[str], None], missed: Callable[[], None]) -> None:
        self.heard.append(heard)
        missed()
        await asyncio.Event().wait()

    async def close(self) -> None:
        self.heard.clear()


class Seconds:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


async def joined(*hubs: Hub, ether: Ether) -> list[Relay]:
    relays = [Relay(hub, ether) for hub in hubs]
    for relay in relays:
        await relay.start()
    await asyncio.sleep(0)
    return relays


def a_hub(seconds: Callable[[], float] = Seconds()) -> Hub:  # noqa: B008 - a clock that stands
    return Hub(answering_life=12.0, seconds=seconds)


async def test_turn_in_one_process_shows_as_typing_in_the_other() -> None:
    here, there, ether = a_hub(), a_hub(), Ether()
    await joined(here, there, ether=ether)
    with here.subscribe("c_1") as subscription:
        with there.answering("c_1"):
            await subscription.changed(within=5)
            assert here.is_answering("c_1")
            assert not here.is_answering("c_2")
        await subscription.changed(within=5)
    assert not here.is_answering("c_1")


async def test_process_that_died_in_a_turn_stops_typing_by_silence() -> None:
    seconds = Seconds()
    hub = a_hub(seconds)
    hub.hear("c_1", Sign.ANSWERING)
    seconds.now += 11
    hub.hear("c_1", Sign.ANSWERING)
    seconds.now += 11
    assert hub.is_answering("c_1")
    seconds.now += 1
    assert not hub.is_answering("c_1")


async def test_own_words_are_not_taken_for_anothers() -> None:
    hub, ether = a_hub(), Ether()
    await joined(hub, ether=ether)
    with hub.answering("c_1"):
        pass
    for _ in range(10):
        await asyncio.sleep(0)
    assert len(ether.told) == 2
    assert not hub.is_answering("c_1")


async def test_listening_anew_lets_everybody_look_for_what_was_missed() -> None:
    hub = a_hub()
    with hub.subscribe("c_1") as one, hub.subscribe("c_2") as other:
        hub.catch_up()
        async with asyncio.timeout(1):
            await one.changed(within=5)
            await other.changed(within=5)


async def test_broadcast_that_is_away_stops_nothing_and_is_used_again() -> None:
    here, there, ether = a_hub(), a_hub(), Ether()
    await joined(here, there, ether=ether)
    ether.is_down = True
    there.notify("c_1")
    for _ in range(10):
        await asyncio.sleep(0)
    ether.is_down = False
    with here.subscribe("c_1") as subscription:
        there.notify("c_1")
        async with asyncio.timeout(4):
            await subscription.changed(within=5)
    assert len(ether.told) == 1


@pytest.mark.parametrize("words", ["", "{}", '{"process": "x", "conversation": 7, "sign": "new"}'])
async def test_words_of_another_version_are_passed_over(words: str) -> None:
    hub, ether = a_hub(), Ether()
    await joined(hub, ether=ether)
    await ether.tell(words)
    assert not hub.is_answering("c_1")
