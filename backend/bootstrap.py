"""Puts the backend together; the only place that builds adapters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Engine

from backend.adapters.clocks import OffsetClock, SystemClock
from backend.adapters.crypto import Vault
from backend.adapters.database import make_engine
from backend.adapters.hashing import Argon2Hashing
from backend.adapters.senders import make_senders
from backend.core.markets import Markets
from backend.markets import load_markets
from backend.ports import Clock, Sender
from backend.services.accounts import Accounts
from backend.services.area import Area
from backend.services.challenges import Challenges
from backend.services.customers import Customers
from backend.services.flows.codes import Codes
from backend.services.flows.flow import FlowParts
from backend.services.flows.password_page import PasswordPage
from backend.services.identities import Identities
from backend.services.maintenance import Development, Maintenance
from backend.services.matching import Matching
from backend.services.notices import Notices
from backend.services.pages import Pages
from backend.services.registration import Registration
from backend.services.registration.code_stage import CodeStage
from backend.services.registration.identification import Identification
from backend.settings import Settings
from backend.texts import Texts
from backend.unit_of_work import UnitOfWorkFactory


@dataclass(frozen=True, slots=True)
class Backend:
    """Everything the processes use, ready."""

    settings: Settings
    engine: Engine
    vault: Vault
    clock: Clock
    uow: UnitOfWorkFactory
    markets: Markets
    notices: Notices
    accounts: Accounts
    challenges: Challenges
    pages: Pages
    registration: Registration
    area: Area
    customers: Customers
    maintenance: Maintenance
    development: Development

    def sweep(self) -> int:
        """Delete what ran out; for a background task."""
        return self.maintenance.sweep()

    def reset(self) -> None:
        """Development's way back to the demo data.

        Raises:
            NotAllowed: this is production.
        """
        self.development.reset()

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()
        if isinstance(self.clock, OffsetClock):
            self.clock.close()


def build(
    settings: Settings,
    *,
    clock: Clock | None = None,
    senders: Mapping[str, Sender] | None = None,
) -> Backend:
    """A backend on the database of *settings*; *clock* and *senders* replace the profile's own.

    Raises:
        ConfigurationInvalid: a market or text file does not hold.
    """
    limits, base_url = settings.limits, settings.public_base_url
    markets = load_markets(settings.markets_dir, limits)
    texts = Texts.load(settings.texts_dir / "notices.yml")
    engine = make_engine(settings.database_url)
    vault = Vault(settings.secret_key)
    uow = UnitOfWorkFactory(engine, vault)
    clock = clock or _clock(settings)
    notices = Notices(
        uow, clock, texts, senders or make_senders(settings),
        keep_words=not settings.is_production,
    )  # fmt: skip
    hashing = Argon2Hashing(settings.hashing, limits.password_hashing_at_once)
    accounts = Accounts(clock, markets, notices, hashing)
    challenges = Challenges(uow, clock, markets, limits, notices, public_base_url=base_url)
    identities = Identities(clock, markets)
    parts = FlowParts(uow, clock, markets, challenges)
    registration = _registration(parts, accounts, identities)
    customers = Customers(uow, clock, markets)
    return Backend(
        settings=settings,
        engine=engine,
        vault=vault,
        clock=clock,
        uow=uow,
        markets=markets,
        notices=notices,
        accounts=accounts,
        challenges=challenges,
        pages=Pages(uow, clock, markets, accounts, public_base_url=base_url),
        registration=registration,
        area=Area(uow, clock, markets, limits, accounts=accounts, challenges=challenges),
        customers=customers,
        maintenance=Maintenance(uow, clock, limits, registration),
        development=Development(
            uow, customers, settings.demo_dir, is_production=settings.is_production
        ),
    )


def _registration(parts: FlowParts, accounts: Accounts, identities: Identities) -> Registration:
    password = PasswordPage(Registration.slug)
    return Registration(
        parts,
        identification=Identification(Matching(parts.clock, parts.markets)),
        code=CodeStage(Codes(parts.challenges), accounts, password),
        password=password,
        identities=identities,
    )


def _clock(settings: Settings) -> Clock:
    if settings.is_production:
        return SystemClock()
    return OffsetClock(make_engine(settings.database_url, pool_size=2))
