"""`make chaos`: N conversations while everything breaks; what was promised is held against the end.

Processes are killed (SIGKILL) and started again at random, Twilio fails and repeats itself, and on
PostgreSQL connections are cut. The status is 1 when anything was lost, doubled or out of order.
SEED repeats the choices that were made, not the moments at which they meet.
"""

from __future__ import annotations

import argparse
import os
import secrets
import signal
import sys
import tempfile
import threading
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

from rich.console import Console
from rich.table import Table
from sqlalchemy import func, select

from backend.adapters.tables.conversations import inbound
from backend.adapters.tables.notices import notices
from backend.core.errors import Unavailable
from tests.chaos import Chance
from tests.chaos.courier import Courier
from tests.chaos.customers import take_in
from tests.chaos.evidence import Evidence, gathered
from tests.chaos.house import House, opened_house
from tests.chaos.judging import repeats, violations
from tests.chaos.lines import line_of
from tests.chaos.monkey import Monkey
from tests.chaos.talks import everybody
from tests.chaos.twilio import Attempt, Fate
from tests.chaos.visit import Visit

_AT_ONCE = 16
_DRAINED_WITHIN = 420.0
"""The longest that a message which a dead process was sending is waited for, and some more."""

console = Console(highlight=False, soft_wrap=True)


@dataclass
class Run:
    """One run and what it came to."""

    house: House
    chance: Chance
    number: int
    every: float
    visits: list[Visit] = field(default_factory=list)
    evidence: list[Evidence] = field(default_factory=list)
    found: list[str] = field(default_factory=list)
    began: float = field(default_factory=monotonic)

    def __post_init__(self) -> None:
        self.stopping = threading.Event()
        self.courier = Courier(self.house.base, self.chance)
        self.house.twilio.courier = self.courier
        self.monkey = Monkey(self.house, self.chance, self.every)

    def goes(self) -> None:
        """Everybody comes, a few at a time; then all that is under way gets time to end."""
        customers = everybody(self.number, self.chance)
        take_in(self.house.backend, customers, self.house.folder)
        self.visits = [
            Visit(
                customer,
                line_of(
                    customer, self.house.backend, self.house.base,
                    self.house.twilio.webhooks, self.courier,
                ),
                self.house.backend, self.house.twilio, Chance(self.chance.random()),
                self.stopping,
            )
            for customer in customers
        ]  # fmt: skip
        self.monkey.start()
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            try:
                for visit in pool.map(_goes, self.visits):
                    console.print(_line(visit), markup=False)
            finally:
                self.stopping.set()
        self.monkey.stop()
        self.house.twilio.is_calm = True
        self.house.wait_until_ready()
        if not self._drains():
            self.found.append(f"not at rest within {_DRAINED_WITHIN:.0f} s")

    def judges(self) -> None:
        """Collect the evidence, and what is wrong with it."""
        record: defaultdict[str, tuple[Attempt, ...]] = defaultdict(tuple)
        for attempt in self.house.twilio.attempts:
            record[attempt.what] += (attempt,)
        self.found += [f"{name} ended by itself" for name in self.monkey.ended_by_themselves]
        for visit in self.visits:
            evidence = gathered(visit, record)
            self.evidence.append(evidence)
            said = violations(evidence, self.monkey.blows)
            self.found += [f"{evidence.who}: {each}" for each in said]

    def _drains(self) -> bool:
        waiting, deadline = threading.Event(), monotonic() + _DRAINED_WITHIN
        while monotonic() < deadline:
            for visit in self.visits:
                if visit.customer.line != "whatsapp":
                    visit.line.listens(0.05)
            if self.courier.is_idle() and not self._open():
                for visit in self.visits:
                    visit.line.listens(0.2 if visit.customer.line != "whatsapp" else 0)
                return True
            waiting.wait(1.0)
        return False

    def _open(self) -> int:
        """How much waits in inbound and outbox."""
        rows = (
            select(func.count())
            .select_from(inbound)
            .where(inbound.c.status.in_(("queued", "running")))
        )
        due = select(func.count()).select_from(notices).where(notices.c.due_at.is_not(None))
        try:
            with self.house.backend.uow(read_only=True) as uow:
                return sum(uow.connection.execute(each).scalar_one() for each in (rows, due))
        except Unavailable:
            return 1

    def closes(self) -> None:
        """End what this run started beside the house."""
        self.courier.stop()
        for visit in self.visits:
            visit.line.closes()


