"""The Twilio of the tests speaks as the real one: by its own description of the API."""

from __future__ import annotations

from typing import Any

import pytest

from tests import twilio_schemas
from tests.fake_twilio import ANNA, ITALY, Message, message_resource
from tests.prism.mock import MockUnavailable, description
from tests.web.gateway.house import said


@pytest.fixture(autouse=True)
def _descriptions() -> None:
    try:
        for file in (twilio_schemas.MESSAGES, twilio_schemas.CONTENT):
            description(file)
    except MockUnavailable as missing:
        pytest.skip(f"nothing to check the fake by: {missing}")


def told(**changes: Any) -> dict[str, Any]:
    form = {"To": f"whatsapp:{ANNA}", "From": f"whatsapp:{ITALY}"}
    return message_resource("AC" + "a" * 32, Message("SM" + "1" * 32, form, "ciao")) | changes


def test_a_message_is_told_as_described() -> None:
    twilio_schemas.check(twilio_schemas.MESSAGES, "api.v2010.account.message", told())


@pytest.mark.parametrize("changes", [{"status": "gone"}, {"sid": "x"}, {"error_code": "none"}])
def test_the_check_sees_what_does_not_fit(changes: dict[str, Any]) -> None:
    with pytest.raises(AssertionError):
        twilio_schemas.check(twilio_schemas.MESSAGES, "api.v2010.account.message", told(**changes))


@pytest.mark.parametrize("choices", [2, 5])
def test_what_the_desk_asks_for_is_as_described(house: Any, choices: int) -> None:
    """Checked by the fake at each request; here it is made sure that it was."""
    answer = said("Quale?", buttons=[(f"Scelta {n}", f"/choose_{n}") for n in range(choices)])
    house.engine.answer = lambda _: answer
    house.hears(house.webhooks.message("ciao"))
    (content,) = house.twilio.contents.values()
    twilio_schemas.check(twilio_schemas.CONTENT, "ContentCreateRequest", content)
    with pytest.raises(AssertionError):
        twilio_schemas.check(
            twilio_schemas.CONTENT, "ContentCreateRequest", content | {"types": {"x": 1}, "a": 1}
            | {"language": None},
        )  # fmt: skip
