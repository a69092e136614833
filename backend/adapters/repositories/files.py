"""Files and the documents of policies; contents are sealed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, func, select, update

from backend.adapters.crypto import Vault, new_id
from backend.adapters.tables.files import files, policy_documents
from backend.core.files import NewFile, Purpose, StoredFile
from backend.core.policy_documents import DocumentRow, PolicyDocument

_CONTENT: Final = "files.content"
_WITHOUT_CONTENT: Final = [column for column in files.c if column.name != "content"]


@dataclass(frozen=True, slots=True)
class NewDocument:
    """A policy document to be kept."""

    policy_id: int
    row: DocumentRow
    content: bytes


class FileRows:
    """Files in one transaction."""

    def __init__(self, connection: Connection, vault: Vault) -> None:
        self._connection = connection
        self._vault = vault

    def add(self, new: NewFile, now: datetime, *, unclaimed_until: datetime | None = None) -> str:
        """Keep a file; gives its id. One of *unclaimed_until* goes then, unless it was moved."""
        file_id = new_id("f")
        self._connection.execute(
            files.insert().values(
                id=file_id,
                purpose=new.purpose,
                reference=new.reference,
                side=new.side,
                document_type=new.document_type,
                media_type=new.media_type,
                size=len(new.content),
                content=self._vault.seal_bytes(new.content, _CONTENT),
                created_at=now,
                unclaimed_until=unclaimed_until,
            )
        )
        return file_id

    def get(self, file_id: str) -> StoredFile | None:
        """The file with that id, without its content."""
        query = select(*_WITHOUT_CONTENT).where(files.c.id == file_id)
        row = self._connection.execute(query).one_or_none()
        return _file(row) if row else None

    def content(self, file_id: str) -> bytes | None:
        """What is in the file."""
        query = select(files.c.content).where(files.c.id == file_id)
        sealed = self._connection.execute(query).scalar_one_or_none()
        return None if sealed is None else self._vault.unseal_bytes(sealed, _CONTENT)

    def of_reference(self, reference: str) -> list[StoredFile]:
        """Every file of an upload, a request or a policy document, in the order they came in."""
        # The front before the back where both came at once.
        order = (files.c.created_at, files.c.side.desc(), files.c.id)
        query = select(*_WITHOUT_CONTENT).where(files.c.reference == reference).order_by(*order)
        return [_file(row) for row in self._connection.execute(query)]

    def has_documents(self, reference: str) -> bool:
        """Whether an identity document is there."""
        query = select(func.count()).where(
            files.c.reference == reference, files.c.purpose == Purpose.IDENTITY
        )
        return bool(self._connection.execute(query).scalar_one())

    def move(self, reference_from: str, reference_to: str) -> int:
        """Make an upload part of a request; gives how many files that are."""
        moved = self._connection.execute(
            update(files)
            .where(files.c.reference == reference_from, files.c.purpose == Purpose.IDENTITY)
            .values(reference=reference_to, unclaimed_until=None)
        )
        return moved.rowcount

    def remove_of(self, reference: str) -> int:
        """Forget the identity documents of an upload or a request; gives how many."""
        gone = self._connection.execute(
            delete(files).where(files.c.reference == reference, files.c.purpose == Purpose.IDENTITY)
        )
        return gone.rowcount

    def remove_unclaimed(self, now: datetime) -> int:
        """Forget uploads that nobody asked anything with in time; gives how many files."""
        return self._connection.execute(
            delete(files).where(files.c.unclaimed_until <= now)
        ).rowcount

    # Documents of policies ------------------------------------------------------------------------

    def document(self, document_id: str) -> PolicyDocument | None:
        """The policy document with that id."""
        query = select(policy_documents).where(policy_documents.c.id == document_id)
        row = self._connection.execute(query).one_or_none()
        return _document(row) if row else None

    def documents_of(self, policy_ids: Collection[int]) -> list[PolicyDocument]:
        """The documents of these policies; of one policy the newest first."""
        query = (
            select(policy_documents)
            .where(policy_documents.c.policy_id.in_(policy_ids))
            .order_by(
                policy_documents.c.policy_id,
                policy_documents.c.issued_on.desc(),
                policy_documents.c.title,
            )
        )
        return [_document(row) for row in self._connection.execute(query)]

    def upsert_document(self, new: NewDocument, now: datetime, media_type: str) -> bool:
        """Write the document as given; False where it was there just so."""
        known = self._known(new)
        if known is None:
            self._add_document(new, now, media_type)
            return True
        same_content = self.content(known.file_id) == new.content
        if same_content and known.kind == new.row.kind:
            return False
        file_id = known.file_id if same_content else self._keep(known.id, new, now, media_type)
        self._connection.execute(
            update(policy_documents)
            .where(policy_documents.c.id == known.id)
            .values(kind=new.row.kind, file_id=file_id)
        )
        if file_id != known.file_id:
            self._connection.execute(delete(files).where(files.c.id == known.file_id))
        return True

    def remove_documents_of(self, policy_ids: Collection[int]) -> int:
        """Forget the documents of these policies; gives how many."""
        found = self.documents_of(policy_ids)
        self._connection.execute(
            delete(policy_documents).where(policy_documents.c.policy_id.in_(policy_ids))
        )
        file_ids = [document.file_id for document in found]
        self._connection.execute(delete(files).where(files.c.id.in_(file_ids)))
        return len(found)

    def _known(self, new: NewDocument) -> PolicyDocument | None:
        query = select(policy_documents).where(
            policy_documents.c.policy_id == new.policy_id,
            policy_documents.c.title == new.row.title,
            policy_documents.c.issued_on == new.row.issued_on,
        )
        row = self._connection.execute(query).one_or_none()
        return _document(row) if row else None

    def _add_document(self, new: NewDocument, now: datetime, media_type: str) -> None:
        document_id = new_id("d")
        self._connection.execute(
            policy_documents.insert().values(
                id=document_id,
                market=new.row.market,
                policy_id=new.policy_id,
                title=new.row.title,
                kind=new.row.kind,
                issued_on=new.row.issued_on,
                file_id=self._keep(document_id, new, now, media_type),
            )
        )

    def _keep(self, document_id: str, new: NewDocument, now: datetime, media_type: str) -> str:
        return self.add(NewFile(Purpose.POLICY, document_id, media_type, new.content), now)


def _file(row: Row[Any]) -> StoredFile:
    return StoredFile(
        id=row.id,
        purpose=row.purpose,
        reference=row.reference,
        side=row.side,
        document_type=row.document_type,
        media_type=row.media_type,
        size=row.size,
        created_at=row.created_at,
    )


def _document(row: Row[Any]) -> PolicyDocument:
    return PolicyDocument(
        id=row.id,
        market=row.market,
        policy_id=row.policy_id,
        title=row.title,
        kind=row.kind,
        issued_on=row.issued_on,
        file_id=row.file_id,
    )