def _goes(visit: Visit) -> Visit:
    visit.goes()
    return visit


def _line(visit: Visit) -> str:
    customer = visit.customer
    mark = "✗" if visit.problem else "✓"
    head = f"{mark} {customer.customer_number} {customer.line:<8} {customer.market}"
    return f"{head} {customer.talk.name:<20} {visit.turns:>2} turns  {visit.problem}"


def _table(run: Run) -> Table:
    rows = [row for each in run.evidence for row in each.inbound]
    outgoing = [one for each in run.evidence for one in (*each.replies, *each.notices)]
    twilio, courier = run.house.twilio.tally, run.courier.tally
    table = Table(title="Chaos", show_header=False, title_justify="left")
    table.add_row("conversations", str(len(run.visits)))
    table.add_row("seconds", f"{monotonic() - run.began:.0f}")
    for what, times in sorted(run.monkey.tally.items()):
        table.add_row("connections cut" if what == "database" else f"{what} killed", str(times))
    for what, times in sorted(courier.items()):
        table.add_row(f"webhooks: {what}" if what != "webhooks" else what, str(times))
    for fate in Fate:
        table.add_row(f"sends {fate}", str(twilio.pop(fate, 0)))
    for what, times in sorted(twilio.items()):
        table.add_row(what, str(times))
    table.add_section()
    table.add_row("messages from customers", str(sum(len(each.sent) for each in run.evidence)))
    table.add_row("turns", str(len(rows)))
    table.add_row("turns started more than once", str(sum(row.attempts > 1 for row in rows)))
    table.add_row("turns that got an apology", str(sum(row.status == "failed" for row in rows)))
    table.add_row("codes made", str(sum(len(each.challenges) for each in run.evidence)))
    table.add_row("messages to customers", str(len(outgoing)))
    for reason in sorted({str(one.reason) for one in outgoing if one.status == "dead"}):
        times = sum(one.status == "dead" and str(one.reason) == reason for one in outgoing)
        table.add_row(f"given up: {reason}", str(times))
    table.add_row("taken by Twilio more than once", str(sum(map(repeats, run.evidence))))
    table.add_row("violations", str(len(run.found)))
    return table


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="chaos", description=__doc__)
    parser.add_argument("--number", type=int, default=200, help="of conversations")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10_000))
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--every", type=float, default=8.0, help="mean seconds between two blows")
    parser.add_argument("--keep", type=Path, help="a folder for database and logs")
    return parser.parse_args()


def main() -> int:
    """Run, print, and say by the status whether anything was found."""
    for end in (signal.SIGINT, signal.SIGTERM):
        signal.signal(end, signal.default_int_handler)
    chosen = _arguments()
    console.print(f"seed {chosen.seed}, {chosen.database}")
    if chosen.database == "postgres":
        os.environ["SPORTELLO_REQUIRE_SERVICES"] = "1"
    with tempfile.TemporaryDirectory() as made:
        folder = chosen.keep or Path(made)
        folder.mkdir(parents=True, exist_ok=True)
        chance = Chance(chosen.seed)
        with opened_house(folder, chance, postgresql=chosen.database == "postgres") as house:
            run = Run(house, chance, chosen.number, chosen.every)
            try:
                run.goes()
                run.judges()
            finally:
                run.closes()
    console.print(_table(run))
    for problem in run.found:
        console.print(f"  {problem}", markup=False)
    return 1 if run.found else 0


if __name__ == "__main__":
    os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
    sys.exit(main())
