"""In which language the conversation goes on after a message."""

from typing import Any, Mapping, Optional

LANGUAGES = ("it", "id", "en")

# A change needs a sentence, and evidence that a foreign product name or an address does not give.
_MIN_WORDS = 3
_MIN_CONFIDENCE = 0.8
_MIN_MARGIN = 0.5
_MIN_WISH_CONFIDENCE = 0.4


def decide(given: str, parse_data: Mapping[str, Any]) -> str:
    """The language wished for by name; else the one plainly written in; else `given`."""
    wish = _wish(parse_data)
    if wish:
        return wish
    if (parse_data.get("intent") or {}).get("name") == "inform":
        return given  # names, places and numbers are of no language
    detected = parse_data.get("language") or {}
    probabilities = detected.get("probabilities") or {}
    name, confidence = detected.get("name"), float(detected.get("confidence") or 0)
    words = [
        word
        for word in str(parse_data.get("text") or "").split()
        if word.isalpha() and len(word) > 1
    ]
    is_clear = (
        confidence >= _MIN_CONFIDENCE and confidence - probabilities.get(given, 0) >= _MIN_MARGIN
    )
    return name if name in LANGUAGES and len(words) >= _MIN_WORDS and is_clear else given


def _wish(parse_data: Mapping[str, Any]) -> Optional[str]:
    intent = parse_data.get("intent") or {}
    if (
        intent.get("name") != "change_language"
        or intent.get("confidence", 0) < _MIN_WISH_CONFIDENCE
    ):
        return None
    named = [
        entity.get("value")
        for entity in parse_data.get("entities") or []
        if entity.get("entity") == "language_wish" and entity.get("value") in LANGUAGES
    ]
    return named[-1] if named else None
