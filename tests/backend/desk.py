"""A backend with the demo customers and a clock that stands still, and shorthands to talk to it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import select

from backend.adapters import schema
from backend.adapters.crypto import new_id
from backend.adapters.tables.audit import audit
from backend.bootstrap import Backend, build
from backend.core.flow import Command, Remark, Step, Turn
from backend.settings import Settings, load
from tests.fakes import FixedClock

ROOT = Path(__file__).parents[2]
CHEAP_HASHING = {"memory_kib": 64, "time_cost": 1, "parallelism": 1}
GOOD_PASSWORD = "Girasole2026"


def desk_settings(folder: Path, **overrides: Any) -> Settings:
    """Settings for tests: everything of the house's own, the database in *folder*."""
    return load(
        **{
            "var_dir": folder,
            "markets_dir": ROOT / "markets",
            "texts_dir": ROOT / "texts",
            "demo_dir": ROOT / "demo",
            "hashing": CHEAP_HASHING,
            **overrides,
        }
    )


class Desk:
    """One customer after the other at the counter."""

    def __init__(self, backend: Backend, clock: FixedClock) -> None:
        self.backend = backend
        self.clock = clock
        self._messages = count(1)

    def message_id(self) -> str:
        return f"m_{next(self._messages):022d}"

    def talk(self, market: str = "it", language: str | None = None, **about: Any) -> Talk:
        """A new conversation that has just asked for a flow: `flow=`, else registration."""
        return Talk(self, market, language or market, **about)

    def sent(self, to: str) -> list[str]:
        """The bodies of what was sent to a contact, newest first."""
        return [notice["body"] for notice in self.backend.notices.listing(to)]

    def code_to(self, to: str) -> str:
        """The newest code that was sent to a contact."""
        found = (re.search(r"(?<!\d)\d{6}(?!\d)", body) for body in self.sent(to))
        return next(match.group() for match in found if match)

    def audited(self) -> list[str]:
        """The names of all audited events, in order."""
        with self.backend.uow(read_only=True) as uow:
            return list(uow.connection.scalars(select(audit.c.event).order_by(audit.c.seq)))


class Talk:
    """One conversation in one flow."""

    def __init__(
        self,
        desk: Desk,
        market: str,
        language: str,
        *,
        conversation: str | None = None,
        client: str | None = None,
        channel: str = "web",
        flow: str = "register",
        saying: dict[str, str] | None = None,
        command: Command = Command.NONE,
    ) -> None:
        self.desk = desk
        self.flow = desk.backend.flows[flow]
        self.id = conversation or new_id("c")
        self.market, self.language = market, language
        self.client, self.channel = client, channel
        self.step: Step = self._advance(command, saying or {}, opening=True)

    def turn(
        self, command: Command = Command.NONE, *, opening: bool = False, **answers: str
    ) -> Turn:
        return Turn(
            self.id, self.desk.message_id(), self.market, self.language, self.channel,
            self.client, answers, command, opening,
        )  # fmt: skip

    def says(self, command: Command = Command.NONE, **answers: str) -> Step:
        """One message with these answers."""
        return self._advance(command, answers)

    def gives(self, **answers: str) -> Step:
        """The answers one message at a time."""
        for slot, answer in answers.items():
            self.says(**{slot: answer})
        return self.step

    @property
    def codes(self) -> list[str]:
        """The codes of the last step's remarks."""
        return [remark.code for remark in self.step.remarks]

    def remark(self, code: str) -> Remark:
        return next(remark for remark in self.step.remarks if remark.code == code)

    def sets_password(self, password: str = GOOD_PASSWORD) -> Step:
        """Do the page that the last step shows, and tell the conversation."""
        assert self.step.page is not None
        url = self.desk.backend.pages.mint(self.step.page.id)
        self.desk.backend.pages.set_password(url.rsplit("/", 1)[1], password)
        return self.says(Command.PAGE_DONE)

    def _advance(self, command: Command, answers: dict[str, str], *, opening: bool = False) -> Step:
        turn = self.turn(command, opening=opening, **answers)
        self.step = self.flow.advance(turn)
        return self.step


@contextmanager
def opened_desk(settings: Settings, *, is_filled: bool = False) -> Iterator[Desk]:
    """A desk on the database of *settings*, which gets tables and customers unless it has them."""
    clock = FixedClock()
    backend = build(settings, clock=clock)
    try:
        if not is_filled:
            schema.load_tables().create_all(backend.engine)
            assert backend.development.load_demo().is_clean
        yield Desk(backend, clock)
    finally:
        backend.close()


@contextmanager
def temporary_postgresql() -> Iterator[str]:
    """The URL of a PostgreSQL database that exists for one test; skips where no server answers."""
    server_url = os.environ.get(
        "SPORTELLO_TEST_POSTGRESQL", "host=127.0.0.1 port=5432 user=postgres connect_timeout=3"
    )
    try:
        server = psycopg.connect(server_url, autocommit=True)
    except psycopg.OperationalError:
        if os.environ.get("SPORTELLO_REQUIRE_SERVICES") == "1":
            raise
        pytest.skip("no PostgreSQL answers; SPORTELLO_TEST_POSTGRESQL says where to look")
    name = new_id("desk").replace("-", "_").lower()
    with server:
        server.execute(f'CREATE DATABASE "{name}"')
        host, port, user = server.info.host, server.info.port, server.info.user
        try:
            yield f"postgresql+psycopg://{user}@{host}:{port}/{name}"
        finally:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
