"""Finds names, places, companies and user names: data without a form, known by how they are said.

A conditional random field over the words. Rasa's own CRFEntityExtractor trains anew at every start
(ten seconds); this one keeps crfsuite's model file. Each annotated sentence is also shown with
other values of the same kind, from other sentences and from lists, and now and then without the
hint that a word is on a list: most names of the world are on none.
"""

import logging
from collections import Counter
from typing import Any, Dict, FrozenSet, List, Optional, Tuple

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

from engine.nlu.language_detector import LANGUAGE_WITH_NAMES
from engine.nlu.name_rules import settled
from engine.nlu.name_variants import OUTSIDE, Variants, chance_of, own_values
from engine.nlu.structured import is_structured
from engine.nlu.training_data import examples_with_intent, language_of
from engine.nlu.word_features import features_of

logger = logging.getLogger(__name__)

_MODEL_FILE, _WORDS_FILE = "names.crfsuite", "plain_words.txt"

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
        self._plain: FrozenSet[str] = frozenset()

    @classmethod
    def required_components(cls) -> List[type]:
        """Works on the words of any tokenizer."""
        return [Tokenizer]

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """`variants`: copies of a sentence with other values; `unlisted_part`: how many of them go without
        the lists; `plain_part`: how many sentences without names are kept."""
        return {
            "entities": ["first_name", "last_name", "company_name", "place_of_birth", "username"],
            "variants": 4,
            "unlisted_part": 0.3,
            "plain_part": 1.0,
            "min_confidence": 0.4,
            "c1": 0.05,
            "c2": 0.05,
            "max_iterations": 50,  # with more it learns the lists by heart
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
        examples = examples_with_intent(training_data)
        self._plain = self._plain_words(examples)
        trainer = pycrfsuite.Trainer(verbose=False)
        trainer.set_params({key: self._config[key] for key in ("c1", "c2", "max_iterations")})
        for words, tags, with_lists in self._sequences(examples):
            trainer.append(features_of(words, self._plain, with_lists), tags)
        with self._model_storage.write_to(self._resource) as folder:
            trainer.train(str(folder / _MODEL_FILE))
            (folder / _WORDS_FILE).write_text("\n".join(sorted(self._plain)), "utf-8")
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
            component._plain = frozenset((folder / _WORDS_FILE).read_text("utf-8").split("\n"))
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

    def _sequences(self, examples: List[Message]) -> List[Tuple[List[str], List[str], bool]]:
        variants = Variants(
            own_values(
                [
                    (language_of(example) or "", entity, example.get(TEXT)[start:end])
                    for example in examples
                    for start, end, entity in self._spans(example)
                ]
            )
        )
        sequences = []
        for example in examples:
            words, tags = self._tagged(example)
            chance = chance_of(" ".join(words))
            is_annotated = any(tag != OUTSIDE for tag in tags)
            if is_annotated or chance.random() < self._config["plain_part"]:
                sequences.append((words, tags, True))
            for number in range(self._config["variants"] if is_annotated else 0):
                seen = chance.random() >= self._config["unlisted_part"]
                other = variants.of(words, tags, language_of(example) or "", number)
                sequences.append((*other, seen))
        return sequences

    def _plain_words(self, examples: List[Message]) -> FrozenSet[str]:
        """Words that are no value, said in more than one sentence: a word said once is as good as unknown."""
        counted = Counter(
            word
            for example in examples
            for word in {
                word.lower()
                for word, tag in zip(*self._tagged(example), strict=True)
                if tag == OUTSIDE
            }
        )
        return frozenset(word for word, times in counted.items() if times > 1)

    def _tagged(self, example: Message) -> Tuple[List[str], List[str]]:
        tokens = [(t.text, t.start) for t in example.get(TOKENS_NAMES[TEXT]) or []]
        return _tagged(tokens, self._spans(example))

    def _spans(self, example: Message) -> List[Span]:
        spans = [(e["start"], e["end"], e["entity"]) for e in example.get(ENTITIES) or []]
        return sorted(span for span in spans if span[2] in self._config["entities"])

    def _find(self, message: Message) -> List[Dict[str, Any]]:
        tokens: List[Token] = message.get(TOKENS_NAMES[TEXT]) or []
        if self._tagger is None or not tokens:
            return []
        words = [token.text for token in tokens]
        tags = self._tagger.tag(features_of(words, self._plain))
        sureness = [self._tagger.marginal(tag, index) for index, tag in enumerate(tags)]
        taken = message.get(ENTITIES) or []
        found = []
        language = message.get(LANGUAGE_WITH_NAMES) or ""
        for first, last, entity in settled(words, _runs(tags), language):
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
        tags.append(OUTSIDE if span is None else f"{'I' if span == previous else 'B'}-{span[2]}")
        previous = span
    return [text for text, _ in tokens], tags


def _runs(tags: List[str]) -> List[Tuple[int, int, str]]:
    """First and last word of each entity; two of a kind side by side are one ("Rossi" "Bravo")."""
    runs: List[Tuple[int, int, str]] = []
    for index, tag in enumerate(tags):
        if tag == OUTSIDE:
            continue
        if runs and runs[-1][1] == index - 1 and runs[-1][2] == tag[2:]:
            runs[-1] = (runs[-1][0], index, tag[2:])
        else:
            runs.append((index, index, tag[2:]))
    return runs


def _overlaps(start: int, end: int, entities: List[Dict[str, Any]]) -> bool:
    by_form = (e for e in entities if e.get("extractor") == "PatternEntities")
    return any(start < e["end"] and e["start"] < end for e in by_form)
