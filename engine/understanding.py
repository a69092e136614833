"""From the gateway's request to Rasa's parse data: meaning, language and market of a message."""

from typing import Any, Dict

from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage

from engine import language
from engine.request import MARKETS, Button, TurnRequest
from engine.retrieval import selected_response

# Set by the gateway and by the decisions below, never taken from what a customer wrote.
_DECIDED = ("language", "market", "channel")
_ABOUT_A_PRODUCT = frozenset(
    "register reset_password recover_username link_policy update_mobile view_documents check_request "
    "report_claim faq".split()
)
WRONG_MARKET = "wrong_market"


async def understand(turn: TurnRequest, agent: Agent) -> Dict[str, Any]:
    """Parse data whose entities name the decided language, the market and the channel."""
    if turn.button:
        parse_data = _from_button(turn.button)
    else:
        message = UserMessage(turn.text, sender_id=turn.conversation)
        parse_data = await agent.processor.parse_message(message)  # type: ignore[union-attr]
        _check_market(turn.market, parse_data)
    decided = {
        "language": language.decide(turn.language, parse_data),
        "market": turn.market,
        "channel": turn.channel,
    }
    written = [e for e in parse_data.get("entities") or [] if e.get("entity") not in _DECIDED]
    parse_data["entities"] = written + [
        {"entity": name, "value": value, "confidence_entity": 1.0, "extractor": "gateway"}
        for name, value in decided.items()
    ]
    return parse_data


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
