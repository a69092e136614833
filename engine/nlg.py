"""Chooses the wording of a response: by language, market and channel, the most specific first.

Rasa's own choice prefers a channel variation in the wrong language to a general one in the right
one, draws lots among equals, and shows the raw template when a placeholder has no value. This one
takes the variation with the most matching conditions (of equals the first written), adds the
market's facts as placeholders, and never lets a brace through.
"""

import copy
import logging
import os
import re
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional

from rasa.core.nlg import TemplatedNaturalLanguageGenerator
from rasa.shared.constants import CHANNEL, RESPONSE_CONDITION
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from engine.markets import load_facts

logger = logging.getLogger(__name__)

SAFE_DEFAULT = "utter_default"
_PLACEHOLDER = re.compile(r"\{([A-Za-z_]\w*)\}")
_FILLED_KEYS = ("text", "image", "custom", "buttons", "attachment", "quick_replies")


class MissingValue(Exception):
    """A response speaks of something that nobody gave a value for."""


class MarketResponses(TemplatedNaturalLanguageGenerator):
    """`nlg: {type: engine.nlg.MarketResponses, markets: markets}` in endpoints.yml."""

    def __init__(self, endpoint_config: EndpointConfig, domain: Domain) -> None:
        super().__init__(domain.responses)
        folder = endpoint_config.kwargs.get("markets") or os.environ.get("SPORTELLO_MARKETS_DIR")
        self.market_facts = load_facts(Path(folder or "markets"))

    async def generate(
        self, utter_action: str, tracker: DialogueStateTracker, output_channel: str, **kwargs: Any
    ) -> Optional[Dict[str, Any]]:
        """The filled response for the slots of the tracker."""
        return self.generate_from_slots(
            utter_action, tracker.current_slot_values(), output_channel, **kwargs
        )

    def generate_from_slots(
        self, utter_action: str, filled_slots: Dict[str, Any], output_channel: str, **kwargs: Any
    ) -> Optional[Dict[str, Any]]:
        """The best variation that can be filled; else the safe default; else nothing."""
        values = self._values(filled_slots, kwargs)
        for name in dict.fromkeys((utter_action, SAFE_DEFAULT)):
            variations = self._matching(name, output_channel, {**filled_slots, **kwargs})
            for variation in variations:
                try:
                    return _filled(copy.deepcopy(variation), values)
                except MissingValue as missing:
                    logger.error("response %s: no value for {%s}", name, missing)
            if not variations:
                logger.error("response %s: no variation fits this conversation", name)
        return None

    def _values(self, slots: Mapping[str, Any], facts: Mapping[str, Any]) -> Dict[str, Any]:
        market = str(facts.get("market") or slots.get("market"))
        return {**self.market_facts.get(market, {}), **_given(slots), **_given(facts)}

    def _matching(
        self, name: str, output_channel: str, slots: Mapping[str, Any]
    ) -> List[Dict[str, Any]]:
        channel = slots.get("channel")
        fitting = [
            variation
            for variation in self.responses.get(name, ())
            if variation.get(CHANNEL) in (None, output_channel, channel)
            and _conditions_hold(variation, slots)
        ]
        # sorted() is stable: of equally specific variations the first written wins
        return sorted(fitting, key=_specificity, reverse=True)


def _given(values: Mapping[str, Any]) -> Dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}


def _specificity(variation: Mapping[str, Any]) -> int:
    return len(variation.get(RESPONSE_CONDITION) or ()) + (variation.get(CHANNEL) is not None)


def _conditions_hold(variation: Mapping[str, Any], slots: Mapping[str, Any]) -> bool:
    return all(
        _same(slots.get(condition["name"]), condition["value"])
        for condition in variation.get(RESPONSE_CONDITION) or ()
    )


def _same(actual: Any, wanted: Any) -> bool:
    if isinstance(actual, str) and isinstance(wanted, str):
        return actual.casefold() == wanted.casefold()
    return bool(actual == wanted)


def _filled(response: Dict[str, Any], values: Mapping[str, Any]) -> Dict[str, Any]:
    for key in _FILLED_KEYS:
        if key in response:
            response[key] = _fill(response[key], values)
    return response


def _fill(part: Any, values: Mapping[str, Any]) -> Any:
    if isinstance(part, str):
        return _fill_text(part, values)
    if isinstance(part, dict):
        return {key: _fill(value, values) for key, value in part.items()}
    if isinstance(part, list):
        return [_fill(item, values) for item in part]
    return part


def _fill_text(text: str, values: Mapping[str, Any]) -> str:
    def value_of(match: "re.Match[str]") -> str:
        if match.group(1) not in values:
            raise MissingValue(match.group(1))
        return str(values[match.group(1)])

    # Doubled braces are Rasa's way to write a brace that is none of a placeholder's (JSON in payloads).
    if "{{" not in text:
        return _PLACEHOLDER.sub(value_of, text)
    parts = re.split(r"(\{\{|\}\})", text)
    return "".join(
        part[0] if part in ("{{", "}}") else _PLACEHOLDER.sub(value_of, part) for part in parts
    )
