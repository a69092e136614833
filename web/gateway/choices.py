"""Which of the live buttons a typed message means, if any."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from rapidfuzz import fuzz

from backend.core.conversation import Choice

# A word with a slip is that word from here on (0 to 100); shorter ones are too alike.
_NEAR, _LETTERS = 80.0, 5


def typed_choice(text: str, choices: Sequence[Choice]) -> Choice | None:
    """The choice whose number or title this is, slips of the finger allowed.

    None where nothing or more than one fits.
    """
    words = _bare(text)
    if not words:
        return None
    if words.isdecimal() and len(words) <= 2:
        number = int(words)
        if 1 <= number <= len(choices):
            return choices[number - 1]
    named = [choice for choice in choices if _bare(choice.title) == words]
    if named:
        return named[0] if len(named) == 1 else None
    return _nearly_named(words, choices)


def _nearly_named(words: str, choices: Sequence[Choice]) -> Choice | None:
    """The one title that differs by slips within its words: one more may turn the sense round."""
    near = [choice for choice in choices if _slips(words.split(), _bare(choice.title).split())]
    return near[0] if len(near) == 1 else None


def _slips(written: list[str], meant: list[str]) -> bool:
    return len(written) == len(meant) and all(map(_is_nearly, written, meant))


def _is_nearly(written: str, meant: str) -> bool:
    if min(len(written), len(meant)) < _LETTERS or not meant.isalpha():
        return written == meant
    return fuzz.ratio(written, meant) >= _NEAR


def _bare(text: str) -> str:
    """Without case, punctuation, symbols and double blanks."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    kept = (" " if unicodedata.category(c)[0] in "PSZC" else c for c in folded)
    return " ".join("".join(kept).split())
