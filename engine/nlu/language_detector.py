"""In which language a message is written: character n-grams and a linear classifier.

Learns from the `metadata: {language: it}` of the training examples, and puts
`language: {name, confidence, probabilities}` into the parse result.
"""

import json
import re
from typing import Any, Dict, List, Optional

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from sklearn.feature_extraction.text import TfidfVectorizer

from engine.nlu import linear_model
from engine.nlu.ngrams import MessageNgrams
from engine.nlu.training_data import examples_with_intent, language_of

LANGUAGE = "language"
LANGUAGE_WITH_NAMES = "language_with_names"
"""The name alone; whoever reads names wants to know of their language, too."""
_NGRAMS = (1, 4)
# Capitals within a sentence, or on neighbouring words, and addresses: names, which are of no language.
_NAMES = re.compile(
    r"(?<![.!?…:]\s)(?<!^)\b(?!I\b)[A-ZÀ-Þ][a-zà-ÿ'’]+(?:[-'’][A-Za-zà-ÿ]+)*"
    r"|^[A-ZÀ-Þ][\w'’-]+(?=\s+[A-ZÀ-Þ][a-z])"
    r"|\S+@\S+"
)
_FEWEST_WORDS = 2
_MODEL_FILE, _VOCABULARY_FILE = "model.npz", "vocabulary.json"


def _vectorizer(
    vocabulary: Optional[Dict[str, int]] = None, max_features: Optional[int] = None
) -> TfidfVectorizer:
    return TfidfVectorizer(
        analyzer="char_wb",
        ngram_range=_NGRAMS,
        sublinear_tf=True,
        vocabulary=vocabulary,
        max_features=max_features,
        preprocessor=_letters,
    )


def _letters(text: str) -> str:
    """Lower case without digits: numbers are of no language."""
    return "".join(char for char in text.lower() if not char.isdigit())


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class LanguageDetector(GraphComponent):
    """Sets the message property `language`."""

    def __init__(
        self, config: Dict[str, Any], model_storage: ModelStorage, resource: Resource
    ) -> None:
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._ngrams: Optional[MessageNgrams] = None
        self._model: Optional[linear_model.LinearModel] = None

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """`strength` is the inverse regularisation, `max_features` the number of n-grams kept."""
        return {"strength": 10.0, "max_features": 12000}

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "LanguageDetector":
        """See Rasa's GraphComponent."""
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from all examples that say their language."""
        examples = [e for e in examples_with_intent(training_data) if language_of(e)]
        # names, places and numbers are of no language: blank what is annotated, then what looks like it
        texts = [_without_names(_without_entities(e)) for e in examples]
        vectorizer = _vectorizer(max_features=int(self._config["max_features"]))
        features = vectorizer.fit_transform(texts)
        labels = [str(language_of(e)) for e in examples]
        model = linear_model.fit(features, labels, float(self._config["strength"]))
        vocabulary = {gram: int(index) for gram, index in vectorizer.vocabulary_.items()}
        with self._model_storage.write_to(self._resource) as folder:
            model.save(folder / _MODEL_FILE)
            content = {"vocabulary": vocabulary, "idf": vectorizer.idf_.tolist()}
            (folder / _VOCABULARY_FILE).write_text(json.dumps(content), "utf-8")
        self._ngrams, self._model = MessageNgrams(vectorizer), model
        return self._resource

    @classmethod
    def load(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "LanguageDetector":
        """See Rasa's GraphComponent."""
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            component._model = linear_model.LinearModel.load(folder / _MODEL_FILE)
            content = json.loads((folder / _VOCABULARY_FILE).read_text("utf-8"))
        vectorizer = _vectorizer(vocabulary=content["vocabulary"])
        vectorizer.idf_ = np.array(content["idf"])
        component._ngrams = MessageNgrams(vectorizer)
        return component

    def process(self, messages: List[Message]) -> List[Message]:
        """Set `language` of each message, also in the parse output."""
        for message in messages:
            text = message.get(TEXT) or ""
            rest = _without_names(text)
            found = self._detect(rest)
            with_names = found if rest == text else self._detect(text)
            message.set(LANGUAGE, found, add_to_output=True)
            message.set(LANGUAGE_WITH_NAMES, with_names["name"])
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Training examples know their language already."""
        for example in examples_with_intent(training_data):
            name = language_of(example)
            known = {"name": name, "confidence": 1.0, "probabilities": {name: 1.0}}
            example.set(LANGUAGE, known if name else self.detect(example.get(TEXT)))
        return training_data

    def detect(self, text: str) -> Dict[str, Any]:
        """Name, confidence and all probabilities; a text without letters is of no language."""
        return self._detect(_without_names(text))

    def _detect(self, text: str) -> Dict[str, Any]:
        if self._model is None or self._ngrams is None or not any(map(str.isalpha, text)):
            return {"name": None, "confidence": 0.0, "probabilities": {}}
        places, weights = self._ngrams.weighed(text)
        row = self._model.of_row(places, weights)
        best = int(row.argmax())
        probabilities = {
            label: round(float(p), 4) for label, p in zip(self._model.labels, row, strict=False)
        }
        return {
            "name": self._model.labels[best],
            "confidence": float(row[best]),
            "probabilities": probabilities,
        }


def _without_entities(example: Message) -> str:
    text = str(example.get(TEXT))
    for entity in sorted(example.get(ENTITIES) or [], key=lambda e: -int(e["start"])):
        text = text[: entity["start"]] + " " + text[entity["end"] :]
    return text if text.strip() else str(example.get(TEXT))


def _without_names(text: str) -> str:
    """Where nothing to speak of would be left, the text as it is."""
    rest = _NAMES.sub(" ", text)
    words = sum(any(map(str.isalpha, word)) for word in rest.split())
    return rest if words >= _FEWEST_WORDS else text
