"""Signed tokens (JWT, HS256) with the secret that the page around the widget knows too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import jwt
from pydantic import SecretStr

from backend.core.errors import IdentityTokenRefused
from backend.core.identity_tokens import AUDIENCE, LONGEST_TOKEN, REQUIRED

_ALGORITHM: Final = "HS256"

# Times are checked by the core, against the clock port: the library would ask the system's clock.
_OPTIONS: Final[jwt.types.Options] = {
    "require": list(REQUIRED),
    "verify_exp": False,
    "verify_iat": False,
    "verify_nbf": False,
}

_REASONS: Final[Mapping[type[jwt.PyJWTError], str]] = {
    jwt.InvalidAlgorithmError: "token_algorithm",
    jwt.InvalidSignatureError: "token_signature",
    jwt.InvalidAudienceError: "token_audience",
}


class TokenSigner:
    """Signs and reads tokens; the algorithm is ours and never the token's."""

    def __init__(self, secret: SecretStr) -> None:
        self._secret = secret

    def __repr__(self) -> str:
        return "<TokenSigner>"

    def sign(self, claims: Mapping[str, object]) -> str:
        """A token for our own page, with *claims* and the audience."""
        payload = {"aud": AUDIENCE, **claims}
        return jwt.encode(payload, self._secret.get_secret_value(), algorithm=_ALGORITHM)

    def read(self, token: str) -> Mapping[str, Any]:
        """The claims of a token with the right signature and audience; its times are not looked at.

        Raises:
            IdentityTokenRefused: it is none, or not ours.
        """
        if len(token) > LONGEST_TOKEN:
            raise IdentityTokenRefused("token_malformed")
        try:
            return jwt.decode(
                token,
                self._secret.get_secret_value(),
                algorithms=[_ALGORITHM],
                audience=AUDIENCE,
                options=_OPTIONS,
            )
        # Without its cause: the library's texts quote parts of the token.
        except jwt.PyJWTError as failure:
            raise IdentityTokenRefused(_reason(failure)) from None
        except (ValueError, TypeError, RecursionError):
            raise IdentityTokenRefused("token_malformed") from None


def _reason(failure: jwt.PyJWTError) -> str:
    return next(
        (_REASONS[kind] for kind in type(failure).__mro__ if kind in _REASONS), "token_malformed"
    )
