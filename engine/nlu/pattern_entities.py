"""Finds data by their form, and notes when a message is nothing else."""

from typing import Any, Dict, List, Tuple

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

from engine.nlu.patterns import PATTERNS
from engine.nlu.structured import mark_structured


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class PatternEntities(GraphComponent, EntityExtractorMixin):
    """Adds one entity per span, by the precedence of `patterns.PATTERNS`."""

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "PatternEntities":
        """See Rasa's GraphComponent."""
        return cls()

    def process(self, messages: List[Message]) -> List[Message]:
        """Add what is found to the message's entities."""
        for message in messages:
            text = message.get(TEXT) or ""
            found = self.add_extractor_name(find_data(text))
            message.set(ENTITIES, (message.get(ENTITIES) or []) + found, add_to_output=True)
            if found and not _has_words(text, [(e["start"], e["end"]) for e in found]):
                mark_structured(message)
        return messages


def find_data(text: str) -> List[Dict[str, Any]]:
    """The data in a text, in its order, as Rasa entities."""
    taken: List[Tuple[int, int, str]] = []
    for pattern in PATTERNS:
        for start, end in pattern.spans(text):
            if all(end <= other_start or other_end <= start for other_start, other_end, _ in taken):
                taken.append((start, end, pattern.entity))
    return [
        {
            "entity": entity,
            "start": start,
            "end": end,
            "value": text[start:end],
            "confidence_entity": 1.0,
        }
        for start, end, entity in sorted(taken)
    ]


def _has_words(text: str, spans: List[Tuple[int, int]]) -> bool:
    outside = "".join(c for i, c in enumerate(text) if not any(s <= i < e for s, e in spans))
    return any(char.isalnum() for char in outside)
