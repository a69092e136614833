"""How processes on one database reach each other."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from backend.adapters.broadcast import PostgresBroadcast, make_broadcast
from backend.adapters.database import make_engine
from backend.core.errors import Unavailable
from tests.backend.desk import temporary_postgresql

NOBODY = "postgresql+psycopg://desk:a-secret-word@127.0.0.1:1/desk"


def test_one_process_on_sqlite_needs_nothing(tmp_path: Path) -> None:
    assert make_broadcast(make_engine(f"sqlite:///{tmp_path / 'desk.db'}")) is None


async def test_server_that_is_away_is_told_without_its_password() -> None:
    broadcast = PostgresBroadcast(make_engine(NOBODY))
    with pytest.raises(Unavailable) as failure:
        await broadcast.tell("x")
    assert "a-secret-word" not in f"{failure.value!r} {failure.value.__cause__!r}"


@pytest.mark.services
async def test_words_arrive_in_order_at_everybody_who_listens() -> None:
    with temporary_postgresql() as url:
        one, other = PostgresBroadcast(make_engine(url)), PostgresBroadcast(make_engine(url))
        heard: list[list[str]] = [[], []]
        ready = [asyncio.Event(), asyncio.Event()]
        done = asyncio.Event()

        def hear(place: int, words: str) -> None:
            heard[place].append(words)
            if all(len(words) == 3 for words in heard):
                done.set()

        listening = [
            asyncio.create_task(
                broadcast.listen(lambda words, place=place: hear(place, words), ready[place].set)
            )
            for place, broadcast in enumerate((one, other))
        ]
        await asyncio.gather(*(event.wait() for event in ready))
        for words in ("uno", "due", "tre"):
            await one.tell(words)
        async with asyncio.timeout(10):
            await done.wait()
        for task in listening:
            task.cancel()
        await asyncio.gather(*listening, return_exceptions=True)
        await one.close()
    assert heard == [["uno", "due", "tre"]] * 2
