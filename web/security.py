"""What every answer of the web process carries, and what every request is checked for.

Plain ASGI classes, one task each; `web.app` says in which order they stand.
"""

from __future__ import annotations

import hmac
import ipaddress
import secrets
from collections.abc import Iterable, Mapping
from hashlib import sha256

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ]
)

_HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

CSRF_FIELD = "csrf"
_CSRF_COOKIE = "sportello_csrf"


class SecurityHeadersMiddleware:
    """Sets the security headers on every response that does not bring its own.

    Only files under /static may be cached; everything else may hold somebody's data.
    """

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        self._app = app
        self._https = https

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        cacheable = scope["path"].startswith("/static/")

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._complete(MutableHeaders(scope=message), cacheable=cacheable)
            await send(message)

        await self._app(scope, receive, send_with_headers)

    def _complete(self, headers: MutableHeaders, *, cacheable: bool) -> None:
        for name, value in _HEADERS.items():
            headers.setdefault(name, value)
        headers.setdefault("Cache-Control", "no-cache" if cacheable else "no-store")
        if cacheable:
            # The widget's script is embedded by other origins.
            headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        if self._https:
            headers.setdefault("Strict-Transport-Security", "max-age=31536000")


class CrossOriginMiddleware:
    """Lets pages of listed origins ask below one path, with our cookies, and nowhere else.

    Elsewhere those pages may be of our own site, so that the browser sends them the cookies of a
    customer who is logged in: they must not be able to read the answers.
    """

    def __init__(self, app: ASGIApp, *, prefix: str, origins: Iterable[str]) -> None:
        self._app = app
        self._prefix = f"{prefix}/"
        self._open = CORSMiddleware(
            app,
            allow_origins=list(origins),
            allow_methods=["POST"],
            allow_headers=["Content-Type"],
            allow_credentials=True,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_open = scope["type"] == "http" and scope["path"].startswith(self._prefix)
        await (self._open if is_open else self._app)(scope, receive, send)


class BodyLimitMiddleware:
    """Refuses bodies above a limit, whether they announce their length or not.

    `larger` names path prefixes with a limit of their own; None where the handlers count for
    themselves, since only they know what the page is for (an upload page).
    """

    def __init__(
        self, app: ASGIApp, *, limit: int, larger: Mapping[str, int | None] | None = None
    ) -> None:
        self._app = app
        self._limit = limit
        self._larger = dict(larger or {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._limit_of(scope["path"])
        announced = Headers(scope=scope).get("content-length", "0")
        if not announced.isdecimal() or (limit is not None and int(announced) > limit):
            await _TOO_LARGE(scope, receive, send)
        elif limit is None:
            await self._app(scope, receive, send)
        else:
            await self._limited(scope, receive, send, limit)

    def _limit_of(self, path: str) -> int | None:
        for prefix, limit in self._larger.items():
            if path.startswith(prefix):
                return limit
        return self._limit

    async def _limited(self, scope: Scope, receive: Receive, send: Send, limit: int) -> None:
        seen = 0
        started = False

        async def counted_receive() -> Message:
            nonlocal seen
            message = await receive()
            if message["type"] == "http.request":
                seen += len(message.get("body", b""))
                if seen > limit:
                    raise _BodyTooLargeError
            return message

        async def watched_send(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, counted_receive, watched_send)
        except _BodyTooLargeError:
            if started:
                raise
            await _TOO_LARGE(scope, receive, send)


class _BodyTooLargeError(Exception):
    """Leaves the application's reading of a body that never seems to end."""


_TOO_LARGE = JSONResponse({"error": "too_large"}, status_code=413)


def client_address(connection: HTTPConnection, trusted_proxy_hops: int) -> str:
    """The address of whoever is on the other side of the proxies that we run ourselves.

    Each trusted proxy appends the address it saw, so only the last entries of X-Forwarded-For can
    be believed: as many as there are such proxies. Anything to the left was written by the client.
    """
    peer = connection.client.host if connection.client else "unknown"
    if trusted_proxy_hops <= 0:
        return peer
    joined = ",".join(connection.headers.getlist("x-forwarded-for"))
    entries = [entry.strip() for entry in joined.split(",") if entry.strip()]
    if len(entries) < trusted_proxy_hops:
        return peer
    candidate = entries[-trusted_proxy_hops]
    try:
        return str(ipaddress.ip_address(candidate))
    except ValueError:
        return peer


def origin_allowed(connection: HTTPConnection, allowed: Iterable[str]) -> bool:
    """Whether a browser's page may call from where it stands.

    A request without Origin does not come from a page of another site: it is let through, since
    what protects a conversation is its token.
    """
    origin = connection.headers.get("origin")
    if origin is None:
        return True
    own_host = connection.headers.get("host", "")
    if origin in (f"http://{own_host}", f"https://{own_host}"):
        return True
    return origin in set(allowed)


class Csrf:
    """Signed double-submit: a random cookie, and its keyed hash in a hidden field of each form.

    A page of another site can neither read the cookie nor compute the field.
    """

    def __init__(self, key: bytes, *, https: bool) -> None:
        self._key = key
        self._https = https
        self._name = f"__Host-{_CSRF_COOKIE}" if https else _CSRF_COOKIE

    def field(self, request: Request) -> str:
        """The value for the hidden field `csrf` of a form in the answer to this request."""
        return self._sign(self._cookie_value(request))

    def attach(self, request: Request, response: Response) -> None:
        """Give the browser the cookie that goes with `field`, unless it has it already."""
        value = self._cookie_value(request)
        if request.cookies.get(self._name) == value:
            return
        response.set_cookie(
            self._name, value, path="/", httponly=True, samesite="lax", secure=self._https
        )

    def is_valid(self, request: Request, submitted: object) -> bool:
        """Whether the form came from a page of ours, in the same browser."""
        if request.headers.get("sec-fetch-site") in ("cross-site", "same-site"):
            return False
        cookie = request.cookies.get(self._name, "")
        if not cookie or not isinstance(submitted, str):
            return False
        return hmac.compare_digest(self._sign(cookie).encode(), submitted.encode())

    def _cookie_value(self, request: Request) -> str:
        if not hasattr(request.state, "csrf_cookie"):
            request.state.csrf_cookie = request.cookies.get(self._name) or secrets.token_urlsafe(16)
        return str(request.state.csrf_cookie)

    def _sign(self, value: str) -> str:
        return hmac.new(self._key, value.encode(), sha256).hexdigest()
