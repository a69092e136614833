"""Settles which extractor is right where two found something in the same place."""

from typing import Any, Dict, List

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, ENTITY_ATTRIBUTE_END, ENTITY_ATTRIBUTE_START
from rasa.shared.nlu.training_data.message import Message

# The form of a datum is stronger evidence than the words around it. A choice may lie inside a datum ("Azienda
# Agricola Rossi"), so look-ups supersede only what means the same.
_BY_FORM, _BY_LOOKUP, _LEARNED = "PatternEntities", "LookupEntities", "CRFEntityExtractor"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class OneEntityPerSpan(GraphComponent):
    """Drops what the learned extractor found inside or across a datum found by its form."""

    def __init__(self, config: Dict[str, Any]) -> None:
        self._min_confidence = float(config["min_confidence"])

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """`min_confidence`: what the learned extractor is less sure of is dropped."""
        return {"min_confidence": 0.5}

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "OneEntityPerSpan":
        """See Rasa's GraphComponent."""
        return cls(config)

    def process(self, messages: List[Message]) -> List[Message]:
        """Rewrite the entities of each message."""
        for message in messages:
            entities = message.get(ENTITIES) or []
            kept = [entity for entity in entities if not self._is_superseded(entity, entities)]
            message.set(ENTITIES, kept, add_to_output=True)
        return messages

    def _is_superseded(self, entity: Dict[str, Any], entities: List[Dict[str, Any]]) -> bool:
        if entity.get("extractor") != _LEARNED:
            return False
        is_unsure = float(entity.get("confidence_entity") or 0) < self._min_confidence
        return is_unsure or any(_supersedes(other, entity) for other in entities)


def _supersedes(one: Dict[str, Any], other: Dict[str, Any]) -> bool:
    if one.get("extractor") == _BY_LOOKUP:
        return bool(one["entity"] == other["entity"])
    return one.get("extractor") == _BY_FORM and _overlap(one, other)


def _overlap(one: Dict[str, Any], other: Dict[str, Any]) -> bool:
    return bool(
        one[ENTITY_ATTRIBUTE_START] < other[ENTITY_ATTRIBUTE_END]
        and other[ENTITY_ATTRIBUTE_START] < one[ENTITY_ATTRIBUTE_END]
    )
