"""From the gateway's request to Rasa's parse data: meaning, language and market of a message."""

from typing import Any, Dict, Mapping, Optional, Tuple

from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME as FALLBACK
from rasa.shared.core.trackers import DialogueStateTracker

from engine import language
from engine.request import MARKETS, Button, TurnRequest
from engine.retrieval import selected_response

_ABOUT_A_PRODUCT = frozenset(
    "register reset_password recover_username link_policy update_mobile view_documents "
    "check_request report_claim faq".split()
)
WRONG_MARKET = "wrong_market"
_TASKS = frozenset((_ABOUT_A_PRODUCT | {"talk_to_human"}) - {"faq"})
# Data that come along drown the wish they come with; then a good second place is the wish.
_LEAST_SHARE_OF_A_TASK = 0.15


async def understand(
    turn: TurnRequest, agent: Agent, tracker: Optional[DialogueStateTracker]
) -> Tuple[Dict[str, Any], Dict[str, str]]:
    """The parse data, and the language, market and channel of the turn.

    The latter become entities, from which the slots of the same names are filled, where they are news.
    """
    if turn.button:
        parse_data = _from_button(turn.button)
    else:
        message = UserMessage(turn.text, sender_id=turn.conversation)
        parse_data = await agent.processor.parse_message(message, tracker)  # type: ignore[union-attr]
        _find_task_behind_data(parse_data, tracker)
        _check_market(turn.market, parse_data)
    decided = {
        "language": language.decide(turn.language, parse_data),
        "market": turn.market,
        "channel": turn.channel,
    }
    known = _slots_of_session(agent, tracker)
    written = [e for e in parse_data.get("entities") or [] if e.get("entity") not in decided]
    parse_data["entities"] = written + [
        {"entity": name, "value": value, "confidence_entity": 1.0, "extractor": "gateway"}
        for name, value in decided.items()
        if known.get(name) != value
    ]
    return parse_data, decided


def _slots_of_session(agent: Agent, tracker: Optional[DialogueStateTracker]) -> Mapping[str, Any]:
    """The slots that the turn will find: none if it begins a new session."""
    if tracker is None or agent.processor is None or agent.processor._has_session_expired(tracker):
        return {}
    return tracker.current_slot_values()


def _find_task_behind_data(
    parse_data: Dict[str, Any], tracker: Optional[DialogueStateTracker]
) -> None:
    """ "I want to register, I am Ann Green, policy 12345678" asks for a task, where none is under way."""
    in_a_flow = tracker is not None and bool(tracker.active_loop_name)
    name = (parse_data.get("intent") or {}).get("name")
    if in_a_flow or name not in ("inform", FALLBACK) or not parse_data.get("entities"):
        return
    ranking = [
        r for r in parse_data.get("intent_ranking") or [] if r["name"] not in ("inform", FALLBACK)
    ]
    if (
        ranking
        and ranking[0]["name"] in _TASKS
        and ranking[0]["confidence"] >= _LEAST_SHARE_OF_A_TASK
    ):
        parse_data["intent"] = dict(ranking[0])


def _check_market(market: str, parse_data: Dict[str, Any]) -> None:
    """Whoever names only another market's product, and wants something of it, is in the wrong place."""
    entities = parse_data.get("entities") or []
    named = {entity.get("value") for entity in entities if entity.get("entity") == "brand"}
    named &= set(MARKETS)
    name = (parse_data.get("intent") or {}).get("name")
    if name in _ABOUT_A_PRODUCT and named and market not in named:
        parse_data["intent"] = {"name": WRONG_MARKET, "confidence": 1.0}


def _from_button(button: Button) -> Dict[str, Any]:
    name, _, key = button.intent.partition("/")
    parse_data: Dict[str, Any] = {
        "text": button.text,
        "intent": {"name": name, "confidence": 1.0},
        "intent_ranking": [{"name": name, "confidence": 1.0}],
        "entities": [
            {"entity": entity, "value": value, "confidence_entity": 1.0, "extractor": "button"}
            for entity, value in button.entities.items()
        ],
    }
    if key:
        parse_data["response_selector"] = selected_response(button.intent, 1.0)
        parse_data["intent"]["full_retrieval_intent_name"] = button.intent
    return parse_data
