"""From scores to probabilities that are as sure as they are right."""

from typing import Tuple

import numpy as np
from scipy.optimize import minimize_scalar


def softmax(scores: np.ndarray) -> np.ndarray:
    """One row of probabilities for each row of scores."""
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    result: np.ndarray = powers / powers.sum(axis=1, keepdims=True)
    return result


def temperature(scores: np.ndarray, truth: np.ndarray, bounds: Tuple[float, float]) -> float:
    """What left-out sentences' scores are to be divided by; `truth` are columns, `bounds` its logarithm's."""
    rows = np.arange(len(truth))

    def loss(log_temperature: float) -> float:
        right = softmax(scores / np.exp(log_temperature))[rows, truth]
        return float(-np.log(np.clip(right, 1e-12, None)).mean())

    return float(np.exp(minimize_scalar(loss, bounds=bounds, method="bounded").x))
