"""Rasa's retrieval intents: one intent for the dialogue, its full name for the answer."""

from typing import Any, Dict

SEPARATOR = "/"


def selected_response(full_intent: str, confidence: float) -> Dict[str, Any]:
    """What Rasa's response action reads to answer the retrieval intent `full_intent`."""
    retrieval_intent = full_intent.partition(SEPARATOR)[0]
    chosen = {"intent_response_key": full_intent, "confidence": confidence}
    return {
        "all_retrieval_intents": [retrieval_intent],
        retrieval_intent: {
            "response": {**chosen, "utter_action": f"utter_{full_intent}"},
            "ranking": [chosen],
        },
    }
