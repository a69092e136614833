"""Challenges, the tries at them and the grants they earn; every change is a guarded UPDATE."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, select, update

from backend.adapters.crypto import Vault, new_id
from backend.adapters.repositories.dialects import insert_once
from backend.adapters.tables.challenges import challenge_attempts, challenges, grants
from backend.core.challenges import Challenge, State

_DESTINATION = "challenges.destination"


class ChallengeRows:
    """Challenges in one transaction."""

    def __init__(self, connection: Connection, vault: Vault) -> None:
        self._connection = connection
        self._vault = vault

    def add(  # noqa: PLR0913 - the columns of a row
        self,
        *,
        challenge_id: str,
        purpose: str,
        conversation_id: str,
        subject: str,
        channel: str,
        destination: str,
        code: str | None,
        now: datetime,
        expires_at: datetime,
        link_expires_at: datetime | None,
    ) -> Challenge:
        """A new challenge; with *code* None one that nothing typed can ever meet."""
        self._connection.execute(
            challenges.insert().values(
                id=challenge_id,
                purpose=purpose,
                conversation_id=conversation_id,
                subject_index=self._vault.index("subject", subject),
                channel=channel,
                destination=self._vault.seal(destination, _DESTINATION),
                destination_index=self._vault.index("destination", destination),
                code_hash=self.code_hash(challenge_id, purpose, destination, code),
                state=State.ISSUED,
                attempts=0,
                created_at=now,
                expires_at=expires_at,
                link_expires_at=link_expires_at,
            )
        )
        return self.get(challenge_id)

    def code_hash(self, challenge_id: str, purpose: str, destination: str, code: str | None) -> str:
        """The keyed hash of a code; a decoy's has something in it that no keyboard types."""
        return self._vault.hash_code(
            challenge_id, purpose, destination, new_id("decoy") if code is None else code
        )

    def get(self, challenge_id: str) -> Challenge:
        """The challenge with that id."""
        query = select(challenges).where(challenges.c.id == challenge_id)
        return self._challenge(self._connection.execute(query).one())

    def latest_to(self, conversation_id: str, purpose: str, destination: str) -> Challenge | None:
        """The newest challenge of this conversation to *destination*."""
        query = (
            select(challenges)
            .where(
                challenges.c.conversation_id == conversation_id,
                challenges.c.purpose == purpose,
                challenges.c.destination_index == self._vault.index("destination", destination),
            )
            .order_by(challenges.c.created_at.desc(), challenges.c.id)
            .limit(1)
        )
        row = self._connection.execute(query).one_or_none()
        return self._challenge(row) if row else None

    def first_try(self, challenge_id: str, message_id: str, guess_hash: str, now: datetime) -> bool:
        """Whether *message_id* is new to the challenge; it is noted with what it guessed."""
        values = {
            "challenge_id": challenge_id,
            "message_id": message_id,
            "guess_hash": guess_hash,
            "at": now,
        }
        return insert_once(self._connection, challenge_attempts, values)

    def counted_guess(self, challenge_id: str, message_id: str) -> str | None:
        """The hashed guess that was counted for *message_id*."""
        query = select(challenge_attempts.c.guess_hash).where(
            challenge_attempts.c.challenge_id == challenge_id,
            challenge_attempts.c.message_id == message_id,
        )
        return self._connection.execute(query).scalar_one_or_none()

    def count_attempt(
        self, challenge_id: str, purpose: str, conversation_id: str, tries: int, now: datetime
    ) -> int | None:
        """Take one of the tries before anything is compared; None where there is none to take."""
        statement = (
            update(challenges)
            .where(
                challenges.c.id == challenge_id,
                challenges.c.attempts < tries,
                challenges.c.state == State.ISSUED,
                challenges.c.expires_at > now,
                challenges.c.purpose == purpose,
                challenges.c.conversation_id == conversation_id,
            )
            .values(attempts=challenges.c.attempts + 1)
            .returning(challenges.c.attempts)
        )
        return self._connection.execute(statement).scalar_one_or_none()

    def close(
        self, challenge_id: str, state: State, now: datetime, verified_by: str | None = None
    ) -> bool:
        """Leave `issued` for *state*; False where somebody was first."""
        changed = self._connection.execute(
            update(challenges)
            .where(challenges.c.id == challenge_id, challenges.c.state == State.ISSUED)
            .values(state=state, closed_at=now, verified_by=verified_by)
        )
        return changed.rowcount == 1

    def close_open(self, conversation_id: str, purpose: str, state: State, now: datetime) -> None:
        """End every open challenge of this conversation and purpose."""
        self._connection.execute(
            update(challenges)
            .where(
                challenges.c.conversation_id == conversation_id,
                challenges.c.purpose == purpose,
                challenges.c.state == State.ISSUED,
            )
            .values(state=state, closed_at=now)
        )

    def close_of_subject(self, subject: str, state: State, now: datetime) -> None:
        """End every open challenge about *subject*, in whatever conversation."""
        self._connection.execute(
            update(challenges)
            .where(
                challenges.c.subject_index == self._vault.index("subject", subject),
                challenges.c.state == State.ISSUED,
            )
            .values(state=state, closed_at=now)
        )

    def expire_over(self, now: datetime) -> int:
        """Mark what ran out unused; gives how many."""
        over = and_(
            challenges.c.state == State.ISSUED,
            challenges.c.expires_at <= now,
            (challenges.c.link_expires_at.is_(None)) | (challenges.c.link_expires_at <= now),
        )
        changed = self._connection.execute(
            update(challenges).where(over).values(state=State.EXPIRED, closed_at=now)
        )
        return changed.rowcount

    def grant(self, challenge: Challenge, expires_at: datetime) -> str:
        """Note that the next step, and only that, may be taken once."""
        grant_id = new_id("g")
        self._connection.execute(
            grants.insert().values(
                id=grant_id,
                challenge_id=challenge.id,
                purpose=challenge.purpose,
                conversation_id=challenge.conversation_id,
                expires_at=expires_at,
            )
        )
        return grant_id

    def use_grant(
        self, challenge_id: str, purpose: str, conversation_id: str, now: datetime
    ) -> bool:
        """Take the grant of a verified challenge; False where it is used, over or another's."""
        changed = self._connection.execute(
            update(grants)
            .where(
                grants.c.challenge_id == challenge_id,
                grants.c.purpose == purpose,
                grants.c.conversation_id == conversation_id,
                grants.c.used_at.is_(None),
                grants.c.expires_at > now,
            )
            .values(used_at=now)
        )
        return changed.rowcount == 1

    def _challenge(self, row: Row[Any]) -> Challenge:
        return Challenge(
            id=row.id,
            purpose=row.purpose,
            conversation_id=row.conversation_id,
            subject_index=row.subject_index,
            channel=row.channel,
            state=State(row.state),
            attempts=row.attempts,
            created_at=row.created_at,
            expires_at=row.expires_at,
            link_expires_at=row.link_expires_at,
            verified_by=row.verified_by,
            destination=self._vault.unseal(row.destination, _DESTINATION),
            code_hash=row.code_hash,
        )
