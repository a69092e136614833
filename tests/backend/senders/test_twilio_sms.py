"""Twilio's own client through our transport: against Prism with Twilio's API description, and
against a server of our own for the errors that the description leaves out."""

from __future__ import annotations

import logging
import os
import traceback
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from backend.adapters.senders.twilio_api import TwilioHttp
from backend.adapters.senders.twilio_sms import TwilioSmsSender
from backend.core.errors import Rejected, SportelloError, Unavailable
from backend.core.notices import OUTCOME_UNKNOWN
from backend.ports import OutgoingMessage
from tests.backend.senders.conftest import MOBILE, FakeApi, free_port, silent_server
from tests.prism import mock

ACCOUNT = "AC" + "a" * 32
SERVICE = "MG" + "b" * 32
TOKEN = "a-token-that-must-not-show"
FROM = "+14155552345"


def sender(url: str, **options: object) -> TwilioSmsSender:
    settings: dict[str, object] = {"sender": FROM, "timeout": 5.0}
    return TwilioSmsSender(ACCOUNT, TOKEN, api_base_url=url, **(settings | options))  # type: ignore[arg-type]


def refusal(url: str, sms: OutgoingMessage, **options: object) -> SportelloError:
    """What sending raises; checked to show neither number nor words nor the token."""
    with pytest.raises(SportelloError) as raised:
        sender(url, **options).send(sms)
    shown = "".join(traceback.format_exception(raised.value))
    for secret in (MOBILE, "012345", TOKEN):
        assert secret not in shown
    return raised.value


# By Twilio's own description --------------------------------------------------------------------


@pytest.fixture(scope="module")
def twilio() -> Iterator[str]:
    try:
        description = mock.description("twilio_messages_trim.json")
        mock.install()
    except mock.MockUnavailable as missing:
        if os.environ.get("SPORTELLO_REQUIRE_SERVICES") == "1":
            raise
        pytest.skip(f"no mock of Twilio: {missing}")
    with mock.running(description, free_port()) as url:
        yield url


def test_twilio_takes_an_sms_from_a_number(twilio: str, sms: OutgoingMessage) -> None:
    receipt = sender(twilio).send(sms)
    assert receipt.provider_id is not None
    assert receipt.provider_id.startswith("SM")


def test_twilio_takes_an_sms_through_a_messaging_service(twilio: str, sms: OutgoingMessage) -> None:
    assert sender(twilio, messaging_service_sid=SERVICE).send(sms).provider_id


def test_twilio_takes_an_sms_without_an_end(twilio: str, sms: OutgoingMessage) -> None:
    assert sender(twilio).send(replace(sms, valid_for=None)).provider_id


def test_twilio_refuses_what_its_description_does_not_allow(
    twilio: str, sms: OutgoingMessage
) -> None:
    """The mock really checks: a service id of the wrong form does not pass."""
    failure = refusal(twilio, sms, messaging_service_sid="MG-not-a-sid")
    assert isinstance(failure, Rejected)
    assert failure.facts["status"] == 422


# What is asked of Twilio ------------------------------------------------------------------------

TAKEN = {"sid": "SM" + "c" * 32, "status": "queued", "error_code": None}


def test_the_form_says_whom_what_and_from_where(api: FakeApi, sms: OutgoingMessage) -> None:
    api.answers(201, TAKEN)
    sender(api.url).send(sms)
    assert api.forms == [
        {
            "To": [MOBILE],
            "From": [FROM],
            "Body": ["012345 è il suo codice."],
            "ValidityPeriod": ["110"],
        }
    ]


def test_a_messaging_service_stands_in_for_the_number(api: FakeApi, sms: OutgoingMessage) -> None:
    api.answers(201, TAKEN)
    sender(api.url, messaging_service_sid=SERVICE).send(sms)
    assert api.forms[0]["MessagingServiceSid"] == [SERVICE]
    assert "From" not in api.forms[0]


@pytest.mark.parametrize(
    ("seconds_left", "validity"), [(120, "110"), (60, "50"), (12, "5"), (1, "5"), (86_400, "36000")]
)
def test_the_carrier_gives_up_a_little_before_the_code_does(
    api: FakeApi, sms: OutgoingMessage, seconds_left: int, validity: str
) -> None:
    api.answers(201, TAKEN)
    sender(api.url).send(replace(sms, valid_for=timedelta(seconds=seconds_left)))
    assert api.forms[0]["ValidityPeriod"] == [validity]


def test_an_sms_without_an_end_gets_no_validity(api: FakeApi, sms: OutgoingMessage) -> None:
    api.answers(201, TAKEN)
    sender(api.url).send(replace(sms, valid_for=None))
    assert "ValidityPeriod" not in api.forms[0]


