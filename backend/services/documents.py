"""Policy documents: taken in from the insurer's file, shown to whoever holds the policy."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from backend.adapters.repositories.files import NewDocument
from backend.core.audit import AuditEntry, Event
from backend.core.errors import LinkUnknown, NotFound
from backend.core.importing import Problem
from backend.core.markets import Markets
from backend.core.pages import Page, PageKind
from backend.core.policy_documents import COLUMNS, DocumentRow, PolicyDocument, RowReader
from backend.core.uploads import PDF, FileRefused, Upload, media_type_of
from backend.ports import Clock, FileCleaner
from backend.services.csv_rows import read_rows
from backend.services.customers import ImportReport
from backend.services.opening import open_page, use_page
from backend.unit_of_work import UnitOfWork, UnitOfWorkFactory

_AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class OpenedDocument:
    """A document with what is in it."""

    title: str
    media_type: str
    content: bytes = field(repr=False)


class Documents:
    """Takes documents in and hands them out."""

    def __init__(
        self, uow: UnitOfWorkFactory, clock: Clock, markets: Markets, cleaner: FileCleaner
    ) -> None:
        self._uow = uow
        self._clock = clock
        self._markets = markets
        self._cleaner = cleaner

    # In -------------------------------------------------------------------------------------------

    def import_file(self, path: Path, *, dry_run: bool = False) -> ImportReport:
        """Upsert every good row of a CSV file by policy, title and day of issue.

        The PDFs lie in the folder of the file or below it. The same file again changes nothing.
        Of a bad row nothing is written; good ones are.

        Raises:
            NotFound: there is no such file.
            Invalid: it is not UTF-8, or its columns are not the expected ones.
        """
        rows = taken = 0
        problems: list[Problem] = []
        batch: list[NewDocument] = []
        for outcome in self._outcomes(path):
            rows += 1
            if isinstance(outcome, list):
                problems += outcome
                continue
            taken += 1
            batch.append(outcome)
            if len(batch) == _AT_ONCE:
                self._write(batch, dry_run=dry_run)
                batch = []
        self._write(batch, dry_run=dry_run)
        if taken and not dry_run:
            self._audit_import(taken)
        return ImportReport(rows, taken, tuple(problems))

    def _outcomes(self, path: Path) -> Iterator[NewDocument | list[Problem]]:
        reader = RowReader(self._markets, self._clock.now().date())
        for line, row in read_rows(path, COLUMNS):
            outcome = reader.read(line, row) if isinstance(row, dict) else [row]
            yield self._new(path.parent, outcome) if isinstance(outcome, DocumentRow) else outcome

    def _new(self, folder: Path, row: DocumentRow) -> NewDocument | list[Problem]:
        with self._uow(read_only=True) as uow:
            found = uow.customers.with_policy(row.market, row.policy_number)
        if found is None:
            return [Problem(row.line, "policy_number", "is not on file in this market")]
        try:
            return NewDocument(found[1].id, row, self._pdf(folder, row))
        except OSError:
            return [Problem(row.line, "file", "cannot be read from the folder of this file")]
        except FileRefused as refused:
            return [Problem(row.line, "file", f"is not a PDF that can be taken: {refused.reason}")]

    def _pdf(self, folder: Path, row: DocumentRow) -> bytes:
        """The cleaned PDF that the row names.

        Raises:
            OSError: it is not there, or not below *folder*.
            FileRefused: it cannot be taken.
        """
        limits = self._markets.limits(row.market)
        path = (folder / row.file).resolve()
        if not path.is_relative_to(folder.resolve()):
            raise FileNotFoundError(row.file)
        with path.open("rb") as file:
            content = file.read(limits.upload_bytes + 1)
        # By its content alone: whatever the name ends in, it must be a PDF.
        kind = media_type_of(Upload("document.pdf", PDF, content), limits.upload_bytes)
        return self._cleaner.clean(
            kind, content, replace(limits, upload_pages=limits.document_pages)
        ).content

    def _write(self, batch: list[NewDocument], *, dry_run: bool) -> None:
        if dry_run or not batch:
            return
        now = self._clock.now()
        with self._uow() as uow:
            for new in batch:
                uow.files.upsert_document(new, now, PDF)
            uow.commit()

    def _audit_import(self, taken: int) -> None:
        with self._uow() as uow:
            entry = AuditEntry(Event.DOCUMENTS_IMPORTED, actor="operator", reason=str(taken))
            uow.audit.add(entry, self._clock.now())
            uow.commit()

    # Out ------------------------------------------------------------------------------------------

    def of_policies(self, uow: UnitOfWork, policy_ids: Collection[int]) -> list[PolicyDocument]:
        """The documents of these policies; of one policy the newest first."""
        return uow.files.documents_of(policy_ids)

    def offer(  # noqa: PLR0913, PLR0917 - what a page is made of
        self,
        uow: UnitOfWork,
        document_id: str,
        account_id: str,
        conversation_id: str,
        market: str,
        language: str,
        now: datetime,
    ) -> Page:
        """A page that opens the document once.

        Raises:
            NotFound: the account sees no such document.
        """
        self._visible(uow, document_id, account_id)
        life = timedelta(seconds=self._markets.limits(market).document_link_ttl)
        return uow.pages.add(
            kind=PageKind.DOCUMENT,
            conversation_id=conversation_id,
            market=market,
            language=language,
            account_id=account_id,
            reference=document_id,
            now=now,
            expires_at=now + life,
        )

    def title(self, token: str) -> str:
        """Which document the page of *token* opens; changes nothing.

        Raises:
            LinkUnknown: no page has this token, or its account holds the policy no more.
            LinkExpired, LinkUsed: as `Pages.view`.
        """
        with self._uow(read_only=True) as uow:
            page = open_page(uow, token, self._clock.now()).page
            return self._of_page(uow, page)[0].title

    def open(self, token: str) -> OpenedDocument:
        """The document behind a one-time page, once.

        Raises:
            LinkUnknown, LinkExpired, LinkUsed: as `title`.
        """
        now = self._clock.now()
        with self._uow() as uow:
            page = use_page(uow, token, now).page
            document, account_id = self._of_page(uow, page)
            opened = self._read(uow, document)
            entry = AuditEntry(
                Event.DOCUMENT_OPENED,
                subject=account_id,
                conversation_id=page.conversation_id,
                factor="link",
                reason=document.id,
            )
            uow.audit.add(entry, now)
            uow.commit()
        return opened

    def read(self, uow: UnitOfWork, document_id: str, account_id: str) -> OpenedDocument:
        """The document, for its account's area; audited as part of *uow*.

        Raises:
            NotFound: the account sees no such document.
        """
        opened = self._read(uow, self._visible(uow, document_id, account_id))
        entry = AuditEntry(
            Event.DOCUMENT_OPENED, subject=account_id, factor="session", reason=document_id
        )
        uow.audit.add(entry, self._clock.now())
        return opened

    def _of_page(self, uow: UnitOfWork, page: Page) -> tuple[PolicyDocument, str]:
        if page.kind != PageKind.DOCUMENT or not page.reference or not page.account_id:
            raise LinkUnknown
        try:
            return self._visible(uow, page.reference, page.account_id), page.account_id
        except NotFound:
            raise LinkUnknown from None

    @staticmethod
    def _visible(uow: UnitOfWork, document_id: str, account_id: str) -> PolicyDocument:
        document = uow.files.document(document_id)
        seen = {policy.id for policy in uow.customers.policies_in_account(account_id)}
        if document is None or document.policy_id not in seen:
            raise NotFound("document_unknown")
        return document

    @staticmethod
    def _read(uow: UnitOfWork, document: PolicyDocument) -> OpenedDocument:
        content = uow.files.content(document.file_id)
        if content is None:
            raise NotFound("document_unknown")
        return OpenedDocument(document.title, PDF, content)
