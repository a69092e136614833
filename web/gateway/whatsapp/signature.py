"""Whether a webhook was sent by Twilio, for our account, to this very address.

Twilio signs the address it was told to call, as it was told: behind a proxy that is not the one
the request arrived at, so the configured public address stands in for it. Blank parameters are
part of what is signed. (Twilio: "Webhooks security".)
"""

from __future__ import annotations

import hmac
import json
from hashlib import sha256
from urllib.parse import parse_qs, parse_qsl

from starlette.datastructures import ImmutableMultiDict
from twilio.request_validator import RequestValidator

HEADER = "X-Twilio-Signature"
_BODY_HASH = "bodySHA256"
_FIELDS = 200


class SignedWebhooks:
    """Checks signatures made with the account's auth token."""

    def __init__(self, auth_token: str, public_base_url: str) -> None:
        self._validator = RequestValidator(auth_token)
        self._base = public_base_url

    def is_genuine(self, path: str, query: str, body: bytes, signature: str) -> bool:
        """Whether `signature` is Twilio's for this body at this address."""
        address = f"{self._base}{path}?{query}" if query else f"{self._base}{path}"
        body_hash = parse_qs(query).get(_BODY_HASH, [""])[0]
        if body_hash:
            # The library hashes text; what was sent is bytes.
            return hmac.compare_digest(
                sha256(body).hexdigest().encode(), body_hash.lower().encode()
            ) and bool(self._validator.validate(address, {}, signature))
        return bool(self._validator.validate(address, form_of(body), signature))


def fields_of(body: bytes, content_type: str) -> ImmutableMultiDict[str, str]:
    """The fields of a webhook in either form it may have; none where it cannot be read."""
    if content_type.partition(";")[0].strip().lower() != "application/json":
        return form_of(body)
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return ImmutableMultiDict()
    if not isinstance(told, dict):
        return ImmutableMultiDict()
    return ImmutableMultiDict(
        [(name, str(value)) for name, value in told.items() if isinstance(value, str | int)]
    )


def form_of(body: bytes) -> ImmutableMultiDict[str, str]:
    """The fields of a form, blank ones too; none where it is no form.

    The framework's own reader is not used: it would have to be asked to keep blank fields, and to
    read a body that was read already.
    """
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=_FIELDS,
        )
    except ValueError:
        return ImmutableMultiDict()
    return ImmutableMultiDict(pairs)
