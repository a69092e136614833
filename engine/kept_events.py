"""Copies of tracker events without anything that a customer wrote or must not be read back."""

import copy
import logging
from typing import Any, Callable, Dict, Iterable, List, Optional, Type

from rasa.shared.core.constants import REQUESTED_SLOT, SESSION_START_METADATA_SLOT
from rasa.shared.core.events import (
    AllSlotsReset,
    BotUttered,
    EntitiesAdded,
    Event,
    Restarted,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.nlu.constants import RESPONSE_SELECTOR

from engine import masking

logger = logging.getLogger(__name__)

_KEPT_USER_METADATA = ("market", "language", "channel")
_KEPT_BOT_METADATA = ("utter_action", "model_id", "assistant_id")
_KEPT_INTENT = ("name", "confidence", "full_retrieval_intent_name")
_FORGETS_THE_QUESTION = (SessionStarted, Restarted, AllSlotsReset)
_NOT_DATA = (bool, int, float, type(None))


def masked(events: Iterable[Event], asking: Optional[str] = None) -> List[Event]:
    """Masked copies, in order; `asking` is the slot that was being asked for before the first one."""
    kept = []
    for event in events:
        kept.append(
            _masked_user(event, asking) if isinstance(event, UserUttered) else _masked(event)
        )
        asking = asked_after(event, asking)
    return kept


def asked_after(event: Event, asking: Optional[str]) -> Optional[str]:
    """The slot being asked for once `event` has happened."""
    if isinstance(event, SlotSet) and event.key == REQUESTED_SLOT:
        return event.value
    return None if isinstance(event, _FORGETS_THE_QUESTION) else asking


def _masked(event: Event) -> Event:
    for event_class, mask in _MASKS.items():
        if isinstance(event, event_class):
            return mask(event)
    return event


def _masked_user(event: UserUttered, asking: Optional[str]) -> UserUttered:
    text = masking.mask_message(event.text, event.entities, asking, event.intent)
    intent = {key: event.intent[key] for key in _KEPT_INTENT if key in event.intent}
    entities = masking.mask_entities(event.entities)
    metadata = {key: event.metadata[key] for key in _KEPT_USER_METADATA if key in event.metadata}
    parse_data: Dict[str, Any] = {"intent": intent, "entities": entities, "text": text}
    selected = _selected_response(event.parse_data)
    if selected:
        parse_data[RESPONSE_SELECTOR] = selected
    return UserUttered(
        text=text,
        intent=intent,
        entities=entities,
        parse_data=parse_data,  # type: ignore[arg-type]
        timestamp=event.timestamp,
        input_channel=event.input_channel,
        message_id=event.message_id,
        metadata={**metadata, **_rasa_ids(event)},
        use_text_for_featurization=event.use_text_for_featurization,
    )


def _selected_response(parse_data: Any) -> Optional[Dict[str, Any]]:
    """Which answer a retrieval intent selected: its key only, without ranking and texts."""
    selectors = (parse_data or {}).get(RESPONSE_SELECTOR) or {}
    chosen = {
        name: {
            "response": {
                key: selector.get("response", {}).get(key)
                for key in ("intent_response_key", "utter_action", "confidence")
            }
        }
        for name, selector in selectors.items()
        if isinstance(selector, dict)
    }
    return chosen or None


def _masked_bot(event: BotUttered) -> BotUttered:
    data = {
        key: [_masked_button(button) for button in value]
        if key == "buttons"
        else _masked_data(value)
        for key, value in (event.data or {}).items()
        if value and key in ("buttons", "custom")
    }
    metadata = {key: event.metadata[key] for key in _KEPT_BOT_METADATA if key in event.metadata}
    return BotUttered(masking.mask_bot_text(event.text), data, metadata, event.timestamp)


def _masked_button(button: Dict[str, Any]) -> Dict[str, Any]:
    return {
        "title": masking.mask_bot_text(str(button.get("title", ""))),
        "payload": masking.mask_bot_text(str(button.get("payload", ""))),
    }


def _masked_data(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: _masked_data(item) for key, item in value.items() if key not in ("url", "token")
        }
    if isinstance(value, list):
        return [_masked_data(item) for item in value]
    return (
        masking.mask_bot_text(value)
        if isinstance(value, str) and not masking.is_id(value)
        else value
    )


def _masked_slot(event: SlotSet) -> SlotSet:
    if event.key == REQUESTED_SLOT:
        return event
    if event.key == SESSION_START_METADATA_SLOT:
        kept = {key: event.value[key] for key in _KEPT_USER_METADATA if key in (event.value or {})}
        return SlotSet(event.key, kept, event.timestamp, event.metadata)
    value = _slot_value(event.key, event.value)
    if value is event.value:
        return event
    logger.error(
        "slot %s held something that is no mask; the store keeps a mask instead", event.key
    )
    return SlotSet(event.key, value, event.timestamp, event.metadata)


def _slot_value(name: str, value: Any) -> Any:
    """`value` itself when it may be stored; what may be stored of it otherwise."""
    if isinstance(value, _NOT_DATA):
        return (
            value
            if name not in masking.PERSONAL_SLOTS or value in (None, True, False)
            else masking.MASK
        )
    if isinstance(value, str):
        return value if _may_store(name, value) else masking.MASK
    if isinstance(value, dict):
        kept: Any = {key: _slot_value(name, item) for key, item in value.items()}
    elif isinstance(value, (list, tuple)):
        kept = [_slot_value(name, item) for item in value]
    else:
        return masking.MASK
    return value if kept == value else kept


def _may_store(name: str, value: str) -> bool:
    if masking.looks_masked(value) or not value:
        return True
    if name in masking.PERSONAL_SLOTS:
        return False
    return masking.is_choice(value) or masking.is_id(value) or masking.mask_bot_text(value) == value


def _masked_added_entities(event: EntitiesAdded) -> EntitiesAdded:
    return EntitiesAdded(masking.mask_entities(event.entities), event.timestamp, event.metadata)


def _rasa_ids(event: Event) -> Dict[str, Any]:
    return {
        key: copy.copy(event.metadata[key])
        for key in ("model_id", "assistant_id")
        if key in event.metadata
    }


_MASKS: Dict[Type[Event], Callable[[Any], Event]] = {
    BotUttered: _masked_bot,
    SlotSet: _masked_slot,
    EntitiesAdded: _masked_added_entities,
}
