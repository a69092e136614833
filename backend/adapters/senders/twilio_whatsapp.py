"""WhatsApp through Twilio: words, tappable choices, approved templates; and media that go.

Choices need a content at Twilio. It is made once for every shape a message can have and has
variables wherever a message has words, so that nothing of a customer stays in it; its name is kept
by the hash of what it is. A line break cannot be part of a variable (error 21656), so each line of
a message is a variable of its own.
"""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64encode
from hashlib import sha256
from http import HTTPStatus
from typing import Any, Final, Protocol

import httpx
import structlog
from twilio.base.exceptions import TwilioRestException, TwilioServiceException
from twilio.rest import Client

from backend.adapters.senders.twilio_api import CONTENT_HOST, TIMEOUT, TwilioHttp, refusal
from backend.core.errors import Rejected, Unavailable
from backend.core.notices import WINDOW_CLOSED as HOLD
from backend.core.provider_codes import CONTENT, WINDOW_CLOSED
from backend.core.whatsapp import Form, form_of
from backend.ports import OutgoingMessage, Receipt

_CONTENTS: Final = f"https://{CONTENT_HOST}/v1/Content"
_BLANKS: Final = re.compile(r"\s+")

_log = structlog.get_logger(__name__)


class ContentTemplates(Protocol):
    """Which contents were made at Twilio before."""

    def find(self, content_hash: str) -> str | None:
        """The SID of the content of that hash."""
        ...

    def keep(self, content_hash: str, sid: str) -> None:
        """Remember it; whoever was first stays."""
        ...

    def forget(self, content_hash: str) -> None:
        """It is not there any more."""
        ...


def make_client(account_sid: str, auth_token: str, *, api_base_url: str = "") -> Client:
    """Twilio's client on our transport."""
    http = TwilioHttp(api_base_url=api_base_url, timeout=TIMEOUT)
    return Client(account_sid, auth_token, http_client=http)


class TwilioWhatsAppSender:
    """Hands messages for WhatsApp to Twilio."""

    def __init__(self, client: Client, templates: ContentTemplates, *, status_url: str) -> None:
        """`status_url` is where Twilio tells how far a message has come."""
        self._client = client
        self._templates = templates
        self._status_url = status_url

    def send(self, message: OutgoingMessage) -> Receipt:
        """Hand the message over; the receipt is Twilio's message SID.

        Raises:
            Unavailable: Twilio may take it later.
            Rejected: Twilio never will; or, with the code `window_closed`, once the customer has
                written again.
        """
        words = message.words
        if words.template is not None:
            return self._create(message, content_sid=words.template)
        if not words.choices:
            return self._create(message, body=message.body)
        try:
            return self._with_choices(message)
        except Rejected as failure:
            if failure.facts.get("provider_code") not in CONTENT:
                raise
            _log.warning("choices_sent_as_text", notice=message.id, **dict(failure.facts))
        except _NoContentError as failure:
            _log.warning("choices_sent_as_text", notice=message.id, circumstance=str(failure))
        return self._create(message, body=words.numbered or message.body)

    def _with_choices(self, message: OutgoingMessage) -> Receipt:
        content, variables = content_for(message)
        content_hash = _hash(self._client.account_sid, content)
        sid = self._templates.find(content_hash) or self._make(content_hash, content)
        try:
            return self._create(
                message,
                content_sid=sid,
                content_variables=json.dumps(variables, ensure_ascii=False),
            )
        except Rejected as failure:
            if failure.facts.get("provider_code") in CONTENT:
                self._templates.forget(content_hash)
            raise

    def _make(self, content_hash: str, content: dict[str, Any]) -> str:
        """A new content at Twilio.

        Its client would send every field it knows as null, which Twilio's own description of the
        API does not allow.
        """
        try:
            answer = self._client.request(
                "POST",
                _CONTENTS,
                data=content | {"friendly_name": f"sportello_{content_hash[:16]}"},
                headers={"Content-Type": "application/json"},
            )
            sid = json.loads(answer.text).get("sid") if answer.ok else None
        except (httpx.HTTPError, ValueError) as failure:
            raise _NoContentError(type(failure).__name__) from None
        if not isinstance(sid, str):
            raise _NoContentError(f"status {answer.status_code}")
        self._templates.keep(content_hash, sid)
        return sid

    def _create(self, message: OutgoingMessage, **what: str) -> Receipt:
        # `from None` throughout: the library's exceptions quote the number or the request.
        try:
            taken = self._client.messages.create(
                to=f"whatsapp:{message.to}",
                from_=f"whatsapp:{message.sender}",
                status_callback=f"{self._status_url}?notice={message.id}",
                **what,
            )
        except (TwilioRestException, TwilioServiceException) as failure:
            raise _refused(failure.status, failure.code) from None
        except httpx.HTTPError:
            raise Unavailable("whatsapp_unreachable") from None
        except ValueError:
            raise Unavailable("whatsapp_answer_unreadable") from None
        if taken.status in {"failed", "undelivered"}:
            raise _refused(HTTPStatus.BAD_REQUEST, taken.error_code)
        return Receipt(provider_id=taken.sid)


