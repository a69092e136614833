"""The only place that commits.

    with backend.uow() as uow:          # rolled back unless committed
        uow.connection.execute(...)     # SQLAlchemy Core; or a repository: uow.accounts.find(...)
        uow.commit()

    with backend.uow(read_only=True) as uow:
        ...

On SQLite a writing unit takes the write lock at once (BEGIN IMMEDIATE), so that what it reads
cannot change before it writes; on PostgreSQL the repositories lock the rows they decide on.
"""

from __future__ import annotations

from functools import cached_property
from types import TracebackType
from typing import Self

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from backend.adapters.crypto import Vault
from backend.adapters.database import BEGIN_MODE
from backend.adapters.line import Line
from backend.adapters.repositories.accounts import AccountRows
from backend.adapters.repositories.audit import AuditRows
from backend.adapters.repositories.budgets import BudgetRows
from backend.adapters.repositories.challenges import ChallengeRows
from backend.adapters.repositories.contact_changes import ContactChangeRows
from backend.adapters.repositories.conversations import ConversationRepository
from backend.adapters.repositories.customers import CustomerRows
from backend.adapters.repositories.files import FileRows
from backend.adapters.repositories.identities import IdentityRows
from backend.adapters.repositories.notices import NoticeRepository
from backend.adapters.repositories.pages import DraftRows, PageRows
from backend.adapters.repositories.persons import PersonRows
from backend.adapters.repositories.requests import RequestRows
from backend.adapters.repositories.sessions import SessionRows
from backend.core.errors import Unavailable

_LINE_SECONDS = 15.0  # as long as SQLite itself waits for another process


class UnitOfWork:
    """One transaction, with the repositories that work in it."""

    def __init__(
        self,
        engine: Engine,
        vault: Vault,
        *,
        read_only: bool = False,
        hurried: bool = False,
        line: Line | None = None,
    ) -> None:
        """`line` is where the writers of this process wait for each other."""
        self._engine = engine.execution_options(
            **{BEGIN_MODE: "DEFERRED" if read_only else "IMMEDIATE"}
        )
        self._line = None if read_only else line
        self._hurried = hurried
        self.vault = vault
        self.connection: Connection

    def __enter__(self) -> Self:
        line = self._line
        if line is not None and not line.enter(seconds=_LINE_SECONDS, hurried=self._hurried):
            raise Unavailable("database_unavailable")
        try:
            self.connection = self._engine.connect()
            self.connection.begin()
        except BaseException as failure:
            self._leave_line()
            if isinstance(failure, OperationalError | InterfaceError | PoolTimeout):
                raise Unavailable("database_unavailable") from failure
            raise
        self.conversations = ConversationRepository(self.connection, self.vault)
        self.notices = NoticeRepository(self.connection, self.vault)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        failure: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            # Closing rolls back whatever was not committed.
            self.connection.close()
        except DBAPIError:
            if failure is None:
                raise
        finally:
            self._leave_line()
        if isinstance(failure, OperationalError | InterfaceError | PoolTimeout):
            raise Unavailable("database_unavailable") from failure

    def _leave_line(self) -> None:
        if self._line is not None:
            self._line.leave()

    def commit(self) -> None:
        """Make everything done in this unit last; the unit is over then."""
        self.audit.flush()
        self.connection.commit()

    @cached_property
    def customers(self) -> CustomerRows:
        """Customers and policies."""
        return CustomerRows(self.connection, self.vault)

    @cached_property
    def accounts(self) -> AccountRows:
        """Accounts and consents."""
        return AccountRows(self.connection, self.vault)

    @cached_property
    def challenges(self) -> ChallengeRows:
        """One-time codes and grants."""
        return ChallengeRows(self.connection, self.vault)

    @cached_property
    def budgets(self) -> BudgetRows:
        """Counters over sliding windows."""
        return BudgetRows(self.connection, self.vault)

    @cached_property
    def pages(self) -> PageRows:
        """One-time pages."""
        return PageRows(self.connection, self.vault)

    @cached_property
    def persons(self) -> PersonRows:
        """What hangs on a customer."""
        return PersonRows(self.connection, self.vault)

    @cached_property
    def drafts(self) -> DraftRows:
        """Drafts of flows."""
        return DraftRows(self.connection, self.vault)

    @cached_property
    def identities(self) -> IdentityRows:
        """Proofs of who writes in a conversation."""
        return IdentityRows(self.connection, self.vault)

    @cached_property
    def requests(self) -> RequestRows:
        """Requests that staff decide."""
        return RequestRows(self.connection, self.vault)

    @cached_property
    def contact_changes(self) -> ContactChangeRows:
        """Changes of contacts on file."""
        return ContactChangeRows(self.connection, self.vault)

    @cached_property
    def files(self) -> FileRows:
        """Uploaded files, and the documents of policies."""
        return FileRows(self.connection, self.vault)

    @cached_property
    def sessions(self) -> SessionRows:
        """Sessions of the area."""
        return SessionRows(self.connection, self.vault)

    @cached_property
    def audit(self) -> AuditRows:
        """The audit; what is added here is written at commit."""
        return AuditRows(self.connection, self.vault)


class UnitOfWorkFactory:
    """Opens units of work on one database."""

    def __init__(self, engine: Engine, vault: Vault) -> None:
        self.engine = engine
        self.vault = vault
        # SQLite lets one write at a time, and whoever it turns away looks again after ever longer
        # pauses. Inside a process writers line up instead; between processes there are few.
        self._line = Line() if engine.dialect.name == "sqlite" else None

    def __call__(self, *, read_only: bool = False, hurried: bool = False) -> UnitOfWork:
        """A new unit, for a `with` statement; one that is *hurried* goes before others' writes."""
        return UnitOfWork(
            self.engine, self.vault, read_only=read_only, hurried=hurried, line=self._line
        )
