"""A gateway on a real database, with an engine that says what a test wants."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any

from backend.adapters import schema
from backend.adapters.crypto import Vault
from backend.adapters.database import make_engine
from backend.adapters.identity_tokens import TokenSigner
from backend.core.conversation import Incoming, Kind
from backend.core.errors import LinkExpired, LinkUnknown, LinkUsed
from backend.core.limits import Limits
from backend.markets import load_markets
from backend.services.identities import Identities
from backend.services.identity_tokens import IdentityTokens
from backend.settings import Settings
from backend.unit_of_work import UnitOfWorkFactory
from tests.fakes import FixedClock
from web.gateway.engine import (
    EngineAnswer,
    EngineButton,
    EngineError,
    EngineMessage,
    EnginePage,
    EngineRequest,
    EngineState,
)
from web.gateway.numbers import GatewayNumbers

ROOT = Path(__file__).parents[3]

QUICK = GatewayNumbers(
    engine_pauses=(0.0, 0.0),
    sweep_every=0.05,
    claim_life=1.5,
    claim_kept_every=0.2,
    grace=1.0,
    look_again=0.2,
    hello_within=0.5,
    dev_wait=15.0,
)


def said(
    *texts: str,
    buttons: Sequence[tuple[str, str]] = (),
    page: EnginePage | None = None,
    language: str = "it",
    flow: str | None = None,
    asking: str | None = None,
    masked: str | None = None,
) -> EngineAnswer:
    """An answer of the engine; buttons and page go with its last message."""
    last = len(texts) - 1
    messages = tuple(
        EngineMessage(
            text=text,
            buttons=tuple(EngineButton(title=t, payload=p) for t, p in buttons)
            if position == last
            else (),
            page=page if position == last else None,
        )
        for position, text in enumerate(texts)
    )
    state = EngineState(flow=flow, asking=asking, language=language)
    return EngineAnswer(messages=messages, state=state, masked_text=masked)


def echo(request: EngineRequest) -> EngineAnswer:
    """Say back what was understood."""
    heard = request.text if request.parse is None else f"/{request.parse.intent}"
    return said(f"sentito: {heard}", language=request.language, masked=request.text)


@dataclass
class FakeEngine:
    """An engine that answers by rule, and can be made slow or broken."""

    answer: Callable[[EngineRequest], EngineAnswer] = echo
    requests: list[EngineRequest] = field(default_factory=list)
    failures: list[EngineError] = field(default_factory=list)
    """Raised one by one before anything is answered."""
    alive: bool = True
    running: int = 0
    most_at_once: int = 0

    def __post_init__(self) -> None:
        self.gate = asyncio.Event()
        self.gate.set()
        self.entered = asyncio.Event()

    async def turn(self, request: EngineRequest) -> EngineAnswer:
        self.requests.append(request)
        self.running += 1
        self.most_at_once = max(self.most_at_once, self.running)
        self.entered.set()
        try:
            await self.gate.wait()
            await asyncio.sleep(0)
            if self.failures:
                raise self.failures.pop(0)
            return self.answer(request)
        finally:
            self.running -= 1

    async def is_alive(self) -> bool:
        return self.alive

    @property
    def texts(self) -> list[str | None]:
        return [request.text for request in self.requests]


@dataclass
class FakePages:
    """One-time pages in memory."""

    clock: FixedClock
    minted: dict[str, str] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    expires: dict[str, datetime] = field(default_factory=dict)
    _count: int = 0

    def mint(self, page_id: str) -> str:
        self._count += 1
        token = f"token-{page_id}-{self._count}"
        self.minted[page_id] = token
        self.expires[token] = self.clock.now() + timedelta(minutes=10)
        return f"http://127.0.0.1:8000/t/{token}"

    def view(self, token: str) -> object:
        if token in self.used:
            raise LinkUsed
        if token not in self.minted.values():
            raise LinkUnknown
        if self.clock.now() >= self.expires[token]:
            raise LinkExpired
        return object()


class FakeNotices:
    """An outbox that counts its deliveries."""

    def __init__(self) -> None:
        self.deliveries = 0
        self.rows: list[dict[str, Any]] = []

    def deliver_due(self, limit: int = 50) -> int:
        self.deliveries += 1
        return 0

    def listing(self, to: str | None = None) -> list[dict[str, Any]]:
        return [row for row in self.rows if to is None or row["to"] == to]


def make_backend(folder: Path, **chosen: Any) -> Any:
    """The parts of the backend that the web process uses, on a SQLite file of its own."""
    settings = Settings(
        database_url=f"sqlite:///{empty_database(folder / 'gateway.db')}",
        texts_dir=ROOT / "texts",
        markets_dir=ROOT / "markets",
        **chosen,
    )
    engine = make_engine(settings.database_url)
    vault = Vault(settings.secret_key)
    clock = FixedClock()
    uow = UnitOfWorkFactory(engine, vault)
    identity_tokens = IdentityTokens(
        uow,
        clock,
        settings.limits,
        identities=Identities(clock, _markets()),
        signer=TokenSigner(settings.identity_token_secret),
    )
    return SimpleNamespace(
        settings=settings,
        engine=engine,
        vault=vault,
        clock=clock,
        uow=uow,
        identity_tokens=identity_tokens,
        pages=FakePages(clock),
        notices=FakeNotices(),
        whatsapp=None,
        markets=_markets(),
        broadcast=None,
    )


def database_file(backend: Any) -> Path:
    return Path(backend.settings.database_url.removeprefix("sqlite:///"))


def empty_database(path: Path) -> Path:
    """A database with all tables and no rows, copied from one that is made once."""
    path.write_bytes(_tables())
    return path


@cache
def _tables() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "tables.db"
        engine = make_engine(f"sqlite:///{path}")
        schema.load_tables().create_all(engine)
        engine.dispose()
        return path.read_bytes()


@cache
def _markets() -> Any:
    return load_markets(ROOT / "markets", Limits())


def text(words: str, name: str | None = None) -> Incoming:
    return Incoming(Kind.TEXT, text=words, provider_message_id=name, client="client-hash")


def press(button_id: str) -> Incoming:
    return Incoming(Kind.BUTTON, button_id=button_id)


def passing(circumstance: str = "ConnectError") -> EngineError:
    return EngineError(circumstance, may_pass=True)


def lasting(circumstance: str = "status 401") -> EngineError:
    return EngineError(circumstance, may_pass=False)
