"""How e5 cuts a text: the known pieces that together are the likeliest (SentencePiece's unigram).

Written out since the vocabulary comes in a form of its own, and the library for it (tokenizers)
takes 200 MB for the same table.
"""

import re
from typing import Dict, List, Tuple

_BLANK = "\u2581"
_BLANKS = re.compile(" {2,}")
_UNLIKELY = 10.0
"""How much less likely than every piece a letter is that is in none."""
_HEAD = 2


class Pieces:
    """The vocabulary, and how a text is written before it is looked up."""

    def __init__(
        self,
        known: Dict[str, int],
        scores: List[float],
        replaced: Dict[int, str],
        *,
        first: int,
        last: int,
        unknown: int,
    ) -> None:
        """`known` gives the token of a piece, `scores` its logarithmic likelihood by token."""
        self._known = known
        self._scores = scores
        self._replaced = replaced
        self._first, self._last, self._unknown = first, last, unknown
        self._unlikely = min(scores) - _UNLIKELY
        self._longest: Dict[str, int] = {}
        for piece in known:
            head = piece[:_HEAD]
            self._longest[head] = max(len(piece), self._longest.get(head, 1))

    def tokens(self, text: str, most: int) -> List[int]:
        """The tokens of a text, with those of beginning and end; what is beyond *most* is cut off."""
        return [self._first, *self._likeliest(self._written(text))[: most - 2], self._last]

    def _written(self, text: str) -> str:
        written = _BLANKS.sub(" ", text.translate(self._replaced))
        return (written if written.startswith(" ") else f" {written}").replace(" ", _BLANK)

    def _likeliest(self, text: str) -> List[int]:
        """The best way to every place from the best ways to those before it."""
        size, known, scores = len(text), self._known, self._scores
        best = [0.0] + [float("-inf")] * size
        last: List[Tuple[int, int]] = [(self._unknown, 0)] * (size + 1)
        for start in range(size):
            here = best[start]
            if here + self._unlikely > best[start + 1]:
                best[start + 1], last[start + 1] = here + self._unlikely, (self._unknown, start)
            longest = self._longest.get(text[start : start + _HEAD], 1)
            for end in range(start + 1, min(start + longest, size) + 1):
                token = known.get(text[start:end])
                if token is not None and here + scores[token] > best[end]:
                    best[end], last[end] = here + scores[token], (token, start)
        return _way_back(last)


def _way_back(last: List[Tuple[int, int]]) -> List[int]:
    tokens, place = [], len(last) - 1
    while place > 0:
        token, place = last[place]
        tokens.append(token)
    return tokens[::-1]
