"""Vectors are kept by content: only new sentences cost anything."""

from pathlib import Path
from typing import List, Sequence

import numpy as np
import pytest
from engine.nlu import encoders
from engine.nlu.encoders import CachedEncoder


class Counting:
    """An encoder that notes what it was asked."""

    identity = "counting"

    def __init__(self) -> None:
        self.asked: List[str] = []

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        self.asked += texts
        return np.array([[len(text), text.count("a")] for text in texts], dtype=np.float32)


def test_a_known_sentence_is_not_encoded_again(tmp_path: Path) -> None:
    encoder = Counting()
    first = CachedEncoder(encoder, tmp_path).encode(["ciao", "casa", "ciao"])
    again = CachedEncoder(encoder, tmp_path).encode(["casa", "nuova", "ciao"])

    assert encoder.asked == ["ciao", "casa", "nuova"]
    assert first.tolist() == [[4, 1], [4, 2], [4, 1]]
    assert again.tolist() == [[4, 2], [5, 1], [4, 1]]


def test_many_sentences_come_back_in_their_order(tmp_path: Path) -> None:
    texts = ["a" * (n % 7) + str(n) for n in range(1000)]
    told: List[int] = []
    vectors = CachedEncoder(Counting(), tmp_path, lambda done, _total: told.append(done)).encode(
        texts
    )

    assert [int(count) for _, count in vectors] == [n % 7 for n in range(1000)]
    assert told[-1] == 1000


def test_a_broken_cache_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "counting.npz").write_bytes(b"not numpy")
    assert CachedEncoder(Counting(), tmp_path).encode(["ciao"]).tolist() == [[4, 1]]


def test_shipped_vectors_are_nearly_those_that_were_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        encoders, "_shipped", lambda identity: tmp_path / "ship" / f"{identity}.npz"
    )
    encoder = Counting()
    made = CachedEncoder(encoder, tmp_path / "here")
    made.ship(["ciao", "casa", "baccalà"])
    read = CachedEncoder(encoder, tmp_path / "elsewhere").encode(["casa", "baccalà"])

    assert encoder.asked == ["ciao", "casa", "baccalà"]
    assert read == pytest.approx(np.array([[4, 2], [7, 2]]), abs=0.05)
