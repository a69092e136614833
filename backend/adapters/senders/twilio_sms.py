"""SMS through Twilio's official client."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from typing import Any, Final

import httpx
from twilio.base.exceptions import TwilioRestException, TwilioServiceException
from twilio.rest import Client

from backend.adapters.senders.twilio_api import TIMEOUT, TwilioHttp, refusal
from backend.core.errors import Unavailable
from backend.core.notices import OUTCOME_UNKNOWN
from backend.ports import OutgoingMessage, Receipt

VALIDITY_MARGIN: Final = timedelta(seconds=10)
"""How much sooner than the code the SMS dies in the queue: nobody gets a code that is dead."""
_LEAST_VALIDITY = 5
_MOST_VALIDITY = 36_000


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
        timeout: float = TIMEOUT,
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
            Unavailable: Twilio may take it later; `outcome` says so where it may have it already.
            Rejected: Twilio never will.
        """
        optional: dict[str, Any] = dict(self._origin)
        if message.valid_for is not None:
            optional["validity_period"] = _validity(message.valid_for)
        # `from None` throughout: the library's exceptions quote the number or the request.
        try:
            taken = self._client.messages.create(to=message.to, body=message.body, **optional)
        except (TwilioRestException, TwilioServiceException) as failure:
            raise refusal("sms", failure.status, failure.code) from None
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
            raise Unavailable("sms_unreachable") from None
        except httpx.HTTPError:
            raise Unavailable("sms_unreachable", outcome=OUTCOME_UNKNOWN) from None
        except ValueError:
            raise Unavailable("sms_answer_unreadable") from None
        if taken.status in {"failed", "undelivered"}:
            raise refusal("sms", HTTPStatus.BAD_REQUEST, taken.error_code)
        return Receipt(provider_id=taken.sid)


def _validity(left: timedelta) -> int:
    seconds = int((left - VALIDITY_MARGIN).total_seconds())
    return min(max(seconds, _LEAST_VALIDITY), _MOST_VALIDITY)
