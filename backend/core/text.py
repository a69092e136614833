"""Text as people type it, brought to one form."""

from __future__ import annotations

import re
import unicodedata

_MOST_CHARACTERS = 1_000
_SPACES = re.compile(r"\s+")
_APOSTROPHES = str.maketrans({"\u2019": "'", "\u2018": "'", "\u02bc": "'", "`": "'", "\u00b4": "'"})


def tidy(text: str) -> str:
    """Composed, without control characters, ASCII digits and apostrophes, single spaces.

    No datum is longer than a thousand characters: the rest is not looked at.
    """
    composed = unicodedata.normalize("NFC", text[:_MOST_CHARACTERS])
    kept = (
        " " if char.isspace() else char
        for char in composed
        if char.isspace() or unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co", "Cn"}
    )
    return _SPACES.sub(" ", ascii_digits("".join(kept)).translate(_APOSTROPHES)).strip()


def ascii_digits(text: str) -> str:
    """Digits of every script as 0-9."""
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)


def fold(text: str) -> str:
    """For comparing only: no case, no accents."""
    decomposed = unicodedata.normalize("NFKD", tidy(text).casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def words(text: str) -> tuple[str, ...]:
    """The folded words of *text*; everything but letters and digits separates."""
    return tuple(re.findall(r"[^\W_]+", fold(text)))


def wordset(text: str) -> frozenset[str]:
    """A vocabulary written as one line of words."""
    return frozenset(text.split())
