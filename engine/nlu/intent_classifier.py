"""The intent classifier: one kernel model for all languages, over meaning and spelling.

Vectors of one language lie together, whatever they mean; each is moved by the mean of its language
first, so that the same wish in two languages lies in one place. Retrieval intents (`faq/…`) are
classes of their own: the dialogue sees `faq`, the answer is picked by the full name.
"""

from typing import Any, Dict, List, Mapping, Optional, Sequence

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.featurizers.featurizer import Featurizer
from rasa.shared.nlu.constants import (
    FULL_RETRIEVAL_INTENT_NAME_KEY,
    INTENT,
    INTENT_RANKING_KEY,
    RESPONSE_SELECTOR,
    TEXT,
)
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from engine.nlu import kernel_model
from engine.nlu.language_detector import LANGUAGE
from engine.nlu.lexical import LexicalSpace
from engine.nlu.pattern_entities import find_data
from engine.nlu.structured import is_structured
from engine.nlu.training_data import examples_with_intent, full_intent, language_of
from engine.retrieval import SEPARATOR, selected_response

ANSWER_INTENT, OUT_OF_SCOPE = "inform", "out_of_scope"
_DATA_WEIGHT = 0.5  # beside a vector of length 1
_MODEL_FILE, _CENTRES_FILE = "model.npz", "centres.npz"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class KernelIntentClassifier(IntentClassifier, GraphComponent):
    """Sets `intent`, `intent_ranking` and, for retrieval intents, `response_selector`."""

    def __init__(
        self, config: Dict[str, Any], model_storage: ModelStorage, resource: Resource
    ) -> None:
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._model: Optional[kernel_model.KernelModel] = None
        self._lexical: Optional[LexicalSpace] = None
        self._centres: Dict[str, np.ndarray] = {}

    @classmethod
    def required_components(cls) -> List[type]:
        """Any dense featurizer."""
        return [Featurizer]

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """`gamma` is how near is near, `ridge` how little a single sentence counts; `refused` the share of
        customers that may be taken for strangers; `ranking_length` how many intents are told.
        """
        return {
            "gamma": 0.5,
            "ridge": 0.1,
            "refused": 0.03,
            "lexical_dimensions": 500,
            "lexical_weight": 0.8,
            "ranking_length": 10,
        }

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "KernelIntentClassifier":
        """See Rasa's GraphComponent."""
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from every example that has an intent."""
        examples = examples_with_intent(training_data)
        texts = [str(example.get(TEXT)) for example in examples]
        vectors = np.stack([_vector(example) for example in examples])
        languages = np.array([language_of(example) or "" for example in examples])
        self._centres = {
            name: vectors[languages == name].mean(axis=0) for name in sorted(set(languages))
        }
        self._lexical = LexicalSpace.fit(texts, int(self._config["lexical_dimensions"]))
        languages_known = [{name: 1.0} for name in languages]
        features = self._features(texts, vectors, languages_known)
        labels = [full_intent(example) for example in examples]
        gamma, ridge, refused = (float(self._config[k]) for k in ("gamma", "ridge", "refused"))
        self._model = kernel_model.fit(features, labels, gamma, ridge, OUT_OF_SCOPE, refused)
        with self._model_storage.write_to(self._resource) as folder:
            self._model.save(folder / _MODEL_FILE)
            self._lexical.save(folder)
            np.savez(
                folder / _CENTRES_FILE,
                **{f"of_{key}": value for key, value in self._centres.items()},
            )
        return self._resource

    @classmethod
    def load(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "KernelIntentClassifier":
        """See Rasa's GraphComponent."""
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            component._model = kernel_model.KernelModel.load(folder / _MODEL_FILE)
            component._lexical = LexicalSpace.load(folder)
            with np.load(folder / _CENTRES_FILE, allow_pickle=False) as stored:
                component._centres = {key[len("of_") :]: stored[key] for key in stored.files}
        return component

    def process(self, messages: List[Message]) -> List[Message]:
        """Classify each message; what is nothing but a datum is an answer."""
        for message in messages:
            if is_structured(message):
                _set_result(message, {ANSWER_INTENT: 1.0}, ranking_length=1)
            elif self._model is not None and _has_vector(message):
                language = (message.get(LANGUAGE) or {}).get("probabilities") or {}
                features = self._features(
                    [message.get(TEXT)], _vector(message)[None, :], [language]
                )
                row = self._model.probabilities(features)[0]
                scores = dict(zip(self._model.labels, map(float, row), strict=False))
                _set_result(message, scores, int(self._config["ranking_length"]))
            else:
                _set_result(message, {}, 0)
        return messages

    def _features(
        self, texts: Sequence[str], vectors: np.ndarray, languages: Sequence[Mapping[str, float]]
    ) -> np.ndarray:
        """Meaning (without what it owes to its language), spelling, and how much data each text holds."""
        assert self._lexical is not None
        moved = vectors - np.stack([self._centre(language) for language in languages])
        meaning = moved / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-9)
        spelling = float(self._config["lexical_weight"]) * self._lexical.transform(texts)
        data = np.stack([_data_in(text) for text in texts])
        return np.hstack([meaning, spelling, data])

    def _centre(self, language: Mapping[str, float]) -> np.ndarray:
        known = {name: weight for name, weight in language.items() if name in self._centres}
        weights = known or dict.fromkeys(self._centres, 1.0)
        total = sum(self._centres[name] * weight for name, weight in weights.items())
        centre: np.ndarray = total / sum(weights.values())
        return centre


def _data_in(text: str) -> np.ndarray:
    """Whether the text holds data by their form, and which part of it they are."""
    found = find_data(text)
    part = sum(entity["end"] - entity["start"] for entity in found) / max(len(text), 1)
    return np.array([_DATA_WEIGHT * bool(found), _DATA_WEIGHT * part], dtype=np.float32)


def _has_vector(message: Message) -> bool:
    return message.get_dense_features(TEXT)[1] is not None


def _vector(message: Message) -> np.ndarray:
    features = message.get_dense_features(TEXT)[1]
    vector: np.ndarray = features.features[0]
    return vector


def _set_result(message: Message, scores: Mapping[str, float], ranking_length: int) -> None:
    """Write the scores in Rasa's terms; a retrieval intent appears once, with its best key."""
    ranking: List[Dict[str, Any]] = []
    best_keys: Dict[str, str] = {}
    for full_name, confidence in sorted(scores.items(), key=lambda item: -item[1]):
        name = full_name.partition(SEPARATOR)[0]
        entry = {"name": name, "confidence": confidence}
        if SEPARATOR in full_name:
            entry[FULL_RETRIEVAL_INTENT_NAME_KEY] = full_name
            if name in best_keys:
                continue
            best_keys[name] = full_name
        ranking.append(entry)
    for full_name in best_keys.values():
        selected = selected_response(full_name, scores[full_name])
        message.set(RESPONSE_SELECTOR, selected, add_to_output=True)
    top = dict(ranking[0]) if ranking else {"name": None, "confidence": 0.0}
    message.set(INTENT, top, add_to_output=True)
    message.set(INTENT_RANKING_KEY, ranking[:ranking_length], add_to_output=True)