def test_nothing_of_the_message_reaches_a_log(
    api: FakeApi, sms: OutgoingMessage, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    api.answers(201, TAKEN)
    sender(api.url).send(sms)
    assert caplog.records
    for secret in ("012345", MOBILE, MOBILE.removeprefix("+"), TOKEN):
        assert secret not in caplog.text


# What Twilio answers ----------------------------------------------------------------------------


def error(code: int, status: int) -> dict[str, object]:
    return {"code": code, "message": f"about {MOBILE}", "more_info": "", "status": status}


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, 21211),  # not a valid number
        (400, 21614),  # not a mobile
        (400, 21610),  # answered STOP
        (403, 21610),  # the same, with a status that elsewhere may pass
        (400, 21408),  # no SMS to that country
        (400, 21612),  # no route
        (403, 60410),  # blocked as fraud
        (400, 99999),  # unheard of
        (422, 0),
    ],
)
def test_what_concerns_the_number_or_the_message_is_final(
    api: FakeApi, sms: OutgoingMessage, status: int, code: int
) -> None:
    api.answers(status, error(code, status))
    failure = refusal(api.url, sms)
    assert isinstance(failure, Rejected)
    assert failure.facts["provider_code"] == code


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (429, 20429),  # too many requests
        (429, 0),
        (401, 20003),  # our credentials
        (403, 20005),  # our account sleeps
        (404, 20404),  # our account is not there
        (400, 21606),  # our From cannot send
        (429, 21611),  # our queue is full
        (429, 63038),  # our day is full
        (500, 20500),
        (503, 20503),
        (504, 0),
    ],
)
def test_what_concerns_the_moment_or_our_account_may_pass(
    api: FakeApi, sms: OutgoingMessage, status: int, code: int
) -> None:
    api.answers(status, error(code, status))
    assert isinstance(refusal(api.url, sms), Unavailable)


def test_an_error_in_the_newer_form_is_understood(api: FakeApi, sms: OutgoingMessage) -> None:
    problem = {
        "type": "about:blank",
        "title": f"{MOBILE} unreachable",
        "status": 400,
        "code": 21211,
    }
    api.answers(400, problem)
    failure = refusal(api.url, sms)
    assert isinstance(failure, Rejected)
    assert failure.facts["provider_code"] == 21211


def test_an_sms_that_failed_at_once_is_not_taken_for_sent(
    api: FakeApi, sms: OutgoingMessage
) -> None:
    api.answers(201, {"sid": "SM" + "c" * 32, "status": "failed", "error_code": 21610})
    assert isinstance(refusal(api.url, sms), Rejected)


@pytest.mark.parametrize(("status", "body"), [(502, b"<html>Bad Gateway"), (201, b"<html>Welcome")])
def test_an_answer_that_is_not_twilios_may_pass(
    api: FakeApi, sms: OutgoingMessage, status: int, body: bytes
) -> None:
    api.answers(status, body)
    assert isinstance(refusal(api.url, sms), Unavailable)


def test_a_redirect_is_not_followed(api: FakeApi, sms: OutgoingMessage) -> None:
    api.answers(307, b"")
    refusal(api.url, sms)
    assert len(api.forms) == 1


def test_no_answer_in_time_may_pass(sms: OutgoingMessage) -> None:
    with silent_server() as port:
        failure = refusal(f"http://127.0.0.1:{port}", sms, timeout=0.2)
    assert isinstance(failure, Unavailable)
    assert failure.reason == "sms_unreachable"
    assert failure.facts == {"outcome": OUTCOME_UNKNOWN}


def test_nobody_listening_may_pass_and_surely_took_nothing(sms: OutgoingMessage) -> None:
    failure = refusal(f"http://127.0.0.1:{free_port()}", sms)
    assert isinstance(failure, Unavailable)
    assert failure.facts == {}


# The transport ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "https://verify.twilio.com/v2/Services",
        "https://evil.example/2010-04-01",
        "https://api.twilio.com.evil.example/",
        "http://api.twilio.com/",
        "https://api.twilio.com@evil.example/",
    ],
)
def test_no_other_host_is_ever_asked(api: FakeApi, address: str) -> None:
    transport = TwilioHttp(api_base_url=api.url, timeout=1)
    with pytest.raises(PermissionError):
        transport.request("POST", address, data={"To": MOBILE})
    assert not api.forms


def test_credentials_never_go_over_plain_http_to_another_machine() -> None:
    with pytest.raises(ValueError, match="https"):
        TwilioHttp(api_base_url="http://twilio.example", timeout=1)
