"""A message that nobody understood, outside of flows."""

from __future__ import annotations

from typing import Any

import pytest

from tests.actions.conftest import FakeFlow
from tests.actions.tracker import call, run, said

FALLBACK = "nlu_fallback"


async def answered(*ranking: tuple[str, float], before: tuple[str, ...] = ()) -> dict[str, Any]:
    """What is said to it; *before* are the intents of the messages that came before."""
    action_call: Any = call("action_answer", "quella cosa lì", FALLBACK)
    tracker = action_call["tracker"]
    tracker["latest_message"]["intent_ranking"] = [
        {"name": name.split("/")[0], "full_retrieval_intent_name": name, "confidence": share}
        if "/" in name
        else {"name": name, "confidence": share}
        for name, share in ranking
    ]
    tracker["events"] = [
        *({"event": "user", "parse_data": {"intent": {"name": name}}} for name in before),
        {"event": "bot"},
        *tracker["events"],
    ]
    return await run(action_call)


def payloads(result: dict[str, Any]) -> list[str]:
    return [button["payload"] for button in result["responses"][0]["buttons"]]


@pytest.fixture(autouse=True)
def _desk(flow: FakeFlow) -> FakeFlow:
    return flow


async def test_likely_meanings_are_offered_by_their_titles() -> None:
    result = await answered(
        (FALLBACK, 0.25), ("reset_password", 0.22), ("faq/otp_validity", 0.2), ("register", 0.19)
    )

    assert said(result) == ["utter_likely"]
    assert payloads(result) == ["/reset_password", "/faq/otp_validity", f"/{FALLBACK}"]


async def test_an_unlikely_meaning_or_one_without_a_title_is_not_offered() -> None:
    result = await answered((FALLBACK, 0.25), ("thank", 0.2), ("register", 0.07))

    assert said(result) == ["utter_nlu_fallback"]


async def test_the_second_time_asks_for_other_words() -> None:
    result = await answered(("register", 0.2), before=("greet", FALLBACK))

    assert said(result) == ["utter_nlu_fallback"]


async def test_the_third_time_explains_and_offers_a_person() -> None:
    result = await answered(("register", 0.2), before=(FALLBACK, FALLBACK))

    assert said(result) == ["utter_nlu_fallback__person"]


async def test_a_message_understood_between_begins_anew() -> None:
    result = await answered(("register", 0.2), before=(FALLBACK, FALLBACK, "greet"))

    assert said(result) == ["utter_likely"]
