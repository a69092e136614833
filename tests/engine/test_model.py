"""What the small assistant's model makes of messages, through the project's own pipeline."""

import asyncio
import tarfile
from pathlib import Path
from typing import Any, Dict

import pytest
from rasa.core.agent import Agent


@pytest.fixture
def parse(agent: Agent) -> Any:
    def parsed(text: str) -> Dict[str, Any]:
        return asyncio.run(agent.parse_message(text))

    return parsed


@pytest.mark.parametrize(
    ("text", "intent", "language"),
    [
        ("vorrei registrarmi", "register", "it"),
        ("saya ingin daftar akun", "register", "id"),
        ("I would like to sign up", "register", "en"),
        ("buonasera", "greet", "it"),
    ],
)
def test_a_wish_is_understood_in_three_languages(
    parse: Any, text: str, intent: str, language: str
) -> None:
    result = parse(text)
    assert result["intent"]["name"] == intent
    assert result["language"]["name"] == language
    assert 0 < result["intent"]["confidence"] <= 1


def test_the_ranking_is_in_order_and_names_each_intent_once(parse: Any) -> None:
    ranking = parse("per quanto tempo vale il codice?")["intent_ranking"]
    confidences = [entry["confidence"] for entry in ranking]
    assert confidences == sorted(confidences, reverse=True)
    assert len({entry["name"] for entry in ranking}) == len(ranking)


def test_a_question_carries_its_full_name_and_its_answer(parse: Any) -> None:
    result = parse("how many minutes is the code good for")
    assert result["intent"]["name"] == "faq"
    assert result["intent"]["full_retrieval_intent_name"] == "faq/otp_validity"
    response = result["response_selector"]["faq"]["response"]
    assert response["utter_action"] == "utter_faq/otp_validity"


@pytest.mark.parametrize("text", ["739 204", "BNCGLI85D43L219M", "anna@posta.example"])
def test_nothing_but_a_datum_is_an_answer(parse: Any, text: str) -> None:
    result = parse(text)
    assert result["intent"] == {"name": "inform", "confidence": 1.0}
    assert len(result["entities"]) == 1


def test_names_and_data_are_found_together_without_overlap(parse: Any) -> None:
    result = parse("mi chiamo Piero Gatti, la mail è piero.gatti@posta.example")
    found = {entity["entity"]: entity["value"] for entity in result["entities"]}
    assert found == {
        "first_name": "Piero",
        "last_name": "Gatti",
        "email": "piero.gatti@posta.example",
    }


def test_choices_are_named_by_their_value(parse: Any) -> None:
    entities = parse("sono un'azienda")["entities"]
    assert [(e["entity"], e["value"]) for e in entities if e["entity"] == "profile"] == [
        ("profile", "company")
    ]


@pytest.mark.parametrize("text", ["xqzv wkrp", "🙂🙂🙂", "…", "?"])
def test_what_nobody_understands_falls_back(parse: Any, text: str) -> None:
    assert parse(text)["intent"]["name"] is not None


def test_the_model_holds_no_pickle(small_model: Path) -> None:
    with tarfile.open(small_model) as archive:
        names = archive.getnames()
    assert not [name for name in names if name.endswith((".pkl", ".pickle", ".joblib"))]
