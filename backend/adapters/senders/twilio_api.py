"""The way to Twilio's API that all its senders share, and what its refusals mean."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

import httpx
from twilio.http import HttpClient
from twilio.http.response import Response

from backend.core.errors import Rejected, Unavailable
from backend.core.provider_codes import FINAL, PASSING

API_HOST: Final = "api.twilio.com"
CONTENT_HOST: Final = "content.twilio.com"
_HOSTS: Final = frozenset({API_HOST, CONTENT_HOST})
TIMEOUT: Final = 10.0
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})

_PASSING_STATUS: Final = frozenset(
    {
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.NOT_FOUND,  # only our own account is named in the address
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.CONFLICT,
        HTTPStatus.TOO_EARLY,
        HTTPStatus.TOO_MANY_REQUESTS,
    }
)


class TwilioHttp(HttpClient):  # type: ignore[misc]  # the library is untyped
    """The transport under Twilio's client: explicit timeouts, its hosts only, no log of contents.

    Twilio's client has no setting for the address of the API. *api_base_url* puts a mock server in
    its place; a request for any other host than Twilio's APIs is refused either way.
    """

    def __init__(self, *, api_base_url: str = "", timeout: float) -> None:
        super().__init__(logging.getLogger(__name__), is_async=False, timeout=timeout)
        base = urlsplit(api_base_url) if api_base_url else None
        if base is not None and base.scheme != "https" and base.hostname not in _LOOPBACK:
            raise ValueError("the API's address must be https, or on this machine")
        self._base = base
        self._http = httpx.Client(timeout=timeout, follow_redirects=False)

    def request(  # noqa: PLR0913, PLR0917 - the signature is Twilio's
        self,
        method: str,
        uri: str,
        params: dict[str, Any] | None = None,
        data: dict[str, object] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,  # noqa: ARG002 - the API has none to follow
    ) -> Response:
        """One request, as Twilio's client wants it made."""
        is_json = (headers or {}).get("Content-Type") == "application/json"
        answer = self._http.request(
            method,
            self._address(uri),
            params=params or None,
            data=None if is_json else data,
            json=data if is_json else None,
            headers=headers,
            auth=auth,
            timeout=timeout or self.timeout,
        )
        return Response(answer.status_code, answer.text, answer.headers)

    def _address(self, uri: str) -> str:
        asked = urlsplit(uri)
        if asked.scheme != "https" or asked.hostname not in _HOSTS:
            raise PermissionError(f"a request for {asked.hostname} instead of {API_HOST}")
        if self._base is None:
            return uri
        return urlunsplit(asked._replace(scheme=self._base.scheme, netloc=self._base.netloc))


def refusal(channel: str, status: int, code: object) -> Unavailable | Rejected:
    """What Twilio's refusal means for a message; reasons begin with the channel's name."""
    number = code if isinstance(code, int) else 0
    passing = (
        number in PASSING or status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _PASSING_STATUS
    )
    if passing and number not in FINAL:
        return Unavailable(f"{channel}_deferred", status=status, provider_code=number)
    return Rejected(f"{channel}_refused", status=status, provider_code=number)
