"""The spelling of a sentence as a short vector: character n-grams, reduced to their main directions.

The sentence encoder sees meaning and is weak on messages of one or two words, where spelling decides.
"""

import json
from pathlib import Path
from typing import Dict, Optional, Sequence

import numpy as np
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer

from engine.nlu.ngrams import MessageNgrams

_MAX_NGRAMS = 15000
_SEED = 42
_VOCABULARY_FILE, _NUMBERS_FILE = "lexical.json", "lexical.npz"


class LexicalSpace:
    """Fitted on the training sentences; gives rows of length 1."""

    def __init__(self, vectorizer: TfidfVectorizer, directions: np.ndarray) -> None:
        self._vectorizer = vectorizer
        # in rows, or scipy copies the whole of it for every message
        self._directions = np.ascontiguousarray(directions)
        self._ngrams = MessageNgrams(vectorizer)

    @classmethod
    def fit(cls, texts: Sequence[str], dimensions: int) -> "LexicalSpace":
        """Learn n-grams and directions; few texts have fewer directions."""
        vectorizer = _vectorizer()
        counts = vectorizer.fit_transform(texts)
        dimensions = max(1, min(dimensions, min(counts.shape) - 1))
        svd = TruncatedSVD(dimensions, n_iter=2, random_state=_SEED).fit(counts)
        return cls(vectorizer, svd.components_.T.astype(np.float32))

    def transform(self, texts: Sequence[str]) -> np.ndarray:
        """One row per text; a text without known n-grams is a row of zeros."""
        rows = np.stack([self._row(text) for text in texts])
        result: np.ndarray = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
        return result

    def _row(self, text: str) -> np.ndarray:
        places, weights = self._ngrams.weighed(text)
        row: np.ndarray = weights.astype(np.float32) @ self._directions[places]
        return row

    def save(self, folder: Path) -> None:
        """Write what `load` reads: a vocabulary and numbers, no pickle."""
        vocabulary = {gram: int(index) for gram, index in self._vectorizer.vocabulary_.items()}
        (folder / _VOCABULARY_FILE).write_text(json.dumps(vocabulary), "utf-8")
        np.savez_compressed(
            folder / _NUMBERS_FILE,
            idf=self._vectorizer.idf_,
            directions=self._directions.astype(np.float16),
        )

    @classmethod
    def load(cls, folder: Path) -> "LexicalSpace":
        """Read what `save` wrote."""
        vectorizer = _vectorizer(json.loads((folder / _VOCABULARY_FILE).read_text("utf-8")))
        with np.load(folder / _NUMBERS_FILE, allow_pickle=False) as stored:
            vectorizer.idf_ = stored["idf"]
            return cls(vectorizer, stored["directions"].astype(np.float32))


def _vectorizer(vocabulary: Optional[Dict[str, int]] = None) -> TfidfVectorizer:
    return TfidfVectorizer(
        analyzer="char_wb",
        ngram_range=(2, 4),
        min_df=1 if vocabulary else 2,
        max_features=None if vocabulary else _MAX_NGRAMS,
        sublinear_tf=True,
        vocabulary=vocabulary,
    )
