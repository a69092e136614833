"""An outbox on a database of its own, with fakes at its ports."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from sqlalchemy import Engine, select

from backend.adapters.crypto import Vault
from backend.adapters.database import make_engine
from backend.adapters.tables.notices import notices as table
from backend.services.notices import Notices
from backend.texts import Texts
from backend.unit_of_work import UnitOfWorkFactory
from tests.backend.services.outbox_worker import SECRET
from tests.fakes import FakeSender, FixedClock

ROOT = Path(__file__).parents[3]
MOBILE = "+393201234519"
MAILBOX = "giulia.bianchi@example.it"
CODE_LIFE = timedelta(seconds=120)
CODE = {"code": "012345", "product": "Area Clienti"}
PRODUCT = {"product": "Area Clienti"}


class Outbox:
    """A `Notices` with fakes at its ports, and shorthands for tests."""

    def __init__(self, database_url: str) -> None:
        self.url = database_url
        self.engine: Engine = make_engine(database_url)
        self.uow = UnitOfWorkFactory(self.engine, Vault(SECRET))
        self.clock = FixedClock()
        self.sms = FakeSender()
        self.email = FakeSender()
        self.texts = Texts.load(ROOT / "texts/notices.yml")
        self.notices = self.worker(keep_words=False)

    def worker(self, *, keep_words: bool) -> Notices:
        senders = {"sms": self.sms, "email": self.email}
        return Notices(self.uow, self.clock, self.texts, senders, keep_words=keep_words)

    def post_code(self, to: str = MOBILE, language: str = "it") -> str:
        with self.uow() as uow:
            posted = self.notices.post(uow, "sms", to, "code", language, CODE, CODE_LIFE)
            uow.commit()
        return posted

    def post_welcome(self, to: str = MAILBOX) -> str:
        with self.uow() as uow:
            posted = self.notices.post(uow, "email", to, "password_set", "en", PRODUCT)
            uow.commit()
        return posted

    def row(self, notice_id: str) -> dict[str, object]:
        with self.engine.connect() as connection:
            found = connection.execute(select(table).where(table.c.id == notice_id)).one()
        return dict(found._mapping)
