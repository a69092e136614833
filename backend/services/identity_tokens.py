"""Who writes, on the word of the page around the widget: a signed token, good once and briefly.

Whatever is wrong with a token, the caller is told the same; only the log knows the reason.
"""

from __future__ import annotations

from typing import Final

import structlog
from sqlalchemy.exc import IntegrityError

from backend.adapters.crypto import new_token
from backend.adapters.identity_tokens import TokenSigner
from backend.core.customers import Account
from backend.core.errors import IdentityTokenRefused, NotAllowed
from backend.core.identity import BY_TOKEN
from backend.core.identity_tokens import IdentityClaims, read_claims
from backend.core.limits import Limits
from backend.ports import Clock
from backend.services.conversations import ConversationUnknown
from backend.services.identities import Identities
from backend.unit_of_work import UnitOfWork, UnitOfWorkFactory

_OWN_LIFE: Final = 60
"""Seconds between our own area giving a token and the widget handing it on."""

log = structlog.get_logger(__name__)


class IdentityTokens:
    """Takes tokens for a conversation, and gives them for our own area."""

    def __init__(
        self,
        uow: UnitOfWorkFactory,
        clock: Clock,
        limits: Limits,
        *,
        identities: Identities,
        signer: TokenSigner | None,
    ) -> None:
        """Without a *signer* no page can vouch: every token is refused, none is given."""
        self._uow = uow
        self._clock = clock
        self._limits = limits
        self._identities = identities
        self._signer = signer

    @property
    def is_on(self) -> bool:
        """Whether there is a secret to sign with."""
        return self._signer is not None

    def accept(self, conversation_id: str, token: str) -> bool:
        """Whether the conversation is now proved to be whoever *token* names.

        A refused token also ends what an earlier one proved: the page speaks of somebody else, or
        of nobody. A proof by code stays, since the page did not give it.

        Raises:
            ConversationUnknown: there is none of that id.
        """
        try:
            self._take(conversation_id, token)
        except IdentityTokenRefused as refusal:
            log.warning(
                "identity_token_refused", reason=refusal.reason, conversation=conversation_id
            )
            self._end(conversation_id, BY_TOKEN)
            return False
        return True

    def withdraw(self, conversation_id: str) -> None:
        """The customer logged out: nobody is proved to write any more, by token or by code."""
        self._end(conversation_id, None)

    def holds(self, conversation_id: str, market: str) -> bool:
        """Whether a page's word for this conversation holds now."""
        with self._uow(read_only=True) as uow:
            proof = self._identities.peek(uow, conversation_id, market)
        return proof is not None and proof.factor == BY_TOKEN

    def give(self, account: Account, session_id: str) -> str:
        """A token for the widget on our own page; its proof ends with the area session.

        Raises:
            NotAllowed: there is no secret to sign with.
        """
        if self._signer is None:
            raise NotAllowed("identity_tokens_off")
        now = int(self._clock.now().timestamp())
        return self._signer.sign(
            {
                "sub": account.username,
                "market": account.market,
                "iat": now,
                "exp": now + _OWN_LIFE,
                "jti": new_token(),
                "sid": session_id,
            }
        )

    def _take(self, conversation_id: str, token: str) -> None:
        if self._signer is None:
            raise IdentityTokenRefused("token_off")
        claims = read_claims(self._signer.read(token), self._limits, self._clock.now())
        try:
            self._prove(conversation_id, claims)
        except IntegrityError:
            # The area session ended at this very moment: the second look finds it gone.
            self._prove(conversation_id, claims)

    def _prove(self, conversation_id: str, claims: IdentityClaims) -> None:
        with self._uow() as uow:
            conversation = uow.conversations.get(conversation_id)
            if conversation is None:
                raise ConversationUnknown
            if claims.market != conversation.market:
                raise IdentityTokenRefused("token_market")
            account = self._account(uow, claims)
            if claims.session_id is not None:
                self._check_session(uow, claims.session_id, account)
            if not uow.identities.use_token(claims.name, claims.expires_at):
                raise IdentityTokenRefused("token_used")
            self._identities.vouch(uow, conversation_id, account, claims.session_id)
            uow.commit()

    @staticmethod
    def _account(uow: UnitOfWork, claims: IdentityClaims) -> Account:
        """Whose user name it is, just as on file but for case: nobody typed it, so nothing in it is
        to be understood kindly.
        """
        account = uow.accounts.by_username(claims.market, claims.username)
        if account is None or account.is_pending:
            raise IdentityTokenRefused("token_user")
        return account

    @staticmethod
    def _check_session(uow: UnitOfWork, session_id: str, account: Account) -> None:
        """A token given before the customer signed out is worth nothing after it."""
        session = uow.sessions.get(session_id)
        if session is None or session.state != "open" or session.account_id != account.id:
            raise IdentityTokenRefused("token_session")

    def _end(self, conversation_id: str, factor: str | None) -> None:
        with self._uow() as uow:
            uow.identities.remove(conversation_id, factor)
            uow.commit()
