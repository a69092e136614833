"""The kernel classifier: who is near decides, strangers are a decision of their own."""

from pathlib import Path
from typing import List, Tuple

import numpy as np
import pytest
from engine.nlu import kernel_model
from engine.nlu.kernel_model import KernelModel

STRANGER = "out_of_scope"
_SIZE = 8


def sentences(names: List[str], each: int = 40) -> Tuple[np.ndarray, List[str]]:
    """So many sentences of each name, around a place of its own."""
    chance = np.random.default_rng(1)
    rows = [
        np.eye(_SIZE)[place] + chance.normal(0, 0.35, _SIZE)
        for place in range(len(names))
        for _ in range(each)
    ]
    return np.array(rows), [name for name in names for _ in range(each)]


def fitted(refused: float = 0.05) -> KernelModel:
    features, labels = sentences(["greet", "register", STRANGER])
    return kernel_model.fit(features, labels, 0.5, 0.1, STRANGER, refused)


def test_a_sentence_is_what_its_neighbours_are() -> None:
    model = fitted()
    shares = model.probabilities(np.eye(_SIZE)[:3])
    assert [model.labels[i] for i in shares.argmax(axis=1)] == ["greet", "register", STRANGER]
    assert np.allclose(shares.sum(axis=1), 1)


def test_the_bar_turns_away_no_more_customers_than_allowed() -> None:
    strict, open_handed = fitted(0.30), fitted(0.0)
    assert strict.bar < open_handed.bar
    far = np.full((1, _SIZE), 0.35)
    stranger = strict.stranger
    assert strict.probabilities(far)[0, stranger] > open_handed.probabilities(far)[0, stranger]


def test_the_largest_share_is_the_decision_about_strangers() -> None:
    model = fitted()
    rows = np.random.default_rng(2).normal(0.2, 0.4, (200, _SIZE))
    scores = model.scores(rows)
    others = np.delete(scores, model.stranger, axis=1).max(axis=1)
    passes = scores[:, model.stranger] - 0.5 * others > model.bar
    assert (model.probabilities(rows).argmax(axis=1) == model.stranger).tolist() == passes.tolist()


def test_too_few_sentences_for_left_out_ones_are_taken_as_they_are() -> None:
    features, labels = sentences(["greet", "register"], each=2)
    model = kernel_model.fit(features, labels, 0.5, 0.1, STRANGER, 0.05)
    assert (model.temperature, model.bar, model.stranger) == (1.0, 0.0, -1)


def test_what_was_saved_says_the_same(tmp_path: Path) -> None:
    model = fitted()
    model.save(tmp_path / "model.npz")
    rows = np.random.default_rng(3).normal(0.2, 0.4, (20, _SIZE))
    again = KernelModel.load(tmp_path / "model.npz")
    assert again.labels == model.labels
    assert again.probabilities(rows) == pytest.approx(model.probabilities(rows), abs=0.01)
