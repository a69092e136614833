"""Finds the words for a choice (profile, policy type, channel, language, brand) and says which choice it is.

Rasa's RegexEntityExtractor leaves out a table unless the training sentences annotate its entity, and its
EntitySynonymMapper maps any entity, so that the surname Italiano would become the language `it`.
"""

import json
import re
from typing import Any, Dict, List, Mapping, Pattern

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

_FILE = "lookups.json"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class LookupEntities(GraphComponent, EntityExtractorMixin):
    """One entity per word found; its value is the synonym's, or the word in lower case."""

    def __init__(self, model_storage: ModelStorage, resource: Resource) -> None:
        self._model_storage = model_storage
        self._resource = resource
        self._patterns: Dict[str, Pattern[str]] = {}
        self._values: Mapping[str, Mapping[str, str]] = {}

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "LookupEntities":
        """See Rasa's GraphComponent."""
        return cls(model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Read the look-up tables and synonyms of the training data."""
        synonyms = {word.lower(): value for word, value in training_data.entity_synonyms.items()}
        tables: Dict[str, Dict[str, str]] = {}
        for table in training_data.lookup_tables:
            words = [str(word).lower() for word in table["elements"]]
            tables.setdefault(table["name"], {}).update(
                {word: synonyms.get(word, word) for word in words}
            )
        with self._model_storage.write_to(self._resource) as folder:
            (folder / _FILE).write_text(json.dumps(tables), "utf-8")
        self._use(tables)
        return self._resource

    @classmethod
    def load(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "LookupEntities":
        """See Rasa's GraphComponent."""
        component = cls(model_storage, resource)
        with model_storage.read_from(resource) as folder:
            component._use(json.loads((folder / _FILE).read_text("utf-8")))
        return component

    def _use(self, tables: Mapping[str, Mapping[str, str]]) -> None:
        self._values = tables
        self._patterns = {entity: _any_of(list(words)) for entity, words in tables.items() if words}

    def process(self, messages: List[Message]) -> List[Message]:
        """Add what is found to the message's entities."""
        for message in messages:
            found = self.add_extractor_name(self._find(message.get(TEXT) or ""))
            message.set(ENTITIES, (message.get(ENTITIES) or []) + found, add_to_output=True)
        return messages

    def _find(self, text: str) -> List[Dict[str, Any]]:
        return [
            {
                "entity": entity,
                "start": match.start(),
                "end": match.end(),
                "value": self._values[entity][re.sub(r"\s+", " ", match.group().lower())],
                "confidence_entity": 1.0,
            }
            for entity, pattern in self._patterns.items()
            for match in pattern.finditer(text)
        ]


def _any_of(words: List[str]) -> Pattern[str]:
    longest_first = sorted(words, key=len, reverse=True)
    alternatives = "|".join(r"\s+".join(map(re.escape, word.split())) for word in longest_first)
    return re.compile(rf"(?i)(?<!\w)(?:{alternatives})(?!\w)")
