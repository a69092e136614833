"""A message that is nothing but a datum: a number, an address, a date. It needs no understanding."""

from rasa.shared.nlu.training_data.message import Message

_PROPERTY = "is_structured"


def is_structured(message: Message) -> bool:
    """Whether `mark_structured` was called for it."""
    return bool(message.get(_PROPERTY))


def mark_structured(message: Message) -> None:
    """Let the encoder skip the message and the classifier take it for an answer."""
    message.set(_PROPERTY, True)
