from pathlib import Path
from typing import Any, Dict, Optional

import pytest
from engine.nlg import MarketResponses
from rasa.shared.core.domain import Domain
from rasa.utils.endpoints import EndpointConfig

RESPONSES = """
version: "3.1"
responses:
  utter_hello:
  - text: default
  - condition: [{type: slot, name: language, value: it}]
    text: italiano
  - condition: [{type: slot, name: language, value: it}, {type: slot, name: market, value: it}]
    text: italiano in Italia
  - condition: [{type: slot, name: language, value: id}]
    channel: whatsapp
    text: indonesiano whatsapp
  utter_same:
  - text: first
  - text: second
  utter_facts:
  - text: "Call {helpline}, {first_name}"
  utter_only_italian:
  - condition: [{type: slot, name: language, value: it}]
    text: solo italiano
  utter_buttons:
  - text: Choose
    buttons:
    - {title: "{mask}", payload: '/inform{"contact_choice": "1"}'}
    - {title: Two, payload: '/inform{{"contact_choice": "{choice}"}}'}
  utter_default:
  - condition: [{type: slot, name: language, value: it}]
    text: Scusi?
  - text: Sorry?
"""


@pytest.fixture
def nlg(markets: Path) -> MarketResponses:
    return MarketResponses(EndpointConfig(markets=str(markets)), Domain.from_yaml(RESPONSES))


def said(
    nlg: MarketResponses, name: str, slots: Optional[Dict[str, Any]] = None, **facts: Any
) -> Any:
    response = nlg.generate_from_slots(name, slots or {}, "gateway", **facts)
    return response["text"] if response else None


@pytest.mark.parametrize(
    ("slots", "expected"),
    [
        ({}, "default"),
        ({"language": "en", "market": "it"}, "default"),
        ({"language": "it", "market": "id"}, "italiano"),
        ({"language": "IT", "market": "it"}, "italiano in Italia"),
        ({"language": "id", "channel": "whatsapp"}, "indonesiano whatsapp"),
        ({"language": "id", "channel": "web"}, "default"),
        ({"language": "en", "channel": "whatsapp"}, "default"),
    ],
)
def test_the_most_specific_wording_is_chosen(
    nlg: MarketResponses, slots: Dict[str, Any], expected: str
) -> None:
    assert said(nlg, "utter_hello", slots) == expected


def test_equal_wordings_draw_no_lots(nlg: MarketResponses) -> None:
    assert {said(nlg, "utter_same") for _ in range(20)} == {"first"}


def test_market_facts_and_given_facts_are_filled_in(nlg: MarketResponses) -> None:
    assert said(nlg, "utter_facts", {"market": "it"}, first_name="Anna") == "Call 800 123, Anna"
    assert said(nlg, "utter_facts", {"market": "id", "first_name": "Budi"}) == "Call 15000-37, Budi"


def test_a_missing_value_is_never_shown_as_a_brace(
    nlg: MarketResponses, caplog: pytest.LogCaptureFixture
) -> None:
    assert (
        said(nlg, "utter_facts", {"market": "it", "language": "it", "first_name": None}) == "Scusi?"
    )
    assert "{first_name}" in caplog.text


def test_a_value_with_braces_is_only_a_value(nlg: MarketResponses) -> None:
    assert (
        said(nlg, "utter_facts", {"market": "it"}, first_name="{helpline} 0[")
        == "Call 800 123, {helpline} 0["
    )


@pytest.mark.parametrize("name", ["utter_only_italian", "utter_never_written"])
def test_without_a_fitting_wording_the_default_speaks(nlg: MarketResponses, name: str) -> None:
    assert said(nlg, name, {"language": "en"}) == "Sorry?"


def test_payloads_keep_their_json(nlg: MarketResponses) -> None:
    response = nlg.generate_from_slots(
        "utter_buttons", {}, "gateway", mask="320 *****19", choice="2"
    )
    assert response is not None
    assert response["buttons"] == [
        {"title": "320 *****19", "payload": '/inform{"contact_choice": "1"}'},
        {"title": "Two", "payload": '/inform{"contact_choice": "2"}'},
    ]


def test_filling_leaves_the_domain_as_it_is(nlg: MarketResponses) -> None:
    said(nlg, "utter_facts", {"market": "it"}, first_name="Anna")
    assert nlg.responses["utter_facts"][0]["text"] == "Call {helpline}, {first_name}"


def test_a_broken_market_file_is_named(markets: Path) -> None:
    (markets / "it.yml").write_text("facts: {helpline: [1, 2]}\n", "utf-8")
    with pytest.raises(ValueError, match=r"it\.yml"):
        MarketResponses(EndpointConfig(markets=str(markets)), Domain.from_yaml(RESPONSES))
