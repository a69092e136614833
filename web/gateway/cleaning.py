"""What a customer typed, made harmless before anything reads it."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field

_KEPT_CONTROLS = {"\n": "\n", "\r": "\n", "\t": " "}

# Zero-width joiner and non-joiner build emoji and letters of some scripts; every other format
# character (bidirectional overrides above all) only serves to disguise.
_KEPT_FORMATS = frozenset("\u200c\u200d")

_DROPPED_CATEGORIES = frozenset({"Cc", "Cf", "Co", "Cs"})


@dataclass(frozen=True, slots=True)
class CleanText:
    """A message as the engine may see it."""

    text: str = field(repr=False)
    was_cut: bool = False

    @property
    def is_empty(self) -> bool:
        return not self.text


def clean(raw: str, limit: int) -> CleanText:
    """Normalise, drop what does not print, cut to `limit` characters.

    A leading slash is removed, since the engine reads `/intent{…}` as an order: also one that
    stands behind blanks of any kind or behind other slashes.
    """
    # Cutting first bounds the work; composing can only shorten what is left, and what is dropped
    # before the limit must not let a longer tail in than the customer sees.
    generous = raw[: limit * 4].replace("\r\n", "\n")
    kept = "".join(_kept(character) for character in unicodedata.normalize("NFC", generous))
    defused = _without_leading_slashes(kept)
    text = defused[:limit].rstrip()
    return CleanText(text, was_cut=len(defused) > limit or len(raw) > limit * 4)


def _kept(character: str) -> str:
    if character in _KEPT_CONTROLS:
        return _KEPT_CONTROLS[character]
    if character in _KEPT_FORMATS:
        return character
    return "" if unicodedata.category(character) in _DROPPED_CATEGORIES else character


def _without_leading_slashes(text: str) -> str:
    stripped = _trimmed(text)
    while stripped.startswith("/"):
        stripped = _trimmed(stripped[1:])
    return stripped


def _trimmed(text: str) -> str:
    edges = len(text) + 1
    while len(text) < edges:
        edges = len(text)
        text = text.strip().strip("\u200c\u200d")
    return text
