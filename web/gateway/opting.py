"""Whether a message asks for silence, or takes that back (WhatsApp Business Policy: opt-out).

Only where we can write to somebody unasked. A word that may also mean something else ("stop")
asks for silence only where nothing is under way that it could stop; it is the flow's then.
"""

from __future__ import annotations

import re

from backend.core.conversation import Claim, Nature
from backend.texts import LANGUAGES, Texts

_LETTERS = re.compile(r"[^\w\s]+")


class Opting:
    """Knows the words, of all languages at once: nobody asks for silence in a chosen language."""

    def __init__(self, texts: Texts) -> None:
        self._out = _phrases(texts, "opting.out_words")
        self._out_alone = _phrases(texts, "opting.out_words_outside_a_flow")
        self._in = _phrases(texts, "opting.in_words")

    def wish(self, claim: Claim, text: str) -> bool | None:
        """False: no more messages unasked; True: again, please; None: another matter."""
        match claim.incoming.nature:
            case Nature.OPT_OUT:
                return False
            case Nature.OPT_IN:
                return True
        if claim.conversation.reply_from is None:
            return None
        words = _bare(text)
        if words in self._out or (words in self._out_alone and claim.conversation.flow is None):
            return False
        return True if claim.conversation.opted_out and words in self._in else None


def _phrases(texts: Texts, key: str) -> frozenset[str]:
    told = (texts.variants(key)[language] for language in LANGUAGES)
    return frozenset(_bare(phrase) for line in told for phrase in line.split(","))


def _bare(text: str) -> str:
    return " ".join(_LETTERS.sub(" ", text.casefold()).split())
