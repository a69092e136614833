"""The customer area: user name and password, then a code, then what the account may see."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from backend.adapters.crypto import new_id
from backend.adapters.repositories.sessions import StoredSession
from backend.core.audit import AuditEntry, Event
from backend.core.challenges import Challenge, Purpose
from backend.core.customers import Account, Policy
from backend.core.errors import (
    CodeExpired,
    CodeWait,
    Invalid,
    LoginRefused,
    LoginThrottled,
    SessionExpired,
    SportelloError,
)
from backend.core.fields import PARSERS, FieldContext
from backend.core.limits import Limits
from backend.core.logins import after_failure
from backend.core.markets import Markets
from backend.core.masking import mask_contact
from backend.core.policy_documents import PolicyDocument
from backend.core.text import tidy
from backend.ports import Clock
from backend.services.accounts import Accounts, account_subject
from backend.services.challenges import Challenges, Sending, Try
from backend.services.documents import Documents, OpenedDocument
from backend.services.identity_tokens import IdentityTokens
from backend.unit_of_work import UnitOfWork, UnitOfWorkFactory

HALF, OPEN = "half", "open"


@dataclass(frozen=True, slots=True)
class Login:
    """User name and password were right; what comes next."""

    market: str
    language: str
    needs_mobile: bool = False
    """There is no mobile on file to send the second code to: only assistance can add one."""
    destination: str = ""
    """Masked; where the second code went."""
    channel: str = ""
    seconds: int = 0
    """How long the code still lives."""
    token: str | None = field(default=None, repr=False)
    """Of the half-open session that waits for the code."""


@dataclass(frozen=True, slots=True)
class AreaSession:
    """Somebody who is signed in."""

    account_id: str
    market: str
    language: str
    username: str = field(repr=False)
    """As its owner may see it."""
    token: str | None = field(default=None, repr=False)
    """The new token, where the session was just opened."""


class Area:
    """Signs customers in and shows what is theirs."""

    def __init__(  # noqa: PLR0913 - the parts it works with
        self,
        uow: UnitOfWorkFactory,
        clock: Clock,
        markets: Markets,
        limits: Limits,
        *,
        accounts: Accounts,
        challenges: Challenges,
        documents: Documents,
        identity_tokens: IdentityTokens,
    ) -> None:
        self._uow = uow
        self._clock = clock
        self._markets = markets
        self._limits = limits
        self._accounts = accounts
        self._challenges = challenges
        self._documents = documents
        self._identity_tokens = identity_tokens

    def login(
        self, username: str, password: str, *, client: str | None = None, language: str = "en"
    ) -> Login:
        """Check the pair and send the second code; unknown and wrong look and last the same.

        Raises:
            LoginThrottled: too many tries for this user name; `seconds` says how long to wait.
            LoginRefused: the pair is not right.
            DestinationLimit, CodesBlocked, SendsStopped: no code can be sent now.
        """
        names = self._names(username)
        throttle_key = self._reserve_try(names[0])
        account, older = self._find(names)
        # Outside of any unit of work: it takes a while, on purpose.
        if not self._accounts.has_password(account, password, older) or account is None:
            self._audit_failure(account)
            raise LoginRefused
        with self._uow() as uow:
            uow.sessions.clear_throttle(throttle_key)
            self._accounts.rehash_if_outdated(uow, account, password)
            login = self._second_step(uow, account, client, language)
            uow.commit()
        return login

    def pending(self, token: str) -> Login:
        """What a half-open session waits for.

        Raises:
            SessionExpired: it waits for nothing any more.
        """
        with self._uow(read_only=True) as uow:
            session, account = self._session(uow, token, HALF)
            return self._waiting(session, account, self._challenge(uow, session))

    def resend(self, token: str, *, client: str | None = None) -> Login:
        """Send another second code.

        Raises:
            CodeWait: the last one still lives.
            SessionExpired, DestinationLimit, CodesBlocked, SendsStopped
        """
        with self._uow() as uow:
            session, account = self._session(uow, token, HALF)
            challenge = self._issue(uow, account, client, session.language)
            uow.sessions.expect(session.id, challenge.id)
            uow.sessions.seen(session.id, self._clock.now())
            uow.commit()
        return self._waiting(session, account, challenge)

    def confirm(self, token: str, code: str, *, client: str | None = None) -> AreaSession:
        """Take the second code; the session gets a new token.

        Raises:
            Invalid: `code_malformed`; no try was spent.
            CodeWrong, CodeExpired, CodeUsed, CodeExhausted, CodesBlocked, SessionExpired
        """
        with self._uow(read_only=True) as uow:
            session, account = self._session(uow, token, HALF)
            challenge = self._challenge(uow, session)
        context = FieldContext(self._markets[account.market], self._clock.now().date())
        attempt = Try(
            challenge_id=challenge.id,
            purpose=Purpose.LOGIN,
            conversation_id=account.id,
            message_id=new_id("t"),
            market=account.market,
            client=client,
            code=PARSERS["otp_code"](code, context).value,
        )
        failure = self._challenges.count(attempt)
        if failure is None:
            failure, opened = self._let_in(session, account, attempt)
        if failure is not None:
            raise failure
        return self._signed_in(session, account, opened)

    def session(self, token: str) -> AreaSession:
        """Who is signed in; the session stays alive by it.

        Raises:
            SessionExpired: nobody is.
        """
        with self._uow() as uow:
            session, account = self._session(uow, token, OPEN)
            uow.sessions.seen(session.id, self._clock.now())
            uow.commit()
        return self._signed_in(session, account, None)

    def policies(self, token: str) -> tuple[Policy, ...]:
        """What the account of the session may see.

        Raises:
            SessionExpired: nobody is signed in.
        """
        with self._uow(read_only=True) as uow:
            _, account = self._session(uow, token, OPEN)
            return tuple(uow.customers.policies_in_account(account.id))

    def documents(self, token: str) -> tuple[PolicyDocument, ...]:
        """The documents of the policies that the account of the session may see.

        Raises:
            SessionExpired: nobody is signed in.
        """
        with self._uow(read_only=True) as uow:
            _, account = self._session(uow, token, OPEN)
            seen = [policy.id for policy in uow.customers.policies_in_account(account.id)]
            return tuple(self._documents.of_policies(uow, seen))

    def document(self, token: str, document_id: str) -> OpenedDocument:
        """One of these documents, with what is in it.

        Raises:
            SessionExpired: nobody is signed in.
            NotFound: the account sees no such document.
        """
        with self._uow() as uow:
            session, account = self._session(uow, token, OPEN)
            opened = self._documents.read(uow, document_id, account.id)
            uow.sessions.seen(session.id, self._clock.now())
            uow.commit()
        return opened

    def identity_token(self, token: str) -> str:
        """What tells the chat beside the area who is signed in; good once, and for a minute.

        Raises:
            SessionExpired: nobody is signed in.
            NotAllowed: the house has no secret for it.
        """
        with self._uow() as uow:
            session, account = self._session(uow, token, OPEN)
            uow.sessions.seen(session.id, self._clock.now())
            uow.commit()
        return self._identity_tokens.give(account, session.id)

    def logout(self, token: str) -> None:
        """End the session, whatever its state, and what its page vouched for in the chat."""
        with self._uow() as uow:
            session = uow.sessions.by_token(token)
            if session:
                uow.sessions.remove(session.id)
            uow.commit()

    def _names(self, username: str) -> list[str]:
        """The forms under which *username* may be on file; the first stands for all."""
        tidied = tidy(username).casefold()
        names = []
        for name in self._markets.names():
            market = self._markets[name]
            if market.username == "contact":
                try:
                    context = FieldContext(market, self._clock.now().date())
                    names.append(PARSERS["contact"](tidied, context).value)
                except Invalid:
                    continue
        return [*names, tidied]

    def _find(self, names: list[str]) -> tuple[Account | None, tuple[str, ...]]:
        """Whose name it is, and the formats of older passwords, one of which theirs may have."""
        with self._uow(read_only=True) as uow:
            found = [account for name in names for account in uow.accounts.with_username(name)]
            older = uow.accounts.older_formats()
        return next((account for account in found if not account.is_pending), None), older

    def _reserve_try(self, name: str) -> str:
        """Count a failure before the password is looked at; a right one takes it back."""
        now = self._clock.now()
        with self._uow() as uow:
            key = uow.accounts.username_index(name)
            throttle = uow.sessions.throttle(key, lock=True)
            seconds = throttle.seconds_left(now) if throttle else 0
            if seconds > 0:
                uow.audit.add(AuditEntry(Event.LOGIN_THROTTLED), now)
                uow.commit()
                raise LoginThrottled(seconds=seconds)
            uow.sessions.set_throttle(key, after_failure(throttle, self._limits, now), now)
            uow.commit()
        return key

    def _audit_failure(self, account: Account | None) -> None:
        with self._uow() as uow:
            subject = account.id if account else ""
            uow.audit.add(AuditEntry(Event.LOGIN_FAILED, subject=subject), self._clock.now())
            uow.commit()

    def _second_step(
        self, uow: UnitOfWork, account: Account, client: str | None, language: str
    ) -> Login:
        if self._second_contact(uow, account) is None:
            return Login(account.market, language, needs_mobile=True)
        try:
            challenge = self._issue(uow, account, client, language)
        except CodeWait:
            # A code is under way already: this session waits for the same.
            challenge = self._latest(uow, account)
        session_id, token = uow.sessions.add(account.id, HALF, language, self._clock.now())
        uow.sessions.expect(session_id, challenge.id)
        return self._waiting(language, account, challenge, token)

    def _second_contact(self, uow: UnitOfWork, account: Account) -> tuple[str, str] | None:
        contacts = uow.customers.get(account.customer_id).contacts
        if self._markets[account.market].second_code == "mobile":
            contacts.pop("email", None)
        return next(iter(contacts.items()), None)

    def _issue(
        self, uow: UnitOfWork, account: Account, client: str | None, language: str
    ) -> Challenge:
        contact = self._second_contact(uow, account)
        if contact is None:
            raise SessionExpired
        sending = Sending(
            purpose=Purpose.LOGIN,
            conversation_id=account.id,
            subject=account_subject(account),
            market=account.market,
            language=language,
            channel=contact[0],
            client=client,
            contact=contact[1],
            template="login_code",
        )
        return self._challenges.issue(uow, sending)

    def _latest(self, uow: UnitOfWork, account: Account) -> Challenge:
        contact = self._second_contact(uow, account)
        latest = contact and uow.challenges.latest_to(account.id, Purpose.LOGIN, contact[1])
        if not latest:
            raise SessionExpired
        return latest

    def _let_in(
        self, session: StoredSession, account: Account, attempt: Try
    ) -> tuple[SportelloError | None, str | None]:
        now = self._clock.now()
        token = None
        with self._uow() as uow:
            failure = self._challenges.settle(uow, attempt)
            if failure is None:
                granted = uow.challenges.use_grant(
                    attempt.challenge_id, Purpose.LOGIN, account.id, now
                )
                failure = None if granted else CodeExpired()
            if failure is None:
                token = uow.sessions.open(session.id, now)
                uow.audit.add(AuditEntry(Event.LOGIN_OK, subject=account.id, factor="code"), now)
            uow.commit()
        return failure, token

    def _session(self, uow: UnitOfWork, token: str, state: str) -> tuple[StoredSession, Account]:
        session = uow.sessions.by_token(token)
        now = self._clock.now()
        if (
            session is None
            or session.state != state
            or now - session.seen_at >= timedelta(seconds=self._limits.session_idle)
            or now - session.created_at >= timedelta(seconds=self._limits.session_absolute)
        ):
            raise SessionExpired
        account = uow.accounts.get(session.account_id)
        if account is None:
            raise SessionExpired
        return session, account

    @staticmethod
    def _challenge(uow: UnitOfWork, session: StoredSession) -> Challenge:
        if session.challenge_id is None:
            raise SessionExpired
        return uow.challenges.get(session.challenge_id)

    def _waiting(
        self,
        session: StoredSession | str,
        account: Account,
        challenge: Challenge,
        token: str | None = None,
    ) -> Login:
        return Login(
            market=account.market,
            language=session if isinstance(session, str) else session.language,
            destination=mask_contact(challenge.destination),
            channel=challenge.channel,
            seconds=challenge.seconds_left(self._clock.now()),
            token=token,
        )

    @staticmethod
    def _signed_in(session: StoredSession, account: Account, token: str | None) -> AreaSession:
        is_contact = account.username_kind == "contact"
        return AreaSession(
            account_id=account.id,
            market=account.market,
            language=session.language,
            username=mask_contact(account.username) if is_contact else account.username,
            token=token,
        )
