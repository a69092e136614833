"""Proofs of identity, one a conversation."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from backend.adapters.crypto import Vault
from backend.adapters.repositories.dialects import insert_once, lock_name
from backend.adapters.tables.identities import identity_proofs, identity_tokens
from backend.core.identity import Proof

_CONTACT = "identity_proofs.contact"


class IdentityRows:
    """Proofs in one transaction."""

    def __init__(self, connection: Connection, vault: Vault) -> None:
        self._connection = connection
        self._vault = vault

    def set(self, conversation_id: str, proof: Proof) -> None:
        """Keep *proof*; the one before is over."""
        lock_name(self._connection, f"identity/{conversation_id}")
        self.remove(conversation_id)
        self._connection.execute(
            identity_proofs.insert().values(
                conversation_id=conversation_id,
                account_id=proof.account_id,
                factor=proof.factor,
                contact=self._vault.seal_optional(proof.contact, _CONTACT),
                proven_at=proof.proven_at,
                seen_at=proof.seen_at,
                session_id=proof.session_id,
            )
        )

    def of(self, conversation_id: str) -> Proof | None:
        """The proof of a conversation, whether it still holds or not."""
        query = select(identity_proofs).where(identity_proofs.c.conversation_id == conversation_id)
        row = self._connection.execute(query).one_or_none()
        if row is None:
            return None
        contact = self._vault.unseal_optional(row.contact, _CONTACT)
        return Proof(
            row.account_id, row.factor, row.proven_at, row.seen_at, contact, row.session_id
        )

    def seen(self, conversation_id: str, now: datetime) -> None:
        """It was used just now."""
        self._connection.execute(
            update(identity_proofs)
            .where(identity_proofs.c.conversation_id == conversation_id)
            .values(seen_at=now)
        )

    def remove(self, conversation_id: str, factor: str | None = None) -> None:
        """End the proof of a conversation, whatever its factor or only one by *factor*."""
        query = delete(identity_proofs).where(identity_proofs.c.conversation_id == conversation_id)
        if factor is not None:
            query = query.where(identity_proofs.c.factor == factor)
        self._connection.execute(query)

    def remove_of(self, account_id: str) -> None:
        """End every proof for an account."""
        self._connection.execute(
            delete(identity_proofs).where(identity_proofs.c.account_id == account_id)
        )

    def remove_before(self, moment: datetime) -> None:
        """Drop what was not used since *moment*."""
        self._connection.execute(delete(identity_proofs).where(identity_proofs.c.seen_at <= moment))

    def use_token(self, name: str, expires_at: datetime) -> bool:
        """Note that the token of that name was taken; False where it was before."""
        index = self._vault.index("identity_token", name)
        return insert_once(
            self._connection, identity_tokens, {"name_index": index, "expires_at": expires_at}
        )

    def forget_tokens(self, now: datetime) -> None:
        """Drop the names of tokens that are too old to be taken."""
        self._connection.execute(delete(identity_tokens).where(identity_tokens.c.expires_at <= now))
