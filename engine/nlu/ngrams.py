"""The character n-grams of one message, weighed as scikit-learn's TfidfVectorizer weighs them.

Its own `transform` is made for many texts: for a single one it builds and checks sparse matrices for
a millisecond and more, which is most of what spelling costs.
"""

from collections import Counter
from math import log
from typing import Dict, Tuple

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer


class MessageNgrams:
    """Of a fitted vectorizer with `sublinear_tf` and rows of length 1, which is scikit-learn's default."""

    def __init__(self, vectorizer: TfidfVectorizer) -> None:
        self._split = vectorizer.build_analyzer()
        self._places: Dict[str, int] = vectorizer.vocabulary_
        self._idf: np.ndarray = np.asarray(vectorizer.idf_)

    def weighed(self, text: str) -> Tuple[np.ndarray, np.ndarray]:
        """The places of the known n-grams of a text, and how much each counts."""
        known = (self._places[gram] for gram in self._split(text) if gram in self._places)
        counted = Counter(known)
        places = np.fromiter(counted, dtype=np.intp, count=len(counted))
        weights = np.array([1 + log(times) for times in counted.values()]) * self._idf[places]
        return places, weights / max(float(np.linalg.norm(weights)), 1e-9)
