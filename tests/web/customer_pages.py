"""A backend made of fakes for the pages that customers see, and the application around them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from fastapi.templating import Jinja2Templates
from pydantic import SecretStr
from starlette.middleware.trustedhost import TrustedHostMiddleware

from backend.adapters.crypto import Vault
from backend.core.errors import LinkExpired, LinkUnknown, LinkUsed, PasswordRefused, SportelloError
from backend.core.limits import Limits
from backend.core.markets import Markets, PasswordRules
from backend.core.uploads import Upload
from backend.markets import load_markets
from backend.services.documents import OpenedDocument
from backend.services.vetoes import VetoResult
from tests.fakes import FixedClock
from web import demo, pages
from web.security import BodyLimitMiddleware, SecurityHeadersMiddleware

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class FakeView:
    kind: str
    market: str
    language: str
    expires_at: datetime
    username_mask: str
    password_rules: PasswordRules | None


@dataclass(frozen=True)
class FakeResult:
    conversation_id: str
    market: str = "it"
    language: str = "it"


@dataclass
class FakePage:
    view: FakeView
    conversation_id: str = "c_0123456789012345678901"
    used: bool = False


class FakePages:
    """One-time pages in memory, with the real errors."""

    def __init__(self, clock: FixedClock, markets: Markets) -> None:
        self._clock = clock
        self._markets = markets
        self._pages: dict[str, FakePage] = {}
        self.passwords: list[str] = []
        self.confirmed: list[str] = []
        self.renewed: list[str] = []
        self.refuse: SportelloError | None = None

    def add(
        self,
        token: str,
        kind: str = "password",
        market: str = "it",
        language: str = "it",
        username: str = "gi••••@e••••.it",
        minutes: int = 10,
    ) -> str:
        rules = self._markets[market].password if kind == "password" else None
        expires_at = self._clock.now() + timedelta(minutes=minutes)
        self._pages[token] = FakePage(FakeView(kind, market, language, expires_at, username, rules))
        return token

    def view(self, token: str) -> FakeView:
        page = self._pages.get(token)
        if page is None:
            raise LinkUnknown
        facts = {
            "market": page.view.market,
            "language": page.view.language,
            "kind": page.view.kind,
        }
        if page.used:
            raise LinkUsed(**facts)
        if page.view.expires_at <= self._clock.now():
            raise LinkExpired(**facts)
        return page.view

    def set_password(self, token: str, password: str) -> FakeResult:
        rules = self.view(token).password_rules
        reasons = []
        if len(password) < rules.least:
            reasons.append("too_short")
        if len(password) > rules.most:
            reasons.append("too_long")
        if "digit" in rules.needs and not any(c.isdigit() for c in password):
            reasons.append("no_digit")
        if reasons:
            raise PasswordRefused(tuple(reasons))
        self.passwords.append(password)
        return self.use(token)

    def confirm(self, token: str) -> FakeResult:
        self.view(token)
        self.confirmed.append(token)
        return self.use(token)

    def renew(self, token: str) -> FakeResult:
        if self.refuse is not None:
            raise self.refuse
        try:
            self.view(token)
        except LinkExpired:
            page = self._pages[token]
            self.renewed.append(token)
            return FakeResult(page.conversation_id, page.view.market, page.view.language)
        raise LinkUsed

    def use(self, token: str) -> FakeResult:
        page = self._pages[token]
        self._pages[token] = replace(page, used=True)
        return FakeResult(page.conversation_id, page.view.market, page.view.language)


class FakeUploads:
    """Takes every file, or refuses with what it was given."""

    def __init__(self, pages: FakePages) -> None:
        self._pages = pages
        self.taken: list[tuple[str, Upload | None, Upload | None]] = []
        self.refuse: SportelloError | None = None

    def store(
        self, token: str, document_type: str, front: Upload | None, back: Upload | None
    ) -> FakeResult:
        self._pages.view(token)
        if self.refuse is not None:
            raise self.refuse
        self.taken.append((document_type, front, back))
        return self._pages.use(token)


class FakeDocuments:
    """One document behind every link."""

    def __init__(self, pages: FakePages) -> None:
        self._pages = pages
        self.document = OpenedDocument("Quietanza di pagamento 2026", "application/pdf", b"%PDF-1")
        self.opened: list[str] = []

    def title(self, token: str) -> str:
        self._pages.view(token)
        return self.document.title

    def open(self, token: str) -> OpenedDocument:
        self._pages.view(token)
        self._pages.use(token)
        self.opened.append(token)
        return self.document


class FakeVetoes:
    """Stops whatever the link names."""

    def __init__(self, pages: FakePages) -> None:
        self._pages = pages
        self.stopped: list[str] = []

    def veto(self, token: str) -> VetoResult:
        view = self._pages.view(token)
        self._pages.use(token)
        self.stopped.append(token)
        return VetoResult(view.market, view.language)


@dataclass
class FakeGateway:
    events: list[tuple[str, str]] = field(default_factory=list)
    failure: SportelloError | None = None

    async def enqueue_event(self, conversation_id: str, intent: str) -> None:
        if self.failure is not None:
            raise self.failure
        self.events.append((conversation_id, intent))


@dataclass
class CustomerPages:
    """The application with fakes behind it."""

    clock: FixedClock = field(default_factory=FixedClock)
    gateway: FakeGateway = field(default_factory=FakeGateway)

    def __post_init__(self) -> None:
        self.markets = load_markets(ROOT / "markets", Limits())
        self.pages = FakePages(self.clock, self.markets)
        self.uploads = FakeUploads(self.pages)
        self.documents = FakeDocuments(self.pages)
        self.vetoes = FakeVetoes(self.pages)
        self.app = self._application()

    def _application(self) -> FastAPI:
        backend = SimpleNamespace(
            clock=self.clock,
            markets=self.markets,
            pages=self.pages,
            uploads=self.uploads,
            documents=self.documents,
            vetoes=self.vetoes,
            vault=Vault(SecretStr("a secret of the tests")),
            settings=SimpleNamespace(public_base_url="http://testserver", texts_dir=ROOT / "texts"),
        )
        templates = Jinja2Templates(ROOT / "web/templates")
        app = FastAPI()
        for module in (pages, demo):
            app.include_router(module.make_router(backend, self.gateway, templates))
        app.mount("/static", StaticFiles(directory=ROOT / "web/static"))
        app.add_middleware(BodyLimitMiddleware, limit=64_000, larger={"/t/": None})
        app.add_middleware(SecurityHeadersMiddleware, https=False)
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=["testserver", "127.0.0.1"])
        return app
