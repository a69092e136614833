"""A message that nobody understood: the likely meanings, then other words, then a person."""

from __future__ import annotations

from rasa_sdk import Tracker

from actions.base import Speaker
from actions.words import Button

FALLBACK = "nlu_fallback"
MOST_LIKELY = 2
"""Meanings that are offered; with the way out, WhatsApp shows no more as buttons."""
LEAST_SHARE = 0.08
"""Of the probability; a meaning with less is a shot in the dark."""
STAGES = 2
"""Times in a row after which a person is offered."""
_RESPONSE = f"utter_{FALLBACK}"


def answer(speaker: Speaker, tracker: Tracker) -> None:
    """Say what to do, another thing each time in a row."""
    times = _times_in_a_row(tracker)
    likely = _likely(speaker, tracker) if times == 1 else []
    if likely:
        speaker.say("utter_likely", buttons=[*likely, *speaker.buttons("utter_likely")])
    else:
        speaker.say(f"{_RESPONSE}__person" if times > STAGES else _RESPONSE)


def _times_in_a_row(tracker: Tracker) -> int:
    """How many of the newest messages were not understood, this one included."""
    times = 0
    for event in reversed(tracker.events):
        if event.get("event") != "user":
            continue
        parse_data = event.get("parse_data") or {}
        if (parse_data.get("intent") or {}).get("name") != FALLBACK:
            break
        times += 1
    return times


def _likely(speaker: Speaker, tracker: Tracker) -> list[Button]:
    """A button for each of the likely meanings that has a title."""
    ranking = (tracker.latest_message or {}).get("intent_ranking") or []
    shares = {
        str(entry.get("full_retrieval_intent_name") or entry.get("name")): entry["confidence"]
        for entry in ranking
    }
    names = [
        f"utter_likely__{meaning.replace('/', '__')}"
        for meaning, share in shares.items()
        if share >= LEAST_SHARE
    ]
    return [button for name in names for button in speaker.buttons(name)][:MOST_LIKELY]
