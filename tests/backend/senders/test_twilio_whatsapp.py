"""WhatsApp through Twilio's client: what is asked for, what refusals mean, and what never shows."""

from __future__ import annotations

import logging
import os
import traceback
from collections.abc import Iterator

import pytest

from backend.adapters.senders.twilio_whatsapp import (
    TwilioMediaRemover,
    TwilioWhatsAppSender,
    content_for,
    make_client,
)
from backend.core.conversation import Button
from backend.core.errors import Rejected, SportelloError, Unavailable
from backend.core.notices import Words
from backend.ports import OutgoingMessage
from tests.backend.senders.conftest import MOBILE, FakeApi, free_port, silent_server
from tests.fake_twilio import ACCOUNT, ITALY, TOKEN, FakeTwilio, Webhooks
from tests.prism import mock

TAKEN = {"sid": "SM" + "c" * 32, "status": "queued", "error_code": None}
SAID = "La sua richiesta è approvata."
STATUS_URL = "https://desk.example.com/whatsapp/status"


class NoTemplates:
    """Nothing was made before."""

    def find(self, content_hash: str) -> None:
        return None

    def keep(self, content_hash: str, sid: str) -> None:
        """Forgotten at once."""

    def forget(self, content_hash: str) -> None:
        """There is nothing."""


def sender(url: str) -> TwilioWhatsAppSender:
    client = make_client(ACCOUNT, TOKEN, api_base_url=url)
    return TwilioWhatsAppSender(client, NoTemplates(), status_url=STATUS_URL)


def message(body: str = SAID, *titles: str, template: str | None = None) -> OutgoingMessage:
    choices = tuple(Button(f"b_{n}", title) for n, title in enumerate(titles))
    words = Words(None, body, choices, "Vedi le scelte", f"{body}\n\n1. …", template)
    return OutgoingMessage(
        "n_1", "whatsapp", MOBILE, None, body, "it", sender=ITALY, words=words
    )  # fmt: skip


def refusal(url: str) -> SportelloError:
    """What sending raises; checked to show neither number nor words nor the token."""
    with pytest.raises(SportelloError) as raised:
        sender(url).send(message())
    shown = "".join(traceback.format_exception(raised.value))
    for secret in (MOBILE, SAID, TOKEN):
        assert secret not in shown
    return raised.value


def test_the_form_says_whom_what_from_where_and_where_to_tell(api: FakeApi) -> None:
    api.answers(201, TAKEN)
    assert sender(api.url).send(message()).provider_id == TAKEN["sid"]
    assert api.forms == [
        {
            "To": [f"whatsapp:{MOBILE}"],
            "From": [f"whatsapp:{ITALY}"],
            "Body": [SAID],
            "StatusCallback": [f"{STATUS_URL}?notice=n_1"],
        }
    ]


def test_an_approved_template_goes_without_words(api: FakeApi) -> None:
    api.answers(201, TAKEN)
    sender(api.url).send(message(template="HX" + "1" * 32))
    assert "Body" not in api.forms[0]
    assert api.forms[0]["ContentSid"] == ["HX" + "1" * 32]


@pytest.mark.parametrize(
    ("status", "code"), [(429, 20429), (429, 63018), (400, 63010), (401, 20003), (500, 0)]
)
def test_what_may_pass_is_tried_again(api: FakeApi, status: int, code: int) -> None:
    api.answers(status, {"code": code, "message": f"about {MOBILE}", "status": status})
    assert isinstance(refusal(api.url), Unavailable)


@pytest.mark.parametrize("code", [63003, 63015, 63024, 63032, 21211, 21610])
def test_what_never_passes_is_not(api: FakeApi, code: int) -> None:
    api.answers(400, {"code": code, "message": f"about {MOBILE}", "status": 400})
    failure = refusal(api.url)
    assert isinstance(failure, Rejected)
    assert failure.facts["provider_code"] == code


def test_a_closed_window_has_a_reason_of_its_own(api: FakeApi) -> None:
    api.answers(400, {"code": 63016, "message": f"about {MOBILE}", "status": 400})
    assert refusal(api.url).reason == "window_closed"


def test_nobody_at_the_other_end_passes() -> None:
    assert refusal(f"http://127.0.0.1:{free_port()}").reason == "whatsapp_unreachable"


def test_nothing_of_the_message_reaches_a_log(
    api: FakeApi, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    api.answers(201, TAKEN)
    sender(api.url).send(message())
    for secret in (SAID, MOBILE, MOBILE.removeprefix("+"), TOKEN):
        assert secret not in caplog.text


def test_a_medium_is_deleted_and_one_that_is_gone_is_no_trouble() -> None:
    with FakeTwilio(Webhooks("https://desk.example.com")).serving() as twilio:
        remover = TwilioMediaRemover(make_client(ACCOUNT, TOKEN, api_base_url=twilio.url))
        medium = f"MM{'1' * 32}/ME{'2' * 32}"
        for _ in range(2):
            remover.send(message(medium))
    assert twilio.removed == [medium.replace("/", "/Media/")]


# Contents ---------------------------------------------------------------------------------------


def test_a_content_has_a_variable_for_every_word() -> None:
    content, variables = content_for(message("Ecco:\n\n- a\tb\nVa bene?", "Sì", "No"))
    assert content["types"] == {
        "twilio/quick-reply": {
            "body": "{{1}}\n\n{{2}}\n{{3}}",
            "actions": [
                {"type": "QUICK_REPLY", "title": "{{4}}", "id": "{{5}}"},
                {"type": "QUICK_REPLY", "title": "{{6}}", "id": "{{7}}"},
            ],
        }
    }
    assert list(variables.values()) == ["Ecco:", "- a b", "Va bene?", "Sì", "b_0", "No", "b_1"]


def test_four_choices_are_a_list() -> None:
    content, _ = content_for(message("Quale?", "a", "b", "c", "d"))
    (shape,) = content["types"].values()
    assert shape["button"] == "Vedi le scelte"
    assert shape["items"][3] == {"item": "{{8}}", "id": "{{9}}"}


def test_equal_shapes_are_one_content() -> None:
    one, _ = content_for(message("Tutto bene?", "Sì", "No"))
    other, _ = content_for(message("È Lei, Giulia?", "Certo", "Ma no"))
    assert one == other


# By Twilio's own description --------------------------------------------------------------------


@pytest.fixture(scope="module", params=["twilio_messages_trim.json", "twilio_content_v1.json"])
def twilio(request: pytest.FixtureRequest) -> Iterator[str]:
    try:
        description = mock.description(request.param)
        mock.install()
    except mock.MockUnavailable as missing:
        if os.environ.get("SPORTELLO_REQUIRE_SERVICES") == "1":
            raise
        pytest.skip(f"no mock of Twilio: {missing}")
    with mock.running(description, free_port()) as url:
        yield f"{url} {request.param}"


def test_twilio_takes_what_the_desk_sends(twilio: str) -> None:
    """Messages by the one description; contents by the other."""
    url, description = twilio.split()
    if "messages" in description:
        receipt = sender(url).send(message(template="HX" + "1" * 32))
        assert str(receipt.provider_id).startswith("SM")
        return
    for titles in (["Sì", "No"], list("abcd")):
        whole, _ = content_for(message("Quale?", *titles))
        assert sender(url)._make("h" * 43, whole).startswith("HX")


def test_a_provider_that_says_nothing_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.adapters.senders.twilio_whatsapp.TIMEOUT", 0.2)
    with silent_server() as port:
        assert refusal(f"http://127.0.0.1:{port}").reason == "whatsapp_unreachable"
