"""How fast a webhook is acknowledged while turns run. In the application's environment:

.venv/bin/python -m bench.acknowledgements [--rate 50] [--seconds 30] [--database postgres]

Engine, action server, `web` and a fake Twilio on this machine; the webhooks come from a process of
their own. First one at a time, each after the former's answer was sent, then at the given rate from
many customers at once, whether the desk keeps up with answering or not.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import multiprocessing
import os
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import httpx
from rich.console import Console
from rich.table import Table

from tests.chaos import Chance
from tests.chaos.house import House, opened_house
from tests.fake_twilio import Webhook

_CUSTOMERS = 150
_ALONE = 40
_SAID = (
    "ciao", "vorrei registrarmi", "sono un privato", "quanto dura il codice?", "annulla",
    "ho dimenticato la password", "perché vi serve?", "anna.rossi@example.it", "grazie mille",
    "il mio numero è cambiato, come faccio?",
)  # fmt: skip
"""Said in turn: for the encoder and by its form, as a task and in the middle of one."""

console = Console(highlight=False, soft_wrap=True)


def main() -> None:
    """Print the milliseconds of both, and their ratio."""
    chosen = _arguments()
    if chosen.database == "postgres":
        os.environ["SPORTELLO_REQUIRE_SERVICES"] = "1"
    with tempfile.TemporaryDirectory() as made:
        is_postgresql = chosen.database == "postgres"
        with opened_house(Path(made), Chance(0), postgresql=is_postgresql) as house:
            house.twilio.is_calm = True
            alone = _one_by_one(house)
            busy = _at_a_rate(house, chosen.rate, chosen.seconds)
            answered = len(house.twilio.messages)
    _show({"one at a time": alone, f"{chosen.rate} a second": busy})
    console.print(f"{len(busy) + len(alone)} webhooks; {answered} messages had left by the end")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.acknowledgements")
    parser.add_argument("--rate", type=int, default=50, help="webhooks a second")
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    return parser.parse_args()


def _door(house: House) -> str:
    """The process itself, without the balancer of the chaos tests before it."""
    return f"http://127.0.0.1:{house.ports['web-1']}"


def _webhooks(house: House) -> Iterator[Webhook]:
    for number in itertools.count():
        sender = f"+39333{number % _CUSTOMERS:07d}"
        said = _SAID[(number // _CUSTOMERS + number) % len(_SAID)]
        yield house.twilio.webhooks.message(said, sender=sender)


def _one_by_one(house: House) -> list[float]:
    waiting, took = threading.Event(), []
    with httpx.Client(base_url=_door(house), timeout=20, trust_env=False) as client:
        for webhook in itertools.islice(_webhooks(house), _ALONE):
            sent = len(house.twilio.messages)
            began = time.perf_counter()
            if webhook.to(client.post) != httpx.codes.NO_CONTENT:
                raise RuntimeError("a webhook was refused")
            took.append(time.perf_counter() - began)
            while len(house.twilio.messages) == sent:
                waiting.wait(0.01)
    return took


def _at_a_rate(house: House, rate: int, seconds: int) -> list[float]:
    webhooks = list(itertools.islice(_webhooks(house), rate * seconds))
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_sent, (_door(house), webhooks, rate))


def _sent(base: str, webhooks: Sequence[Webhook], rate: int) -> list[float]:
    """Seconds until each was acknowledged, counted from when it was due."""
    return asyncio.run(_all_sent(base, webhooks, rate))


async def _all_sent(base: str, webhooks: Sequence[Webhook], rate: int) -> list[float]:
    # `web` closes what was idle for five seconds, perhaps just when it is used again.
    lasting = httpx.Limits(keepalive_expiry=2)
    async with httpx.AsyncClient(
        base_url=base, timeout=20, limits=lasting, trust_env=False
    ) as client:
        await asyncio.gather(*(client.get("/health/live") for _ in range(8)))  # opens connections
        began = time.perf_counter()

        async def send(number: int, webhook: Webhook) -> float:
            due = began + number / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            answer = await client.post(webhook.path, content=webhook.body, headers=webhook.headers)
            if answer.status_code != httpx.codes.NO_CONTENT:
                raise RuntimeError(f"a webhook was answered {answer.status_code}")
            return time.perf_counter() - due

        return await asyncio.gather(*(send(*each) for each in enumerate(webhooks)))


def _show(taken: dict[str, list[float]]) -> None:
    table = Table("acknowledged", "half within ms", "95 %", "99 %", "all", "99 % as a ratio")
    first: float | None = None
    for name, seconds in taken.items():
        found = sorted(1000 * each for each in seconds)
        marks = [found[min(len(found) - 1, int(len(found) * part))] for part in (0.5, 0.95, 0.99)]
        first = first or marks[-1]
        cells = [f"{each:.0f}" for each in (*marks, found[-1])]
        table.add_row(name, *cells, f"{marks[-1] / first:.1f}")
    console.print(table)


if __name__ == "__main__":
    main()
