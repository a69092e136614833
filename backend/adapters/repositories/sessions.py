"""Sessions of the area, and the brake on guessing passwords."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, select, update

from backend.adapters.crypto import Vault, new_id, new_token
from backend.adapters.repositories.dialects import insert_once, lock_name
from backend.adapters.tables.accounts import login_throttles, web_sessions
from backend.core.logins import Throttle


@dataclass(frozen=True, slots=True)
class StoredSession:
    """A web session as kept."""

    id: str
    account_id: str
    state: str
    language: str
    challenge_id: str | None
    created_at: datetime
    seen_at: datetime


class SessionRows:
    """Web sessions and login throttles in one transaction."""

    def __init__(self, connection: Connection, vault: Vault) -> None:
        self._connection = connection
        self._vault = vault

    def add(self, account_id: str, state: str, language: str, now: datetime) -> tuple[str, str]:
        """A new session: its id and the token that only the browser keeps."""
        session_id, token = new_id("w"), new_token()
        self._connection.execute(
            web_sessions.insert().values(
                id=session_id,
                token_hash=self._vault.hash_token(token),
                account_id=account_id,
                state=state,
                language=language,
                created_at=now,
                seen_at=now,
            )
        )
        return session_id, token

    def by_token(self, token: str) -> StoredSession | None:
        """The session of that token."""
        return self._one(web_sessions.c.token_hash == self._vault.hash_token(token))

    def get(self, session_id: str) -> StoredSession | None:
        """The session of that id."""
        return self._one(web_sessions.c.id == session_id)

    def seen(self, session_id: str, now: datetime) -> None:
        """Note that it is in use."""
        self._set(session_id, seen_at=now)

    def expect(self, session_id: str, challenge_id: str) -> None:
        """Note which code the half-open session waits for."""
        self._set(session_id, challenge_id=challenge_id)

    def open(self, session_id: str, now: datetime) -> str:
        """Let the session in, under a new token: the one before was made for a stranger."""
        token = new_token()
        self._set(
            session_id, state="open", token_hash=self._vault.hash_token(token),
            created_at=now, seen_at=now, challenge_id=None,
        )  # fmt: skip
        return token

    def remove(self, session_id: str) -> None:
        """End one session."""
        self._connection.execute(delete(web_sessions).where(web_sessions.c.id == session_id))

    def remove_all_of(self, account_id: str) -> int:
        """End every session of the account; gives how many."""
        gone = self._connection.execute(
            delete(web_sessions).where(web_sessions.c.account_id == account_id)
        )
        return gone.rowcount

    def remove_idle(self, seen_before: datetime, created_before: datetime) -> int:
        """End what is over; gives how many."""
        over = (web_sessions.c.seen_at <= seen_before) | (
            web_sessions.c.created_at <= created_before
        )
        return self._connection.execute(delete(web_sessions).where(over)).rowcount

    def throttle(self, username_index: str, *, lock: bool = False) -> Throttle | None:
        """How often this user name was tried in vain."""
        if lock:
            lock_name(self._connection, f"login/{username_index}")
        query = select(login_throttles).where(login_throttles.c.username_index == username_index)
        row = self._connection.execute(query).one_or_none()
        return Throttle(row.failures, row.open_at) if row else None

    def set_throttle(self, username_index: str, throttle: Throttle, now: datetime) -> None:
        """Keep the throttle of a user name."""
        columns: dict[str, Any] = {
            "failures": throttle.failures, "open_at": throttle.open_at, "updated_at": now,
        }  # fmt: skip
        if not insert_once(
            self._connection, login_throttles, {"username_index": username_index, **columns}
        ):
            self._connection.execute(
                update(login_throttles)
                .where(login_throttles.c.username_index == username_index)
                .values(**columns)
            )

    def clear_throttle(self, username_index: str) -> None:
        """Forget the failures of a user name."""
        self._connection.execute(
            delete(login_throttles).where(login_throttles.c.username_index == username_index)
        )

    def forget_throttles(self, before: datetime) -> None:
        """Drop what nobody tried since *before*."""
        self._connection.execute(
            delete(login_throttles).where(login_throttles.c.updated_at < before)
        )

    def _one(self, condition: ColumnElement[bool]) -> StoredSession | None:
        row = self._connection.execute(select(web_sessions).where(condition)).one_or_none()
        return _session(row) if row else None

    def _set(self, session_id: str, **columns: Any) -> None:
        self._connection.execute(
            update(web_sessions).where(web_sessions.c.id == session_id).values(**columns)
        )


def _session(row: Row[Any]) -> StoredSession:
    return StoredSession(
        row.id, row.account_id, row.state, row.language, row.challenge_id,
        row.created_at, row.seen_at,
    )  # fmt: skip
