"""Puts the backend together; the only place that builds adapters."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine

from backend.adapters.clocks import OffsetClock, SystemClock
from backend.adapters.crypto import Vault
from backend.adapters.database import make_engine
from backend.ports import Clock
from backend.settings import Settings
from backend.unit_of_work import UnitOfWorkFactory


@dataclass(frozen=True, slots=True)
class Backend:
    """Everything the processes use, ready."""

    settings: Settings
    engine: Engine
    vault: Vault
    clock: Clock
    uow: UnitOfWorkFactory

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()


def build(settings: Settings, *, clock: Clock | None = None) -> Backend:
    """A backend on the database of *settings*; *clock* replaces the profile's own."""
    engine = make_engine(settings.database_url)
    vault = Vault(settings.secret_key)
    return Backend(
        settings=settings,
        engine=engine,
        vault=vault,
        clock=clock or _clock(settings),
        uow=UnitOfWorkFactory(engine, vault),
    )


def _clock(settings: Settings) -> Clock:
    if settings.is_production:
        return SystemClock()
    return OffsetClock(make_engine(settings.database_url, pool_size=2))
