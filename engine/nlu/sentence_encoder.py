"""The dense featurizer: one multilingual vector for the whole sentence."""

import logging
from typing import Any, Dict, List

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import DENSE_FEATURIZABLE_ATTRIBUTES
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from engine.nlu import encoders
from engine.nlu.structured import is_structured
from engine.nlu.training_data import examples_with_intent

logger = logging.getLogger(__name__)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class SentenceEncoder(DenseFeaturizer, GraphComponent):
    """Encodes what a classifier will read; a message that is nothing but a datum is skipped."""

    def __init__(self, config: Dict[str, Any], name: str) -> None:
        super().__init__(name, config)
        self._encoder = encoders.create(config)

    @classmethod
    def required_components(cls) -> List[type]:
        """Rasa wants every featurizer to stand behind a tokenizer."""
        return [Tokenizer]

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """`onnx_path`: folder of an ONNX export instead of the packaged model; `threads`: else one."""
        return {
            **DenseFeaturizer.get_default_config(),
            "alias": "sentence_encoder",
            "threads": None,
            "onnx_path": None,
        }

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "SentenceEncoder":
        """See Rasa's GraphComponent."""
        return cls(config, execution_context.node_name)

    @classmethod
    def validate_config(cls, config: Dict[str, Any]) -> None:
        """Nothing that `encoders.create` would not say itself."""

    def process(self, messages: List[Message]) -> List[Message]:
        """Add the vector to each message that needs understanding."""
        for message in messages:
            text = message.get(TEXT)
            if text and not is_structured(message):
                self._add(message, self._encoder.encode([text])[0])
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Encode all examples, the known ones from the cache on disk."""
        examples = examples_with_intent(training_data)
        cached = encoders.CachedEncoder(self._encoder, encoders.cache_folder(), _say_progress)
        vectors = cached.encode([example.get(TEXT) for example in examples])
        for example, vector in zip(examples, vectors, strict=False):
            self._add(example, vector)
        return training_data

    def _add(self, message: Message, vector: np.ndarray) -> None:
        assert TEXT in DENSE_FEATURIZABLE_ATTRIBUTES
        features = Features(vector[None, :], FEATURE_TYPE_SENTENCE, TEXT, self._config["alias"])
        message.add_features(features)


def _say_progress(done: int, total: int) -> None:
    if done == total or done % 2048 == 0:
        logger.info("encoded %d of %d new training sentences", done, total)
