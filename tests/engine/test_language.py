from typing import Any, Dict, Optional

import pytest
from engine.language import decide


def parsed(text: str, intent: str = "help", **language: Any) -> Dict[str, Any]:
    return {
        "text": text,
        "intent": {"name": intent, "confidence": 0.9},
        "entities": [],
        "language": language,
    }


def detected(name: str, confidence: float, given: Optional[float] = None) -> Dict[str, Any]:
    return {
        "name": name,
        "confidence": confidence,
        "probabilities": {"it": given or 0.01, name: confidence},
    }


def test_a_clear_sentence_in_another_language_changes_it() -> None:
    assert decide("it", parsed("how can I reset my password", **detected("en", 0.97))) == "en"


@pytest.mark.parametrize(
    "parse_data",
    [
        parsed("reset password", **detected("en", 0.97)),  # too short
        parsed("how can I reset it", **detected("en", 0.7)),  # not sure
        parsed("how can I reset it", **detected("en", 0.81, given=0.4)),  # too close
        parsed("my name is Anna Verdi", intent="inform", **detected("en", 0.99)),  # just data
        parsed("12 34 56", name=None, confidence=0.0, probabilities={}),
        parsed("how can I reset it"),
    ],
)
def test_anything_less_leaves_it_as_it_is(parse_data: Dict[str, Any]) -> None:
    assert decide("it", parse_data) == "it"


def test_a_wish_by_name_goes_before_the_language_it_is_said_in() -> None:
    parse_data = parsed(
        "possiamo parlare in inglese adesso", "change_language", **detected("it", 0.99)
    )
    parse_data["entities"] = [{"entity": "language_wish", "value": "en"}]
    assert decide("it", parse_data) == "en"


def test_of_two_languages_named_the_last_is_wished_for() -> None:
    parse_data = parsed("l'italiano no, inglese", "change_language", **detected("it", 0.99))
    parse_data["entities"] = [{"entity": "language_wish", "value": v} for v in ("it", "en")]
    assert decide("it", parse_data) == "en"


def test_a_language_named_in_passing_is_no_wish() -> None:
    parse_data = parsed("avete il contratto in inglese", "view_documents", **detected("it", 0.99))
    parse_data["entities"] = [{"entity": "language_wish", "value": "en"}]
    assert decide("it", parse_data) == "it"