class TwilioMediaRemover:
    """Deletes at Twilio what customers sent and nobody asked for; `body` is `message/medium`."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def send(self, message: OutgoingMessage) -> Receipt:
        """Delete it; what is gone already is deleted.

        Raises:
            Unavailable: Twilio may do it later.
            Rejected: Twilio never will.
        """
        message_sid, _, media_sid = message.body.partition("/")
        try:
            self._client.messages(message_sid).media(media_sid).delete()
        except TwilioRestException as failure:
            if failure.status != HTTPStatus.NOT_FOUND:
                raise refusal("media", failure.status, failure.code) from None
        except TwilioServiceException as failure:
            raise refusal("media", failure.status, failure.code) from None
        except httpx.HTTPError:
            raise Unavailable("media_unreachable") from None
        return Receipt(provider_id=None)


class _NoContentError(Exception):
    """Twilio made no content now; the text names the circumstance."""


def content_for(message: OutgoingMessage) -> tuple[dict[str, Any], dict[str, str]]:
    """The content that a message with choices needs, and what stands in its variables."""
    variables: dict[str, str] = {}

    def variable(value: str) -> str:
        name = str(len(variables) + 1)
        variables[name] = _BLANKS.sub(" ", value).strip()
        return "{{" + name + "}}"

    body = "\n".join(
        variable(line) if line.strip() else "" for line in message.body.strip().split("\n")
    )
    choices = message.words.choices
    if form_of([choice.title for choice in choices]) is Form.TAPS:
        kind: str = "twilio/quick-reply"
        shape: dict[str, Any] = {
            "body": body,
            "actions": [
                {
                    "type": "QUICK_REPLY",
                    "title": variable(choice.title),
                    "id": variable(choice.id),
                }
                for choice in choices
            ],
        }
    else:
        kind = "twilio/list-picker"
        shape = {
            "body": body,
            "button": message.words.open_list,
            "items": [
                {"item": variable(choice.title), "id": variable(choice.id)} for choice in choices
            ],
        }
    samples = {name: f"sample {name}" for name in variables}
    return {"language": message.language, "variables": samples, "types": {kind: shape}}, variables


def _hash(account: str, content: dict[str, Any]) -> str:
    told = json.dumps([account, content], sort_keys=True, ensure_ascii=False)
    return urlsafe_b64encode(sha256(told.encode()).digest()).decode().rstrip("=")


def _refused(status: int, code: object) -> Unavailable | Rejected:
    if code == WINDOW_CLOSED:
        return Rejected(HOLD, status=status, provider_code=WINDOW_CLOSED)
    return refusal("whatsapp", status, code)
