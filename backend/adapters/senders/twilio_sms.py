"""SMS through Twilio's official client."""

from __future__ import annotations

import logging
from datetime import timedelta
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

import httpx
from twilio.base.exceptions import TwilioRestException, TwilioServiceException
from twilio.http import HttpClient
from twilio.http.response import Response
from twilio.rest import Client

from backend.core.errors import Rejected, Unavailable
from backend.ports import OutgoingMessage, Receipt

API_HOST: Final = "api.twilio.com"
_TIMEOUT = 10.0
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})

VALIDITY_MARGIN: Final = timedelta(seconds=10)
"""How much sooner than the code the SMS dies in the queue: nobody gets a code that is dead."""
_LEAST_VALIDITY = 5
_MOST_VALIDITY = 36_000

# https://www.twilio.com/docs/api/errors. A refusal with 4xx is final for the message, but for
# these, which concern the moment or our account: they pass, or an operator mends them.
_PASSING: Final = frozenset(
    {
        14107,  # rate limit of the sending number
        20003,  # our credentials do not hold
        20005,  # our account is not active
        20429,  # too many requests
        21212,  # our From is not valid
        21603,  # our From is missing
        21606,  # our From cannot send SMS
        21611,  # the queue of our From is full
        21703,  # our messaging service has no numbers
        30001,  # queue overflow
        30002,  # our account is suspended
        30022,  # rate limit of the carrier for our brand
        63038,  # our account's daily limit
    }
)
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
# These come with a status of the list above and are final all the same.
_FINAL: Final = frozenset(
    {
        21211,  # not a valid number
        21408,  # SMS to this country are switched off
        21610,  # the owner has answered STOP
        21612,  # no route to this number
        21614,  # not a mobile number
        60410,  # blocked as fraud
    }
)


class TwilioSmsSender:
    """Hands SMS to Twilio, from a number or through a messaging service."""

    def __init__(  # noqa: PLR0913 - one argument for each setting
        self,
        account_sid: str,
        auth_token: str,
        *,
        sender: str = "",
        messaging_service_sid: str = "",
        api_base_url: str = "",
        timeout: float = _TIMEOUT,
    ) -> None:
        http = TwilioHttp(api_base_url=api_base_url, timeout=timeout)
        self._client = Client(account_sid, auth_token, http_client=http)
        self._origin = (
            {"messaging_service_sid": messaging_service_sid}
            if messaging_service_sid
            else {"from_": sender}
        )

    def send(self, message: OutgoingMessage) -> Receipt:
        """Hand the SMS over; the receipt is Twilio's message SID.

        Raises:
            Unavailable: Twilio may take it later.
            Rejected: Twilio never will.
        """
        optional: dict[str, Any] = dict(self._origin)
        if message.valid_for is not None:
            optional["validity_period"] = _validity(message.valid_for)
        # `from None` throughout: the library's exceptions quote the number or the request.
        try:
            taken = self._client.messages.create(to=message.to, body=message.body, **optional)
        except (TwilioRestException, TwilioServiceException) as failure:
            raise _refusal(failure.status, failure.code) from None
        except httpx.HTTPError:
            raise Unavailable("sms_unreachable") from None
        except ValueError:
            raise Unavailable("sms_answer_unreadable") from None
        if taken.status in {"failed", "undelivered"}:
            raise _refusal(HTTPStatus.BAD_REQUEST, taken.error_code)
        return Receipt(provider_id=taken.sid)


class TwilioHttp(HttpClient):  # type: ignore[misc]  # the library is untyped
    """The transport under Twilio's client: explicit timeouts, one host, no log of what is sent.

    Twilio's client has no setting for the address of the API. *api_base_url* puts a mock server in
    its place; a request for any other host than Twilio's API is refused either way.
    """

    def __init__(self, *, api_base_url: str = "", timeout: float) -> None:
        super().__init__(logging.getLogger(__name__), is_async=False, timeout=timeout)
        base = urlsplit(api_base_url or f"https://{API_HOST}")
        if base.scheme != "https" and base.hostname not in _LOOPBACK:
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
        answer = self._http.request(
            method,
            self._address(uri),
            params=params or None,
            data=data,
            headers=headers,
            auth=auth,
            timeout=timeout or self.timeout,
        )
        return Response(answer.status_code, answer.text, answer.headers)

    def _address(self, uri: str) -> str:
        asked = urlsplit(uri)
        if asked.scheme != "https" or asked.hostname != API_HOST:
            raise PermissionError(f"a request for {asked.hostname} instead of {API_HOST}")
        return urlunsplit(asked._replace(scheme=self._base.scheme, netloc=self._base.netloc))


def _validity(left: timedelta) -> int:
    seconds = int((left - VALIDITY_MARGIN).total_seconds())
    return min(max(seconds, _LEAST_VALIDITY), _MOST_VALIDITY)


def _refusal(status: int, code: object) -> Unavailable | Rejected:
    """What Twilio's refusal means for the message."""
    number = code if isinstance(code, int) else 0
    passing = (
        number in _PASSING
        or status >= HTTPStatus.INTERNAL_SERVER_ERROR
        or status in _PASSING_STATUS
    )
    if passing and number not in _FINAL:
        return Unavailable("sms_deferred", status=status, provider_code=number)
    return Rejected("sms_refused", status=status, provider_code=number)
