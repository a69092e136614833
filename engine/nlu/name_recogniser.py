"""Finds names, places, companies and user names: data without a form, known by how they are said.

A conditional random field over the words. Rasa's own CRFEntityExtractor trains anew at every start
(ten seconds); this one keeps crfsuite's model file. The annotated sentences are few, so each is
also shown with other values of the same kind.
"""

import logging
import random
from collections import defaultdict
from typing import Any, Dict, List, Optional, Tuple

import pycrfsuite
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import TOKENS_NAMES
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from engine.nlu.structured import is_structured
from engine.nlu.training_data import examples_with_intent
from engine.nlu.word_features import features_of

logger = logging.getLogger(__name__)

_MODEL_FILE = "names.crfsuite"
_OUTSIDE = "O"
_SEED = 42

Span = Tuple[int, int, str]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class NameRecogniser(GraphComponent, EntityExtractorMixin):
    """Adds what it is sure enough of, and what overlaps nothing found by its form."""

    def __init__(
        self, config: Dict[str, Any], model_storage: ModelStorage, resource: Resource
    ) -> None:
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._tagger: Optional[pycrfsuite.Tagger] = None
        self._model = b""  # the tagger reads in this memory without owning it

    @classmethod
    def required_components(cls) -> List[type]:
        """Works on the words of any tokenizer."""
        return [Tokenizer]

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """`variants`: copies of a sentence with other values; `plain_part`: sentences without names kept."""
        return {
            "entities": ["first_name", "last_name", "company_name", "place_of_birth", "username"],
            "variants": 2,
            "plain_part": 0.4,
            "min_confidence": 0.5,
            "c1": 0.05,
            "c2": 0.05,
            "max_iterations": 70,
        }

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "NameRecogniser":
        """See Rasa's GraphComponent."""
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from the annotated sentences, and from some without annotations."""
        trainer = pycrfsuite.Trainer(verbose=False)
        trainer.set_params({key: self._config[key] for key in ("c1", "c2", "max_iterations")})
        for words, tags in self._sequences(examples_with_intent(training_data)):
            trainer.append(features_of(words), tags)
        with self._model_storage.write_to(self._resource) as folder:
            trainer.train(str(folder / _MODEL_FILE))
        return self._resource

    @classmethod
    def load(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "NameRecogniser":
        """See Rasa's GraphComponent."""
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            component._model = (folder / _MODEL_FILE).read_bytes()
        component._tagger = pycrfsuite.Tagger()
        component._tagger.open_inmemory(component._model)
        return component

    def process(self, messages: List[Message]) -> List[Message]:
        """Add what is found to the message's entities."""
        for message in messages:
            if not is_structured(message):
                found = self.add_extractor_name(self._find(message))
                message.set(ENTITIES, (message.get(ENTITIES) or []) + found, add_to_output=True)
        return messages

    def _sequences(self, examples: List[Message]) -> List[Tuple[List[str], List[str]]]:
        chance = random.Random(_SEED)  # noqa: S311 - repeatable training, no secret
        values: Dict[str, List[str]] = defaultdict(list)
        for example in examples:
            for start, end, entity in self._spans(example):
                values[entity].append(example.get(TEXT)[start:end])
        sequences = []
        for example in examples:
            spans = self._spans(example)
            tokens = [(t.text, t.start) for t in example.get(TOKENS_NAMES[TEXT]) or []]
            words, tags = _tagged(tokens, spans)
            if spans or chance.random() < self._config["plain_part"]:
                sequences.append((words, tags))
            for _ in range(self._config["variants"] if spans else 0):
                sequences.append(_variant(words, tags, values, chance))
        return sequences

    def _spans(self, example: Message) -> List[Span]:
        spans = [(e["start"], e["end"], e["entity"]) for e in example.get(ENTITIES) or []]
        return sorted(span for span in spans if span[2] in self._config["entities"])

    def _find(self, message: Message) -> List[Dict[str, Any]]:
        tokens: List[Token] = message.get(TOKENS_NAMES[TEXT]) or []
        if self._tagger is None or not tokens:
            return []
        tags = self._tagger.tag(features_of([token.text for token in tokens]))
        sureness = [self._tagger.marginal(tag, index) for index, tag in enumerate(tags)]
        taken = message.get(ENTITIES) or []
        found = []
        for first, last, entity in _runs(tags):
            start, end = tokens[first].start, tokens[last].end
            confidence = min(sureness[first : last + 1])
            if confidence >= self._config["min_confidence"] and not _overlaps(start, end, taken):
                value = message.get(TEXT)[start:end]
                found.append(
                    {
                        "entity": entity,
                        "start": start,
                        "end": end,
                        "value": value,
                        "confidence_entity": float(confidence),
                    }
                )
        return found


def _tagged(tokens: List[Tuple[str, int]], spans: List[Span]) -> Tuple[List[str], List[str]]:
    """Words with their tags: `B-` begins an entity, `I-` goes on with it."""
    tags = []
    previous: Optional[Span] = None
    for text, start in tokens:
        span = next((s for s in spans if start < s[1] and s[0] < start + len(text)), None)
        tags.append(_OUTSIDE if span is None else f"{'I' if span == previous else 'B'}-{span[2]}")
        previous = span
    return [text for text, _ in tokens], tags


def _variant(
    words: List[str], tags: List[str], values: Dict[str, List[str]], chance: random.Random
) -> Tuple[List[str], List[str]]:
    """The same sentence about somebody else, in the same writing."""
    new_words: List[str] = []
    new_tags: List[str] = []
    for word, tag in zip(words, tags, strict=False):
        if tag.startswith("I-"):
            continue
        if tag == _OUTSIDE:
            new_words.append(word)
            new_tags.append(tag)
            continue
        value = chance.choice(values[tag[2:]]).split()
        if word.islower():
            value = [part.lower() for part in value]
        new_words += value
        new_tags += [tag] + [f"I-{tag[2:]}"] * (len(value) - 1)
    return new_words, new_tags


def _runs(tags: List[str]) -> List[Tuple[int, int, str]]:
    """First and last word of each entity."""
    runs: List[Tuple[int, int, str]] = []
    for index, tag in enumerate(tags):
        if tag == _OUTSIDE:
            continue
        if tag.startswith("I-") and runs and runs[-1][1] == index - 1 and runs[-1][2] == tag[2:]:
            runs[-1] = (runs[-1][0], index, tag[2:])
        else:
            runs.append((index, index, tag[2:]))
    return runs


def _overlaps(start: int, end: int, entities: List[Dict[str, Any]]) -> bool:
    by_form = (e for e in entities if e.get("extractor") == "PatternEntities")
    return any(start < e["end"] and e["start"] < end for e in by_form)
