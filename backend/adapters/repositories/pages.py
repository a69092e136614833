"""One-time pages and drafts of flows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, select, update

from backend.adapters.crypto import Vault, new_id, new_token
from backend.adapters.repositories.dialects import lock_name
from backend.adapters.tables.pages import drafts, pages
from backend.core.pages import Page

_CONTENT = "drafts.content"


class PageRows:
    """One-time pages in one transaction."""

    def __init__(self, connection: Connection, vault: Vault) -> None:
        self._connection = connection
        self._vault = vault

    def add(  # noqa: PLR0913 - the columns of a row
        self,
        *,
        kind: str,
        conversation_id: str,
        market: str,
        language: str,
        now: datetime,
        expires_at: datetime,
        account_id: str | None = None,
        challenge_id: str | None = None,
        reference: str | None = None,
    ) -> Page:
        """A page without a link yet."""
        page_id = new_id("p")
        self._connection.execute(
            pages.insert().values(
                id=page_id,
                kind=kind,
                conversation_id=conversation_id,
                market=market,
                language=language,
                account_id=account_id,
                challenge_id=challenge_id,
                reference=reference,
                created_at=now,
                expires_at=expires_at,
            )
        )
        found = self.get(page_id)
        assert found is not None  # noqa: S101 - it was written in this very transaction
        return found

    def mint(self, page_id: str) -> str | None:
        """A new token for a page that was not used; the one before is worth nothing then."""
        token = new_token()
        changed = self._connection.execute(
            update(pages)
            .where(pages.c.id == page_id, pages.c.used_at.is_(None))
            .values(token_hash=self._vault.hash_token(token))
        )
        return token if changed.rowcount == 1 else None

    def get(self, page_id: str) -> Page | None:
        """The page with that id."""
        return self._one(pages.c.id == page_id)

    def by_token(self, token: str) -> Page | None:
        """The page whose link carries *token*."""
        return self._one(pages.c.token_hash == self._vault.hash_token(token))

    def use(self, page_id: str, now: datetime) -> bool:
        """Mark the page used; False where it is used or over."""
        changed = self._connection.execute(
            update(pages)
            .where(pages.c.id == page_id, pages.c.used_at.is_(None), pages.c.expires_at > now)
            .values(used_at=now)
        )
        return changed.rowcount == 1

    def last_used(self, conversation_id: str, kind: str) -> Page | None:
        """The page of that kind that was done last in the conversation."""
        query = (
            select(pages)
            .where(
                pages.c.conversation_id == conversation_id,
                pages.c.kind == kind,
                pages.c.used_at.is_not(None),
            )
            .order_by(pages.c.used_at.desc())
            .limit(1)
        )
        row = self._connection.execute(query).one_or_none()
        return _page(row) if row else None

    def call_off(
        self,
        *,
        conversation_id: str | None = None,
        account_id: str | None = None,
        kinds: Sequence[str] | None = None,
    ) -> None:
        """Forget the unused pages of a conversation, or of an account; of *kinds* only."""
        owner = (
            pages.c.account_id == account_id
            if account_id is not None
            else pages.c.conversation_id == conversation_id
        )
        which = [owner, pages.c.used_at.is_(None)]
        if kinds is not None:
            which.append(pages.c.kind.in_(kinds))
        self._connection.execute(delete(pages).where(*which))

    def _one(self, condition: Any) -> Page | None:
        row = self._connection.execute(select(pages).where(condition)).one_or_none()
        return _page(row) if row else None


def _page(row: Row[Any]) -> Page:
    return Page(
        id=row.id,
        kind=row.kind,
        conversation_id=row.conversation_id,
        market=row.market,
        language=row.language,
        account_id=row.account_id,
        challenge_id=row.challenge_id,
        reference=row.reference,
        created_at=row.created_at,
        expires_at=row.expires_at,
        used_at=row.used_at,
    )


@dataclass(frozen=True, slots=True)
class StoredDraft:
    """A flow's draft as kept: plain data, and whether it still lives."""

    conversation_id: str
    flow: str
    state: str
    content: Any
    idle_at: datetime


class DraftRows:
    """Drafts in one transaction."""

    def __init__(self, connection: Connection, vault: Vault) -> None:
        self._connection = connection
        self._vault = vault

    def find(self, conversation_id: str, flow: str, *, lock: bool = False) -> StoredDraft | None:
        """The draft; *lock* keeps other turns of the conversation out, also before there is one."""
        if lock:
            lock_name(self._connection, f"draft/{flow}/{conversation_id}")
        query = select(drafts).where(
            drafts.c.conversation_id == conversation_id, drafts.c.flow == flow
        )
        row = self._connection.execute(query).one_or_none()
        return self._stored(row) if row else None

    def save(self, draft: StoredDraft) -> None:
        """Write the draft over what was there."""
        columns = {
            "state": draft.state,
            "content": self._vault.seal_json(draft.content, _CONTENT),
            "idle_at": draft.idle_at,
        }
        key = (drafts.c.conversation_id == draft.conversation_id) & (drafts.c.flow == draft.flow)
        changed = self._connection.execute(update(drafts).where(key).values(**columns))
        if changed.rowcount == 0:
            self._connection.execute(
                drafts.insert().values(
                    conversation_id=draft.conversation_id, flow=draft.flow, **columns
                )
            )

    def remove(self, conversation_id: str, flow: str) -> None:
        """Forget the draft."""
        self._connection.execute(
            delete(drafts).where(drafts.c.conversation_id == conversation_id, drafts.c.flow == flow)
        )

    def flows_of(self, conversation_id: str) -> list[str]:
        """The flows of which the conversation has a draft."""
        query = select(drafts.c.flow).where(drafts.c.conversation_id == conversation_id)
        return list(self._connection.scalars(query))

    def idle_before(self, flow: str, moment: datetime, limit: int) -> list[str]:
        """Conversations whose draft of *flow* nobody touched since *moment*."""
        query = (
            select(drafts.c.conversation_id)
            .where(drafts.c.flow == flow, drafts.c.idle_at <= moment)
            .order_by(drafts.c.idle_at)
            .limit(limit)
        )
        return list(self._connection.scalars(query))

    def _stored(self, row: Row[Any]) -> StoredDraft:
        return StoredDraft(
            row.conversation_id,
            row.flow,
            row.state,
            self._vault.unseal_json(row.content, _CONTENT),
            row.idle_at,
        )
