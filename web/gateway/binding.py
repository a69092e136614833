"""Ties a widget's session to the browser that it was opened in.

The token that a page keeps can be read by any script of that page. It is therefore worth nothing
without a cookie that no script can read, where the browser keeps such a cookie at all.
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Callable

from starlette.requests import HTTPConnection
from starlette.responses import Response

from backend.services.conversations import ConversationUnknown

_NAME = "sportello_chat"
_VALUE = re.compile(r"[A-Za-z0-9_-]{43}")


class Binding:
    """Makes tokens for one browser, and reads them back in that browser only."""

    def __init__(self, keyed_hash: Callable[[str], str], *, https: bool) -> None:
        self._hash = keyed_hash
        self._name = f"__Host-{_NAME}" if https else _NAME
        # A page of another site may hold the chat; the browser then keeps a cookie for each site.
        self._rules = "Secure; SameSite=None; Partitioned" if https else "SameSite=Lax"

    def browser_of(self, connection: HTTPConnection) -> str | None:
        """What this browser is known by; None where it has no cookie of ours."""
        value = connection.cookies.get(self._name, "")
        return value if _VALUE.fullmatch(value) else None

    def mark(self, response: Response) -> None:
        """Give the browser a cookie, gone when it is closed. It says nothing of who uses it."""
        value = secrets.token_urlsafe(32)
        response.headers.append(
            "Set-Cookie", f"{self._name}={value}; Path=/; HttpOnly; {self._rules}"
        )

    def token(self, secret: str, browser: str | None) -> str:
        """What the page gets for a session's secret; with None it is good in every browser."""
        return f"{secret}.{self._hash(f'{secret}:{browser or ""}')}"

    def secret(self, token: str, connection: HTTPConnection) -> str:
        """The session's secret, if the token may be used in this browser.

        Raises:
            ConversationUnknown: it was made for another one, or by nobody.
        """
        secret = token.partition(".")[0]
        for browser in {self.browser_of(connection), None}:
            made = self.token(secret, browser)
            if hmac.compare_digest(made.encode(), token.encode()):
                return secret
        raise ConversationUnknown
