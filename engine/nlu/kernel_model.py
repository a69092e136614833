"""A kernel ridge classifier with calibrated probabilities that is stored as numbers only (no pickle).

Every training sentence stays in the model and speaks for its intent, the louder the nearer it is.
Whether a message is a stranger's is a decision of its own: the score of that intent is weighed against
how well the best of the others fits, with a bar that turns away only so many customers.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import List, Sequence, Tuple

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from sklearn.model_selection import StratifiedKFold

from engine.nlu.calibration import softmax, temperature

_FOLDS = 4
_SEED = 42
_BATCH = 512
_BOUNDS = (-5.0, 2.0)
# How much a good fit elsewhere speaks against a stranger; measured flat between 0.3 and 0.7.
_AGAINST = 0.5


@dataclass(frozen=True)
class KernelModel:
    """Softmax over the scores of all intents, cooled by a temperature.

    `stranger` is the place of the out-of-scope intent among the labels, -1 without one; `bar` what its
    score has to pass.
    """

    labels: List[str]
    examples: np.ndarray
    weights: np.ndarray
    gamma: float
    stranger: int = -1
    bar: float = 0.0
    temperature: float = 1.0

    def scores(self, features: np.ndarray) -> np.ndarray:
        """About 1 for the intent that fits and -1 for the others; one row per sentence."""
        rows = [
            self._kernel(features[start : start + _BATCH]) @ self.weights
            for start in range(0, len(features), _BATCH)
        ]
        return np.vstack(rows)

    def probabilities(self, features: np.ndarray) -> np.ndarray:
        """One row per sentence, one column per label; the largest is the decision."""
        return softmax(self.weigh(self.scores(features)) / self.temperature)

    def weigh(self, scores: np.ndarray) -> np.ndarray:
        """The scores, that of the stranger so moved that it is the largest where it passes the bar."""
        if self.stranger < 0:
            return scores
        moved = scores.copy()
        moved[:, self.stranger] += (1 - _AGAINST) * self._best_other(scores) - self.bar
        return moved

    def with_bar(self, scores: np.ndarray, truth: np.ndarray, refused: float) -> "KernelModel":
        """The same model with the bar that these left-out customers pass but for the share `refused`."""
        if self.stranger < 0:
            return self
        customers = scores[truth != self.stranger]
        fit = customers[:, self.stranger] - _AGAINST * self._best_other(customers)
        return replace(self, bar=float(np.quantile(fit, 1 - refused)))

    def save(self, path: Path) -> None:
        """Write an .npz that `load` reads."""
        np.savez(
            path,
            labels=np.array(self.labels),
            examples=self.examples.astype(np.float16),
            weights=self.weights.astype(np.float32),
            numbers=np.array([self.gamma, self.stranger, self.bar, self.temperature]),
        )

    @classmethod
    def load(cls, path: Path) -> "KernelModel":
        """Read what `save` wrote."""
        with np.load(path, allow_pickle=False) as stored:
            gamma, stranger, bar, temperature = map(float, stored["numbers"])
            examples = stored["examples"].astype(np.float32)
            labels = stored["labels"].tolist()
            return cls(labels, examples, stored["weights"], gamma, int(stranger), bar, temperature)

    def _best_other(self, scores: np.ndarray) -> np.ndarray:
        best: np.ndarray = np.delete(scores, self.stranger, axis=1).max(axis=1)
        return best

    @cached_property
    def _lengths(self) -> np.ndarray:
        """Squared; summing them anew costs more than all else of a message's comparison."""
        return _squares(self.examples)

    def _kernel(self, features: np.ndarray) -> np.ndarray:
        return _nearness(features, self.examples, self.gamma, self._lengths)


def fit(  # noqa: PLR0917 - keywords at every call
    features: np.ndarray,
    labels: Sequence[str],
    gamma: float,
    ridge: float,
    stranger: str,
    refused: float,
) -> KernelModel:
    """Train on everything; bar and temperature are set on sentences which were left out.

    The order is that the left-out sentences come last: then the factor of the others' kernel is the upper
    left part of the factor of all, and one factorisation, by far the dearest step, does for both.
    """
    names = np.array(labels)
    known, left_out = _split(names)
    order = np.concatenate([known, left_out])
    found, places = _labels_of(names[order])
    examples = features[order].astype(np.float32)
    targets = np.full((len(names), len(found)), -1, dtype=np.float32)
    targets[np.arange(len(names)), places] = 1
    factor = _factor(examples, gamma, ridge)
    place = found.index(stranger) if stranger in found else -1
    model = KernelModel(found, examples, _solved(factor, targets), gamma, place)
    if not len(left_out):
        return model
    part = replace(
        model, examples=examples[: len(known)], weights=_solved(factor, targets[: len(known)])
    )
    scores, truth = part.scores(examples[len(known) :]), places[len(known) :]
    model = model.with_bar(scores, truth, refused)
    return replace(model, temperature=temperature(model.weigh(scores), truth, _BOUNDS))


def _split(names: np.ndarray) -> Tuple[np.ndarray, np.ndarray]:
    """Places of the sentences to learn from and of those to leave out, none if there are too few."""
    if min(np.unique(names, return_counts=True)[1]) < _FOLDS:
        return np.arange(len(names)), np.arange(0)
    folds = StratifiedKFold(_FOLDS, shuffle=True, random_state=_SEED)
    known, left_out = next(folds.split(names, names))
    return known, left_out


def _factor(examples: np.ndarray, gamma: float, ridge: float) -> np.ndarray:
    # in single precision and in place: a third of the time and of the memory of sklearn's KernelRidge
    kernel = np.empty((len(examples), len(examples)), dtype=np.float32)
    lengths = _squares(examples)
    for start in range(0, len(examples), _BATCH):
        rows = examples[start : start + _BATCH]
        kernel[start : start + _BATCH] = _nearness(rows, examples, gamma, lengths)
    kernel[np.diag_indices_from(kernel)] += np.float32(ridge)
    # symmetric, and transposed in the order of columns that LAPACK can overwrite
    factor, _ = cho_factor(kernel.T, lower=True, overwrite_a=True, check_finite=False)
    return np.asarray(factor)


def _nearness(
    features: np.ndarray, examples: np.ndarray, gamma: float, lengths: np.ndarray
) -> np.ndarray:
    """The radial kernel; `lengths` are the examples' squared ones."""
    distances = (features @ examples.T) * np.float32(-2)
    distances += _squares(features)[:, None]
    distances += lengths[None, :]
    np.maximum(distances, 0, out=distances)
    distances *= np.float32(-gamma)
    return np.asarray(np.exp(distances, out=distances))


def _squares(rows: np.ndarray) -> np.ndarray:
    return np.asarray(np.einsum("ij,ij->i", rows, rows))


def _solved(factor: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Weights of the first sentences, as many as there are targets."""
    known = len(targets)
    weights = cho_solve((factor[:known, :known], True), targets, check_finite=False)
    return np.asarray(weights)


def _labels_of(names: np.ndarray) -> Tuple[List[str], np.ndarray]:
    labels, places = np.unique(names, return_inverse=True)
    return [str(label) for label in labels], places
