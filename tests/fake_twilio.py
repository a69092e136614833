"""A Twilio of our own: it signs and sends webhooks, keeps what it was asked to send, and can lose,
repeat, delay, reorder and refuse.

Its signature is written here from Twilio's description, not taken from the library that the desk
checks with: two of the same mistake would agree.
"""

from __future__ import annotations

import hmac
import itertools
import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha1, sha256
from typing import Any
from urllib.parse import urlencode

ACCOUNT = "AC" + "a" * 32
TOKEN = "the-auth-token-of-the-tests-0001"
ITALY, INDONESIA = "+390612345678", "+622112345678"
ANNA, BUDI = "+393331234567", "+6281234567890"

type Post = Callable[..., Any]

_numbers = itertools.count(1)


def new_sid(prefix: str) -> str:
    return f"{prefix}{next(_numbers):032x}"


def sign(address: str, fields: Mapping[str, str], token: str = TOKEN) -> str:
    """The address, then every field and its value in the order of the names."""
    signed = address + "".join(name + fields[name] for name in sorted(fields))
    return b64encode(hmac.digest(token.encode(), signed.encode(), sha1)).decode()


@dataclass
class Webhook:
    """One call of Twilio's, ready to be sent as often and as late as a test wants."""

    path: str
    body: bytes
    headers: dict[str, str]

    def to(self, post: Post) -> int:
        return int(post(self.path, content=self.body, headers=self.headers).status_code)


@dataclass
class Webhooks:
    """Makes webhooks of one account for one public address."""

    base: str
    token: str = TOKEN
    account: str = ACCOUNT

    def form(self, path: str, **fields: str) -> Webhook:
        signature = sign(self.base + path, fields, self.token)
        return Webhook(
            path,
            urlencode(fields).encode(),
            {
                "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
                "X-Twilio-Signature": signature,
            },
        )

    def json(self, path: str, **fields: str) -> Webhook:
        body = json.dumps(fields).encode()
        signed = f"{path}?bodySHA256={sha256(body).hexdigest()}"
        return Webhook(
            signed,
            body,
            {
                "Content-Type": "application/json",
                "X-Twilio-Signature": sign(self.base + signed, {}, self.token),
            },
        )

    def message(self, body: str = "", **fields: str) -> Webhook:
        """A customer's message as Twilio tells it, blank fields and all."""
        return self.form("/whatsapp/inbound", **self.message_fields(body, **fields))

    def message_fields(self, body: str = "", **fields: str) -> dict[str, str]:
        sender = fields.pop("sender", ANNA)
        return {
            "SmsMessageSid": "",
            "NumMedia": "0",
            "ProfileName": "Anna",
            "MessageType": "text",
            "MessageSid": new_sid("SM"),
            "AccountSid": self.account,
            "WaId": sender.removeprefix("+"),
            "From": f"whatsapp:{sender}",
            "To": f"whatsapp:{fields.pop('number', ITALY)}",
            "Body": body,
            "ApiVersion": "2010-04-01",
        } | fields

    def media(self, media_type: str, body: str = "", **fields: str) -> Webhook:
        message, medium = new_sid("MM"), new_sid("ME")
        address = f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Messages/{message}/Media"
        return self.message(
            body,
            MessageSid=message,
            NumMedia="1",
            MediaContentType0=media_type,
            MediaUrl0=f"{address}/{medium}",
            **fields,
        )
