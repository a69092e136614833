"""A worker of the outbox in a process of its own, to be killed while it is at work.

    python -m tests.backend.services.outbox_worker DATABASE_URL MOMENT LEDGER claim|send

`claim` stops after it has claimed a message; `send` stops inside the sender, after the provider has
taken the message (its id is in the file LEDGER). It says "there" on standard output and waits.
"""

from __future__ import annotations

import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import NoReturn

from pydantic import SecretStr

from backend.adapters.crypto import Vault
from backend.adapters.database import make_engine
from backend.ports import OutgoingMessage
from backend.services.notices import Notices
from backend.texts import Texts
from backend.unit_of_work import UnitOfWorkFactory
from tests.fakes import FixedClock

CHANNELS = ("sms", "email")
SECRET = SecretStr("a-secret-for-tests-of-the-outbox-only")


class StuckSender:
    """A provider that takes the message and never answers."""

    def __init__(self, ledger: Path) -> None:
        self._ledger = ledger

    def send(self, message: OutgoingMessage) -> NoReturn:
        with self._ledger.open("a") as ledger:
            ledger.write(message.id + "\n")
        wait_to_be_killed()


def wait_to_be_killed() -> NoReturn:
    print("there", flush=True)  # noqa: T201 - the parent waits for it
    sys.stdin.read()
    raise SystemExit("was to be killed")


def main(database_url: str, moment: str, ledger: str, where: str) -> None:
    uow = UnitOfWorkFactory(make_engine(database_url), Vault(SECRET))
    clock = FixedClock(datetime.fromisoformat(moment))
    if where == "claim":
        with uow() as unit:
            unit.notices.claim(clock.now(), timedelta(seconds=10), CHANNELS)
            unit.commit()
        wait_to_be_killed()
    sender = StuckSender(Path(ledger))
    texts = Texts.load(Path("texts/notices.yml"))
    Notices(uow, clock, texts, {"sms": sender, "email": sender}).deliver_due()


if __name__ == "__main__":
    main(*sys.argv[1:])
