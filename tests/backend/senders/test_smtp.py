from __future__ import annotations

import socket
import ssl
import threading
import traceback
from collections.abc import Callable
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from aiosmtpd.smtp import AuthResult

from backend.adapters.senders.smtp import SmtpSender
from backend.core.errors import Rejected, SportelloError, Unavailable
from backend.core.notices import OUTCOME_UNKNOWN
from backend.ports import OutgoingMessage
from tests.backend.senders.conftest import MAILBOX, Certificate, Mailbox, free_port, silent_server

type MailServer = Callable[..., int]


def sender(port: int, **options: object) -> SmtpSender:
    settings: dict[str, object] = {
        "sender": "Sportello <noreply@sportello.example>",
        "starttls": False,
        "timeout": 5.0,
    }
    return SmtpSender("127.0.0.1", port, **(settings | options))  # type: ignore[arg-type]


def received(mailbox: Mailbox) -> EmailMessage:
    (envelope,) = mailbox.envelopes
    assert isinstance(envelope.content, bytes)
    parsed = message_from_bytes(envelope.content, policy=policy.default)
    assert isinstance(parsed, EmailMessage)
    return parsed


def refusal(port: int, email: OutgoingMessage, **options: object) -> SportelloError:
    """What sending raises; checked to show neither the recipient nor the words."""
    with pytest.raises(SportelloError) as raised:
        sender(port, **options).send(email)
    shown = "".join(traceback.format_exception(raised.value))
    assert MAILBOX not in shown
    assert "012345" not in shown
    return raised.value


# What arrives -----------------------------------------------------------------------------------


def test_an_accepted_email_arrives_as_text_and_html(
    mail_server: MailServer, email: OutgoingMessage
) -> None:
    mailbox = Mailbox()
    sender(mail_server(mailbox)).send(email)
    arrived = received(mailbox)
    text, html = arrived.get_body(("plain",)), arrived.get_body(("html",))
    assert text is not None
    assert html is not None
    assert text.get_content().splitlines() == ["012345 è il suo codice.", "", "Vale 2 minuti."]
    assert "<p>012345 è il suo codice.</p>" in html.get_content()
    assert '<html lang="it">' in html.get_content()


def test_headers_say_who_what_and_that_a_machine_wrote(
    mail_server: MailServer, email: OutgoingMessage
) -> None:
    mailbox = Mailbox()
    receipt = sender(mail_server(mailbox)).send(email)
    arrived = received(mailbox)
    assert arrived["From"] == "Sportello <noreply@sportello.example>"
    assert arrived["To"] == MAILBOX
    assert arrived["Subject"] == "Il suo codice è qui"
    assert arrived["Auto-Submitted"] == "auto-generated"
    assert arrived["Date"] is not None
    assert arrived["Message-ID"] == "<n_first@sportello.example>" == receipt.provider_id
    assert mailbox.envelopes[0].mail_from == "noreply@sportello.example"
    assert mailbox.envelopes[0].rcpt_tos == [MAILBOX]


def test_a_repeat_has_the_same_message_id(mail_server: MailServer, email: OutgoingMessage) -> None:
    mailbox = Mailbox()
    port = mail_server(mailbox)
    assert sender(port).send(email).provider_id == sender(port).send(email).provider_id


def test_a_link_on_a_line_of_its_own_can_be_followed(
    mail_server: MailServer, email: OutgoingMessage
) -> None:
    mailbox = Mailbox()
    link = "https://sportello.example/t/abc-_9"
    sender(mail_server(mailbox)).send(replace(email, body=f"Confermi qui:\n\n{link}\n\nGrazie."))
    html = received(mailbox).get_body(("html",))
    assert html is not None
    assert f'<a href="{link}" rel="noreferrer">{link}</a>' in html.get_content()


def test_markup_in_the_words_is_shown_and_not_obeyed(
    mail_server: MailServer, email: OutgoingMessage
) -> None:
    mailbox = Mailbox()
    hostile = '<img src=x onerror=alert(1)> https://evil.example "x'
    sender(mail_server(mailbox)).send(replace(email, body=hostile))
    html = received(mailbox).get_body(("html",))
    assert html is not None
    assert "<img" not in html.get_content()
    assert "<a " not in html.get_content()


@pytest.mark.parametrize(
    "address",
    [
        "a@example.it\r\nBcc: all@example.it",
        "a@example.it, b@example.it",
        "Giulia <a@example.it>",
        "giulià@example.it",
        "no-domain",
        "",
    ],
)
def test_an_address_that_is_more_than_an_address_is_refused(
    mail_server: MailServer, email: OutgoingMessage, address: str
) -> None:
    mailbox = Mailbox()
    with pytest.raises(Rejected, match="email_malformed"):
        sender(mail_server(mailbox)).send(replace(email, to=address))
    assert not mailbox.envelopes


def test_a_subject_with_a_line_break_is_refused(
    mail_server: MailServer, email: OutgoingMessage
) -> None:
    with pytest.raises(Rejected, match="email_malformed"):
        sender(mail_server(Mailbox())).send(replace(email, subject="Ciao\r\nBcc: a@example.it"))


