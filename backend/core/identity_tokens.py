"""What the page around the widget may claim of who is logged in there, and for how long."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from backend.core.errors import IdentityTokenRefused
from backend.core.limits import Limits

AUDIENCE: Final = "sportello"
REQUIRED: Final = ("aud", "sub", "market", "iat", "exp", "jti")
LONGEST_TOKEN: Final = 4096
"""Characters; whatever is longer is not even read."""
_LONGEST_CLAIM: Final = 320


@dataclass(frozen=True, slots=True)
class IdentityClaims:
    """What a token with a right signature says, once its form and its age are right too."""

    username: str = field(repr=False)
    market: str
    name: str = field(repr=False)
    """The token's own name (`jti`): it is good once."""
    expires_at: datetime
    session_id: str | None = None
    """The area session that vouches, where the token comes from our own area."""


def read_claims(payload: Mapping[str, object], limits: Limits, now: datetime) -> IdentityClaims:
    """The claims of a token whose signature and audience hold.

    Raises:
        IdentityTokenRefused: a claim is missing or malformed, or the token's time is not now.
    """
    expires_at = _check_times(payload, limits, now)
    session = payload.get("sid")
    return IdentityClaims(
        username=_text(payload, "sub"),
        market=_text(payload, "market"),
        name=_text(payload, "jti"),
        expires_at=expires_at,
        session_id=None if session is None else _text(payload, "sid"),
    )


def _check_times(payload: Mapping[str, object], limits: Limits, now: datetime) -> datetime:
    issued, expires, present = _seconds(payload, "iat"), _seconds(payload, "exp"), now.timestamp()
    # The host's clock may be a little ahead of ours; a token from far ahead would live too long.
    if issued > present + limits.identity_token_skew:
        raise IdentityTokenRefused("token_early")
    if "nbf" in payload and _seconds(payload, "nbf") > present + limits.identity_token_skew:
        raise IdentityTokenRefused("token_early")
    if expires - issued > limits.identity_token_life:
        raise IdentityTokenRefused("token_too_long")
    if present >= expires:
        raise IdentityTokenRefused("token_expired")
    return datetime.fromtimestamp(expires, UTC)


def _seconds(payload: Mapping[str, object], claim: str) -> float:
    """A NumericDate (RFC 7519): seconds since 1970, in UTC."""
    value = payload.get(claim)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise IdentityTokenRefused("token_malformed")
    try:
        seconds = float(value)
    except OverflowError:
        raise IdentityTokenRefused("token_malformed") from None
    if not math.isfinite(seconds):
        raise IdentityTokenRefused("token_malformed")
    return seconds


def _text(payload: Mapping[str, object], claim: str) -> str:
    value = payload.get(claim)
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_CLAIM:
        raise IdentityTokenRefused("token_malformed")
    return value
