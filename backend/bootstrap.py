"""Puts the backend together; the only place that builds adapters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine

from backend.adapters.broadcast import make_broadcast
from backend.adapters.clocks import OffsetClock, SystemClock
from backend.adapters.crypto import Vault
from backend.adapters.database import checkpoint, make_engine
from backend.adapters.file_cleaning import CleaningApart, CleaningHere
from backend.adapters.hashing import Argon2Hashing
from backend.adapters.identity_tokens import TokenSigner
from backend.adapters.repositories.content_templates import KeptTemplates
from backend.adapters.senders import make_senders
from backend.adapters.trackers import Trackers
from backend.core.errors import ConfigurationInvalid
from backend.core.markets import Markets
from backend.core.whatsapp import CHANNEL as WHATSAPP
from backend.markets import load_markets
from backend.ports import Broadcast, Clock, Sender
from backend.services.accounts import Accounts
from backend.services.area import Area
from backend.services.challenges import Challenges
from backend.services.contact_changes import ContactChanges
from backend.services.customers import Customers
from backend.services.deliveries import Deliveries
from backend.services.documents import Documents
from backend.services.flows.flow import Flow, FlowParts
from backend.services.identities import Identities
from backend.services.identity_tokens import IdentityTokens
from backend.services.maintenance import Development, Maintenance
from backend.services.matching import Matching
from backend.services.notices import Notices
from backend.services.older_accounts import OlderAccounts
from backend.services.pages import Pages
from backend.services.policy_links import PolicyLinks
from backend.services.privacy import Privacy
from backend.services.privacy.closing import Closing
from backend.services.requests import Requests
from backend.services.retention import Expiry
from backend.services.uploads import Uploads
from backend.services.username_reminders import UsernameReminders
from backend.services.vetoes import Vetoes
from backend.services.whatsapp import WhatsAppReplies, WhatsAppWindow
from backend.settings import Settings
from backend.texts import Texts
from backend.unit_of_work import UnitOfWork, UnitOfWorkFactory
from backend.wiring import Services, make_flows


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
    deliveries: Deliveries
    whatsapp: WhatsAppReplies | None
    """None where the channel is off."""
    accounts: Accounts
    challenges: Challenges
    pages: Pages
    identities: Identities
    identity_tokens: IdentityTokens
    flows: Mapping[str, Flow[Any]]
    """Every flow by its slug."""
    area: Area
    requests: Requests
    contact_changes: ContactChanges
    vetoes: Vetoes
    uploads: Uploads
    documents: Documents
    customers: Customers
    older_accounts: OlderAccounts
    trackers: Trackers
    privacy: Privacy
    retention: Expiry
    maintenance: Maintenance
    development: Development
    broadcast: Broadcast | None
    """How the web processes reach each other; None where there can be only one."""

    def sweep(self) -> int:
        """Delete what ran out; for a background task."""
        return self.maintenance.sweep()

    def tidy(self) -> None:
        """Do for the database what a writer would else have to wait for; for a background task."""
        checkpoint(self.uow.engine)

    def abandon(self, conversation_id: str) -> None:
        """Forget every flow of a conversation: its drafts, open codes and pages."""
        with self.uow(read_only=True) as uow:
            open_flows = uow.drafts.flows_of(conversation_id)
        for slug in open_flows:
            self.flows[slug].abandon(conversation_id)

    def reset(self) -> None:
        """Development's way back to the demo data.

        Raises:
            NotAllowed: this is production.
        """
        self.development.reset()

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()
        self.trackers.close()
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
    whatsapp_texts = Texts.load(settings.texts_dir / "whatsapp.yml")
    keep_words = not settings.is_production
    notices = Notices(
        uow,
        clock,
        texts,
        senders or make_senders(settings, KeptTemplates(uow, clock)),
        gates={WHATSAPP: WhatsAppWindow(clock, whatsapp_texts, settings.whatsapp_templates)},
        keep_words=keep_words,
    )
    hashing = Argon2Hashing(settings.hashing, limits.password_hashing_at_once)
    accounts = Accounts(clock, markets, notices, hashing)
    challenges = Challenges(uow, clock, markets, limits, notices, public_base_url=base_url)
    identities = Identities(clock, markets)
    identity_tokens = IdentityTokens(
        uow, clock, limits, identities=identities, signer=_signer(settings)
    )
    contact_changes = ContactChanges(markets, notices, public_base_url=base_url)
    policy_links = PolicyLinks(clock, markets, notices)
    customers = Customers(uow, clock, markets)
    documents = Documents(uow, clock, markets, CleaningHere())
    uploads = Uploads(uow, clock, markets, CleaningApart(limits.upload_checks_at_once))
    requests = Requests(
        uow,
        clock,
        markets,
        notices=notices,
        texts=texts,
        contact_changes=contact_changes,
        policy_links=policy_links,
        has_documents=_has_documents,
    )
    flows = make_flows(
        FlowParts(uow, clock, markets, challenges),
        Services(
            accounts,
            identities,
            Matching(clock, markets),
            contact_changes,
            requests=requests,
            policy_links=policy_links,
            documents=documents,
            uploads=uploads,
            username_reminders=UsernameReminders(clock, markets, notices),
        ),
    )
    trackers = Trackers(settings.tracker_database_url)
    retention = Expiry(uow, clock, markets, trackers)
    return Backend(
        settings=settings,
        engine=engine,
        vault=vault,
        clock=clock,
        uow=uow,
        markets=markets,
        notices=notices,
        deliveries=Deliveries(uow, clock, keep_words=keep_words),
        whatsapp=_whatsapp(settings, markets, clock, whatsapp_texts),
        accounts=accounts,
        challenges=challenges,
        pages=Pages(uow, clock, markets, accounts, public_base_url=base_url),
        identities=identities,
        identity_tokens=identity_tokens,
        flows={flow.slug: flow for flow in flows},
        area=Area(
            uow,
            clock,
            markets,
            limits,
            accounts=accounts,
            challenges=challenges,
            documents=documents,
            identity_tokens=identity_tokens,
        ),
        requests=requests,
        contact_changes=contact_changes,
        vetoes=Vetoes(uow, clock, markets, notices, contact_changes),
        uploads=uploads,
        documents=documents,
        customers=customers,
        older_accounts=OlderAccounts(uow, clock, markets, accounts, notices, hashing),
        trackers=trackers,
        retention=retention,
        privacy=Privacy(uow, clock, trackers, Closing(clock, markets, notices, requests)),
        maintenance=Maintenance(uow, clock, limits, flows, retention),
        development=Development(
            uow, customers, documents, settings.demo_dir, is_production=settings.is_production
        ),
        broadcast=make_broadcast(engine),
    )


def _whatsapp(
    settings: Settings, markets: Markets, clock: Clock, texts: Texts
) -> WhatsAppReplies | None:
    unknown = set(settings.whatsapp_numbers) - set(markets.names())
    if unknown:
        raise ConfigurationInvalid(
            tuple(f"SPORTELLO_WHATSAPP_NUMBERS: no market {name}" for name in sorted(unknown))
        )
    return None if settings.sender_whatsapp == "off" else WhatsAppReplies(clock, texts, markets)


def _has_documents(uow: UnitOfWork, request_id: str) -> bool:
    """Whether an identity document came with a request."""
    return uow.files.has_documents(request_id)


def _signer(settings: Settings) -> TokenSigner | None:
    secret = settings.identity_token_secret
    return TokenSigner(secret) if secret.get_secret_value() else None


def _clock(settings: Settings) -> Clock:
    if settings.is_production:
        return SystemClock()
    return OffsetClock(make_engine(settings.database_url, pool_size=2))