# What the server answers ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("handler", "status"),
    [
        (Mailbox(rcpt="550 5.1.1 no such user"), 550),
        (Mailbox(rcpt="553 5.1.3 no such name"), 553),
        (Mailbox(data="554 5.7.1 not wanted"), 554),
    ],
)
def test_a_5xx_to_the_message_is_final(
    mail_server: MailServer, email: OutgoingMessage, handler: Mailbox, status: int
) -> None:
    failure = refusal(mail_server(handler), email)
    assert isinstance(failure, Rejected)
    assert failure.facts["status"] == status


@pytest.mark.parametrize(
    ("handler", "status"),
    [
        (Mailbox(rcpt="450 4.2.0 greylisted"), 450),
        (Mailbox(rcpt="421 4.7.0 too many connections"), 421),
        (Mailbox(data="451 4.3.0 try later"), 451),
        (Mailbox(data="452 4.3.1 no room"), 452),
    ],
)
def test_a_4xx_to_the_message_may_pass(
    mail_server: MailServer, email: OutgoingMessage, handler: Mailbox, status: int
) -> None:
    failure = refusal(mail_server(handler), email)
    assert isinstance(failure, Unavailable)
    assert failure.facts["status"] == status


def test_a_connection_dropped_in_the_middle_may_pass(
    mail_server: MailServer, email: OutgoingMessage
) -> None:
    failure = refusal(mail_server(Mailbox(drops=True)), email)
    assert isinstance(failure, Unavailable)
    assert failure.reason == "email_interrupted"
    assert failure.facts == {"outcome": OUTCOME_UNKNOWN}


def test_nobody_listening_may_pass(email: OutgoingMessage) -> None:
    failure = refusal(free_port(), email)
    assert isinstance(failure, Unavailable)
    assert failure.reason == "email_unreachable"


def test_a_server_that_never_greets_runs_into_the_timeout(email: OutgoingMessage) -> None:
    with silent_server() as port:
        failure = refusal(port, email, timeout=0.2)
    assert isinstance(failure, Unavailable)
    assert failure.reason == "email_unreachable"


def test_a_greeting_that_turns_us_away_concerns_the_way_and_not_the_message(
    email: OutgoingMessage,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = int(listener.getsockname()[1])

        def turn_away() -> None:
            connection, _ = listener.accept()
            connection.sendall(b"554 5.7.1 your address is on a list\r\n")
            connection.close()

        threading.Thread(target=turn_away, daemon=True).start()
        failure = refusal(port, email)
    assert isinstance(failure, Unavailable)


def test_a_farewell_that_goes_wrong_does_not_undo_the_acceptance(
    mail_server: MailServer, email: OutgoingMessage
) -> None:
    mailbox = Mailbox(quit="421 4.3.0 going down")
    assert sender(mail_server(mailbox)).send(email).provider_id == "<n_first@sportello.example>"
    assert len(mailbox.envelopes) == 1


# TLS and log-in ---------------------------------------------------------------------------------


def test_starttls_encrypts_before_anything_is_said(
    mail_server: MailServer, email: OutgoingMessage, certificate: Certificate
) -> None:
    mailbox = Mailbox()
    port = mail_server(mailbox, tls_context=certificate.server_context(), require_starttls=True)
    sender(port, starttls=True, tls=certificate.client_context()).send(email)
    assert len(mailbox.envelopes) == 1


def test_nothing_is_sent_in_the_clear_where_starttls_is_not_offered(
    mail_server: MailServer, email: OutgoingMessage
) -> None:
    mailbox = Mailbox()
    failure = refusal(mail_server(mailbox), email, starttls=True)
    assert isinstance(failure, Unavailable)
    assert failure.reason == "email_tls_failed"
    assert not mailbox.envelopes


def test_an_unknown_certificate_is_not_trusted(
    mail_server: MailServer, email: OutgoingMessage, certificate: Certificate
) -> None:
    mailbox = Mailbox()
    port = mail_server(mailbox, tls_context=certificate.server_context())
    failure = refusal(port, email, starttls=True, tls=ssl.create_default_context())
    assert isinstance(failure, Unavailable)
    assert failure.reason == "email_tls_failed"
    assert not mailbox.envelopes


@pytest.mark.parametrize(("password", "goes_through"), [("right", True), ("wrong", False)])
def test_logging_in(
    mail_server: MailServer,
    email: OutgoingMessage,
    certificate: Certificate,
    password: str,
    goes_through: bool,
) -> None:
    def authenticate(
        server: object, session: object, envelope: object, mechanism: str, data: object
    ) -> AuthResult:
        return AuthResult(success=getattr(data, "password", b"") == b"right", handled=False)

    mailbox = Mailbox()
    port = mail_server(
        mailbox,
        tls_context=certificate.server_context(),
        authenticator=authenticate,
        auth_required=True,
    )
    account = {
        "starttls": True,
        "tls": certificate.client_context(),
        "username": "desk",
        "password": password,
    }
    if goes_through:
        sender(port, **account).send(email)
    else:
        failure = refusal(port, email, **account)
        assert isinstance(failure, Unavailable)
        assert failure.reason == "email_login_refused"
    assert len(mailbox.envelopes) == goes_through
