"""What the components read off a training example."""

from typing import List, Optional

from rasa.shared.nlu.constants import INTENT, INTENT_RESPONSE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData


def examples_with_intent(training_data: TrainingData) -> List[Message]:
    """The sentences that teach an intent (stories and responses have none)."""
    return [e for e in training_data.training_examples if e.get(TEXT) and e.get(INTENT)]


def full_intent(example: Message) -> str:
    """`faq/login_how` for a retrieval intent, the plain name for another."""
    return str(example.get(INTENT_RESPONSE_KEY) or example.get(INTENT))


def language_of(example: Message) -> Optional[str]:
    """The `metadata: {language: …}` of the example's block."""
    metadata = example.get("metadata") or {}
    of_block = metadata.get("intent") if isinstance(metadata, dict) else None
    value = (
        (of_block or metadata).get("language") if isinstance(of_block or metadata, dict) else None
    )
    return str(value) if value else None
