"""E-mail by SMTP, one connection a message."""

from __future__ import annotations

import smtplib
import ssl
from contextlib import suppress
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import parseaddr

from backend.adapters.senders.email_message import compose
from backend.core.errors import Rejected, Unavailable
from backend.core.notices import OUTCOME_UNKNOWN
from backend.ports import OutgoingMessage, Receipt

_IMPLICIT_TLS_PORT = 465
_TIMEOUT = 10.0


class SmtpSender:
    """Hands e-mails to one SMTP server.

    What concerns this very message is final when the server says so (5xx) and tried again when it
    asks for that (4xx). What concerns the way there (name, connection, TLS, log-in) is tried again:
    an operator can mend it, and a mistake in a setting must not throw messages away.
    """

    def __init__(  # noqa: PLR0913 - one argument for each setting
        self,
        host: str,
        port: int,
        *,
        sender: str,
        username: str = "",
        password: str = "",
        starttls: bool = True,
        tls: ssl.SSLContext | None = None,
        timeout: float = _TIMEOUT,
    ) -> None:
        self._host = host
        self._port = port
        name, address = parseaddr(sender)
        self._sender = Address(display_name=name, addr_spec=address)
        self._username = username
        self._password = password
        self._starttls = starttls
        self._tls = tls or ssl.create_default_context()
        self._timeout = timeout

    def send(self, message: OutgoingMessage) -> Receipt:
        """Hand the e-mail over; the receipt is its Message-ID.

        Raises:
            Unavailable: the server may take it later.
            Rejected: the server never will.
        """
        try:
            email = compose(message, self._sender)
        except (ValueError, MessageError):
            raise Rejected("email_malformed") from None
        server = self._open()
        try:
            self._hand_over(server, email, message.to)
        finally:
            # The message is taken or refused by now: how the farewell goes must not change that.
            with suppress(smtplib.SMTPException, OSError):
                server.quit()
            server.close()
        return Receipt(provider_id=str(email["Message-ID"]))

    def _open(self) -> smtplib.SMTP:
        server = self._connect()
        try:
            self._secure(server)
        except (smtplib.SMTPException, OSError) as failure:
            server.close()
            raise _no_session(failure) from None
        return server

    def _connect(self) -> smtplib.SMTP:
        # The name given keeps smtplib from asking the DNS who we are.
        ours = self._sender.domain
        try:
            if self._port == _IMPLICIT_TLS_PORT:
                return smtplib.SMTP_SSL(
                    self._host, self._port, ours, timeout=self._timeout, context=self._tls
                )
            return smtplib.SMTP(self._host, self._port, ours, timeout=self._timeout)
        except (smtplib.SMTPException, OSError) as failure:
            raise _no_session(failure) from None

    def _secure(self, server: smtplib.SMTP) -> None:
        if self._starttls and not isinstance(server, smtplib.SMTP_SSL):
            # Fails where the server does not offer it: nothing is sent in the clear by accident.
            server.starttls(context=self._tls)
        if self._username:
            server.login(self._username, self._password)

    def _hand_over(self, server: smtplib.SMTP, email: EmailMessage, to: str) -> None:
        # `from None` throughout: smtplib's exceptions carry the recipient's address.
        try:
            server.send_message(email, self._sender.addr_spec, [to])
        except smtplib.SMTPRecipientsRefused as failure:
            status, _ = failure.recipients[to]
            raise _answer(status) from None
        except smtplib.SMTPResponseException as failure:
            raise _answer(failure.smtp_code) from None
        except smtplib.SMTPNotSupportedError:
            raise Rejected("email_unsupported") from None
        except (smtplib.SMTPException, OSError):
            # smtplib does not tell whether the server had the whole message by then.
            raise Unavailable("email_interrupted", outcome=OUTCOME_UNKNOWN) from None


def _answer(status: int) -> Unavailable | Rejected:
    """What the server's answer to the message means (RFC 5321 §4.2.1)."""
    if 500 <= status < 600:
        return Rejected("email_refused", status=status)
    return Unavailable("email_deferred", status=status)


def _no_session(failure: smtplib.SMTPException | OSError) -> Unavailable:
    if isinstance(failure, smtplib.SMTPAuthenticationError):
        return Unavailable("email_login_refused", status=failure.smtp_code)
    if isinstance(failure, smtplib.SMTPResponseException):
        return Unavailable("email_deferred", status=failure.smtp_code)
    if isinstance(failure, smtplib.SMTPNotSupportedError | ssl.SSLError):
        return Unavailable("email_tls_failed")
    return Unavailable("email_unreachable")
