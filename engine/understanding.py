"""From the gateway's request to Rasa's parse data: meaning, language and market of a message."""

import os
from pathlib import Path
from typing import Any, Dict, Mapping, Optional

from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage

from engine import language
from engine.markets import EngineMarket, load_markets, other_market_named
from engine.request import Button, TurnRequest

# Set by the gateway and by the decisions below, never taken from what a customer wrote.
_DECIDED = ("language", "market", "channel")
_RETRIEVAL_SEPARATOR = "/"
_ABOUT_A_PRODUCT = frozenset(
    "register reset_password recover_username link_policy update_mobile view_documents check_request "
    "report_claim faq".split()
)
WRONG_MARKET = "wrong_market"


class Understanding:
    """Parses with the agent's model and settles what the model cannot know."""

    def __init__(self, markets: Optional[Mapping[str, EngineMarket]] = None) -> None:
        folder = Path(os.environ.get("SPORTELLO_MARKETS_DIR", "markets"))
        self._markets = load_markets(folder) if markets is None else markets

    async def of(self, turn: TurnRequest, agent: Agent) -> Dict[str, Any]:
        """Parse data whose entities name the decided language, the market and the channel."""
        if turn.button:
            parse_data = _from_button(turn.button)
        else:
            message = UserMessage(turn.text, sender_id=turn.conversation)
            parse_data = await agent.processor.parse_message(message)  # type: ignore[union-attr]
            self._check_market(turn, parse_data)
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

    def _check_market(self, turn: TurnRequest, parse_data: Dict[str, Any]) -> None:
        name = (parse_data.get("intent") or {}).get("name")
        if name in _ABOUT_A_PRODUCT and other_market_named(turn.text, turn.market, self._markets):
            parse_data["intent"] = {"name": WRONG_MARKET, "confidence": 1.0}


def _from_button(button: Button) -> Dict[str, Any]:
    name, _, _key = button.intent.partition(_RETRIEVAL_SEPARATOR)
    parse_data: Dict[str, Any] = {
        "text": button.text,
        "intent": {"name": name, "confidence": 1.0},
        "intent_ranking": [{"name": name, "confidence": 1.0}],
        "entities": [
            {"entity": entity, "value": value, "confidence_entity": 1.0, "extractor": "button"}
            for entity, value in button.entities.items()
        ],
    }
    if _key:
        parse_data["response_selector"] = selected_response(button.intent, 1.0)
        parse_data["intent"]["full_retrieval_intent_name"] = button.intent
    return parse_data


def selected_response(full_intent: str, confidence: float) -> Dict[str, Any]:
    """What Rasa's response action reads to answer the retrieval intent `full_intent`."""
    retrieval_intent = full_intent.partition(_RETRIEVAL_SEPARATOR)[0]
    return {
        retrieval_intent: {
            "response": {
                "intent_response_key": full_intent,
                "utter_action": f"utter_{full_intent}",
                "confidence": confidence,
            },
            "ranking": [{"confidence": confidence, "intent_response_key": full_intent}],
        }
    }
