"""Which of the live buttons a typed message means, if any."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from backend.core.conversation import Choice


def typed_choice(text: str, choices: Sequence[Choice]) -> Choice | None:
    """The choice whose number or title this is; None where nothing or more than one fits."""
    words = _bare(text)
    if not words:
        return None
    if words.isdecimal() and len(words) <= 2:
        number = int(words)
        if 1 <= number <= len(choices):
            return choices[number - 1]
    named = [choice for choice in choices if _bare(choice.title) == words]
    return named[0] if len(named) == 1 else None


def _bare(text: str) -> str:
    """Without case, punctuation, symbols and double blanks."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    kept = (" " if unicodedata.category(c)[0] in "PSZC" else c for c in folded)
    return " ".join("".join(kept).split())
