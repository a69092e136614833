"""Who writes: proved by a code, or vouched for by the page around the widget.

The proof is a row of the backend, bound to the conversation, with an age. It ends when the
conversation rests, when it grows too old, when the account's password changes, when the
conversation changes hands, and when the page that vouched says that nobody is logged in any more.
"""

from __future__ import annotations

from backend.core.audit import AuditEntry, Event
from backend.core.customers import Account
from backend.core.identity import BY_CODE, BY_TOKEN, Proof
from backend.core.markets import Markets
from backend.ports import Clock
from backend.unit_of_work import UnitOfWork


class Identities:
    """Keeps proofs of identity, always as part of somebody's unit of work."""

    def __init__(self, clock: Clock, markets: Markets) -> None:
        self._clock = clock
        self._markets = markets

    def prove(
        self, uow: UnitOfWork, conversation_id: str, account: Account, *, contact: str | None = None
    ) -> None:
        """Note that *account*'s owner writes; *contact* is where the code went."""
        now = self._clock.now()
        self._keep(uow, conversation_id, Proof(account.id, BY_CODE, now, now, contact))

    def vouch(
        self, uow: UnitOfWork, conversation_id: str, account: Account, session_id: str | None
    ) -> None:
        """Note that a page says that *account*'s owner writes.

        *session_id* is the area session that the page belongs to, where it is one of ours.
        """
        now = self._clock.now()
        proof = Proof(account.id, BY_TOKEN, now, now, session_id=session_id)
        self._keep(uow, conversation_id, proof)

    def of(self, uow: UnitOfWork, conversation_id: str, market: str) -> Proof | None:
        """The proof that holds now; it stays alive by being used."""
        proof = self.peek(uow, conversation_id, market)
        if proof is not None:
            uow.identities.seen(conversation_id, self._clock.now())
        return proof

    def peek(self, uow: UnitOfWork, conversation_id: str, market: str) -> Proof | None:
        """The proof that holds now, without an effect on its age."""
        proof = uow.identities.of(conversation_id)
        if proof is None or not proof.holds(self._markets.limits(market), self._clock.now()):
            return None
        account = uow.accounts.get(proof.account_id)
        return proof if account is not None and account.market == market else None

    @staticmethod
    def _keep(uow: UnitOfWork, conversation_id: str, proof: Proof) -> None:
        uow.identities.set(conversation_id, proof)
        uow.audit.add(
            AuditEntry(
                Event.IDENTITY_PROVED,
                subject=proof.account_id,
                factor=proof.factor,
                conversation_id=conversation_id,
            ),
            proof.proven_at,
        )

    @staticmethod
    def end(uow: UnitOfWork, conversation_id: str) -> None:
        """Somebody else may write from here on."""
        uow.identities.remove(conversation_id)
