"""How an e-mail of the desk is put together: headers, plain text, and the same words as HTML."""

from __future__ import annotations

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate
from pathlib import Path

from jinja2 import Environment, FileSystemLoader

from backend.ports import OutgoingMessage

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent), autoescape=True, trim_blocks=True
)


def compose(message: OutgoingMessage, sender: Address) -> EmailMessage:
    """The e-mail of *message*, from *sender*.

    The Message-ID is the same over retries, so that a mailbox that got it already can tell.

    Raises:
        ValueError: an address or the subject cannot stand in a header.
    """
    email = EmailMessage(policy=SMTP)
    email["Message-ID"] = f"<{message.id}@{sender.domain}>"
    email["Date"] = formatdate()
    email["From"] = sender
    email["To"] = _recipient(message.to)
    email["Subject"] = message.subject or ""
    email["Content-Language"] = message.language
    # RFC 3834: keeps holiday replies and ticket systems from answering.
    email["Auto-Submitted"] = "auto-generated"
    email["X-Auto-Response-Suppress"] = "All"
    email.set_content(message.body)
    email.add_alternative(_html(message), subtype="html")
    return email


def _recipient(address: str) -> Address:
    """The one recipient; a list, a display name or a line break is refused rather than read."""
    if not address or not address.isascii():
        raise ValueError("not a plain e-mail address")
    recipient = Address(addr_spec=address)
    if recipient.addr_spec != address or not recipient.domain:
        raise ValueError("not a plain e-mail address")
    return recipient


def _html(message: OutgoingMessage) -> str:
    paragraphs = [part.strip() for part in message.body.split("\n\n") if part.strip()]
    return _TEMPLATES.get_template("email.html").render(
        language=message.language, subject=message.subject or "", paragraphs=paragraphs
    )
