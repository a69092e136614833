"""The area and the one-time pages on a real backend, with the demo customers on file."""

from __future__ import annotations

import re
from pathlib import Path

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from fastapi.templating import Jinja2Templates
from starlette.middleware.trustedhost import TrustedHostMiddleware

from backend.adapters.schema import load_tables
from backend.bootstrap import build
from backend.settings import Settings
from tests.fakes import FixedClock
from tests.web.customer_pages import FakeGateway
from web import area, pages
from web.security import BodyLimitMiddleware, SecurityHeadersMiddleware

ROOT = Path(__file__).parents[2]
PASSWORD = "Girasole72"


class AreaHouse:
    """The application with accounts that tests open."""

    def __init__(self, folder: Path, *, public_base_url: str = "http://testserver") -> None:
        self.clock = FixedClock()
        self.gateway = FakeGateway()
        settings = Settings(
            var_dir=folder,
            public_base_url=public_base_url,
            markets_dir=ROOT / "markets",
            texts_dir=ROOT / "texts",
            demo_dir=ROOT / "demo",
            hashing={"memory_kib": 8},
        )
        self.backend = build(settings, clock=self.clock)
        load_tables().create_all(self.backend.engine)
        report = self.backend.development.load_demo()
        assert report.is_clean
        self.app = self._application()

    def open_account(self, customer: str, password: str = PASSWORD) -> str:
        """Give a demo customer an account, as registration would; its user name."""
        market = customer[:2].lower()
        with self.backend.uow() as uow:
            owner = uow.customers.by_number(market, customer)
            policies = uow.customers.policies_of(owner.id)
            contact = owner.details.email or owner.details.mobile
            account = self.backend.accounts.open(uow, owner, policies, contact, owner.language)
            hashed = self.backend.accounts.hash_password(account, password)
            self.backend.accounts.set_password(uow, account, hashed)
            uow.commit()
        return account.username

    def last_code(self, contact: str) -> str:
        """The code in the newest message to *contact*."""
        for notice in self.backend.notices.listing(contact):
            if found := re.search(r"\b\d{6}\b", notice["body"]):
                return found[0]
        raise AssertionError(f"no code went to {contact}")

    def close(self) -> None:
        self.backend.close()

    def _application(self) -> FastAPI:
        templates = Jinja2Templates(ROOT / "web/templates")
        app = FastAPI()
        for module in (area, pages):
            app.include_router(module.make_router(self.backend, self.gateway, templates))
        app.mount("/static", StaticFiles(directory=ROOT / "web/static"))
        app.add_middleware(BodyLimitMiddleware, limit=64_000, larger={"/t/": None})
        app.add_middleware(
            SecurityHeadersMiddleware,
            https=self.backend.settings.public_base_url.startswith("https"),
        )
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=["testserver", "127.0.0.1"])
        return app
