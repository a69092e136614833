"""What Twilio's webhooks say, read into the gateway's own terms.

New fields and kinds of message turn up without notice: what is not known is a message of unknown
nature, never an error.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from backend.core.conversation import Incoming, Kind, Nature

_ADDRESS: Final = re.compile(r"whatsapp:(\+[1-9]\d{6,14})")
_MESSAGE_SID: Final = re.compile(r"(?:SM|MM)[0-9a-fA-F]{32}")
_MEDIA_PATH: Final = re.compile(
    r"/2010-04-01/Accounts/AC[0-9a-fA-F]{32}/Messages/(\w{34})/Media/(\w{34})"
)
_OUR_BUTTON: Final = re.compile(r"b_[A-Za-z0-9_-]{22}")
_MOST_MEDIA: Final = 10
_RAW_TEXT: Final = 8_000

_BY_TYPE: Final[Mapping[str, Nature]] = {
    "sticker": Nature.STICKER,
    "location": Nature.LOCATION,
    "contact": Nature.CONTACT,
    "contacts": Nature.CONTACT,
    "reaction": Nature.REACTION,
    "edit": Nature.EDITED,
    "edited": Nature.EDITED,
    "revoke": Nature.DELETED,
    "revoked": Nature.DELETED,
    "deleted": Nature.DELETED,
}
_BY_MEDIA_TYPE: Final[Mapping[str, Nature]] = {
    "image/webp": Nature.STICKER,
    "image": Nature.PHOTO,
    "audio": Nature.VOICE,
    "video": Nature.VIDEO,
    "text/vcard": Nature.CONTACT,
    "text/x-vcard": Nature.CONTACT,
}
_BY_WISH: Final[Mapping[str, Nature]] = {"STOP": Nature.OPT_OUT, "START": Nature.OPT_IN}


@dataclass(frozen=True, slots=True)
class Delivery:
    """How far one of our messages has come."""

    message_sid: str
    status: str
    error_code: int | None


@dataclass(frozen=True, slots=True)
class Arrived:
    """A customer's message: from whom, to which of our numbers, and what."""

    sender: str = field(repr=False)
    to: str
    incoming: Incoming


class Unreadable(Exception):
    """A webhook that is not of the form it must have; the text names the field."""


def arrived(form: Mapping[str, str]) -> Arrived:
    """The message of a webhook.

    Raises:
        Unreadable: without sender, recipient or message id there is no message.
    """
    return Arrived(
        sender=_match(_ADDRESS, form, "From"),
        to=_match(_ADDRESS, form, "To"),
        incoming=_incoming(form, _match(_MESSAGE_SID, form, "MessageSid")),
    )


def delivery(form: Mapping[str, str]) -> Delivery:
    """The news of a status callback.

    Raises:
        Unreadable: it names no message or no status.
    """
    status = form.get("MessageStatus", "")
    if not re.fullmatch(r"[a-z]{1,16}", status):
        raise Unreadable("MessageStatus")
    code = form.get("ErrorCode", "")
    return Delivery(
        message_sid=_match(_MESSAGE_SID, form, "MessageSid"),
        status=status,
        error_code=int(code) if re.fullmatch(r"\d{1,6}", code, re.ASCII) else None,
    )


def _match(pattern: re.Pattern[str], form: Mapping[str, str], name: str) -> str:
    found = pattern.fullmatch(form.get(name, ""))
    if found is None:
        raise Unreadable(name)
    return found[found.lastindex or 0]


def _incoming(form: Mapping[str, str], sid: str) -> Incoming:
    pressed = form.get("ButtonPayload") or form.get("ListId") or ""
    if _OUR_BUTTON.fullmatch(pressed):
        return Incoming(Kind.BUTTON, button_id=pressed, provider_message_id=sid)
    title = form.get("ButtonText") or form.get("ListTitle") or ""
    return Incoming(
        Kind.TEXT,
        text=(form.get("Body") or title)[:_RAW_TEXT],
        provider_message_id=sid,
        nature=_nature(form),
        media=_media(form),
    )


def _nature(form: Mapping[str, str]) -> Nature | None:
    wish = _BY_WISH.get(form.get("OptOutType", "").upper())
    if wish is not None:
        return wish
    kind = _BY_TYPE.get(form.get("MessageType", "").lower())
    if kind is not None:
        return kind
    media_type = form.get("MediaContentType0", "").partition(";")[0].strip().lower()
    if media_type or form.get("NumMedia", "0") not in {"", "0"}:
        family = media_type.partition("/")[0]
        return _BY_MEDIA_TYPE.get(media_type) or _BY_MEDIA_TYPE.get(family) or Nature.DOCUMENT
    if form.get("Latitude"):
        return Nature.LOCATION
    has_words = form.get("Body") or form.get("ButtonText") or form.get("ListTitle")
    # A blank text is a text; what is neither text nor anything of the above is not known here.
    known = form.get("MessageType", "text").lower() in {"text", "button", "interactive", ""}
    return None if has_words or known else Nature.UNKNOWN


def _media(form: Mapping[str, str]) -> tuple[str, ...]:
    """Each medium as `message/medium`, by Twilio's names of both."""
    found = []
    for number in range(_MOST_MEDIA):
        path = urlsplit(form.get(f"MediaUrl{number}", "")).path
        named = _MEDIA_PATH.fullmatch(path)
        if named is not None:
            found.append(f"{named[1]}/{named[2]}")
    return tuple(found)
