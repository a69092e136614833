"""What was tried to tell intents apart, side by side in one run. In the engine's environment:

engine/.venv/bin/python -m bench.understanding

All learn from the training sentences and are asked the held-out ones. `sureness off by` is the
expected calibration error: how far, on average, the confidence is from the share of right answers.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from engine import environment

environment.prepare()

from engine import without_tensorflow  # noqa: E402

without_tensorflow.install()

import numpy as np  # noqa: E402
from rasa.shared.importers.importer import TrainingDataImporter  # noqa: E402
from sklearn.linear_model import LogisticRegression  # noqa: E402
from sklearn.neighbors import KNeighborsClassifier, NearestCentroid  # noqa: E402
from sklearn.neural_network import MLPClassifier  # noqa: E402

from engine.evaluate import HELD_OUT  # noqa: E402
from engine.evaluation import load_held_out  # noqa: E402
from engine.nlu import encoders, kernel_model  # noqa: E402
from engine.nlu.calibration import softmax  # noqa: E402
from engine.nlu.lexical import LexicalSpace  # noqa: E402
from engine.nlu.training_data import examples_with_intent, full_intent, language_of  # noqa: E402

_STRANGER = "out_of_scope"
_GAMMA, _RIDGE, _REFUSED, _WEIGHT, _DIMENSIONS = 0.5, 0.1, 0.03, 0.8, 500
_TIMED = 200
_BINS = 10
_SEED = 42


@dataclass(frozen=True)
class Sentences:
    """Texts with what they mean, and their vectors."""

    texts: list[str]
    intents: np.ndarray
    languages: np.ndarray
    vectors: np.ndarray


Guess = Callable[[np.ndarray], np.ndarray]
"""Probabilities or scores, one row a sentence."""


def main() -> None:
    """Print the table."""
    trained, asked = _sentences()
    meaning = _centred(trained, trained), _centred(trained, asked)
    space = LexicalSpace.fit(trained.texts, _DIMENSIONS)
    spelling = tuple(_WEIGHT * space.transform(s.texts) for s in (trained, asked))
    both = tuple(np.hstack(pair) for pair in zip(meaning, spelling, strict=True))
    print(f"{len(trained.texts)} sentences learnt, {len(asked.texts)} asked\n")
    print("| | it | id | en | first three | sureness off by | training, s | a message, ms |")
    print("|---" * 8 + "|")
    for name, fit, features in (
        ("spelling, logistic regression", _logistic, spelling),
        ("encoder, prototypes", _prototypes, meaning),
        ("encoder, nearest sentences", _neighbours, meaning),
        ("encoder, logistic regression", _logistic, meaning),
        ("encoder and spelling, logistic regression", _logistic, both),
        ("encoder and spelling, small neural network", _network, both),
        ("encoder, kernel", _kernel, meaning),
        ("encoder and spelling, kernel, not calibrated", _kernel_as_it_is, both),
        ("encoder and spelling, kernel, calibrated", _kernel, both),
    ):
        print(_row(name, fit, (features[0], features[1]), trained, asked), flush=True)


def _sentences() -> tuple[Sentences, Sentences]:
    importer = TrainingDataImporter.load_from_config("config.yml", "domain.yml", ["data"])
    examples = examples_with_intent(importer.get_nlu_data())
    held_out = load_held_out(HELD_OUT)
    encoder = encoders.CachedEncoder(encoders.create({}), encoders.cache_folder())

    def made(texts: list[str], intents: Sequence[str], languages: Sequence[str]) -> Sentences:
        return Sentences(texts, np.array(intents), np.array(languages), encoder.encode(texts))

    return (
        made(
            [str(e.get("text")) for e in examples],
            [full_intent(e) for e in examples],
            [language_of(e) or "" for e in examples],
        ),
        made(
            [h.text for h in held_out],
            [h.intent for h in held_out],
            [h.language for h in held_out],
        ),
    )


def _centred(trained: Sentences, sentences: Sentences) -> np.ndarray:
    centres: dict[str, np.ndarray] = {
        name: trained.vectors[trained.languages == name].mean(axis=0)
        for name in set(trained.languages)
    }
    moved = sentences.vectors - np.stack([centres[name] for name in sentences.languages])
    normalised: np.ndarray = moved / np.linalg.norm(moved, axis=1, keepdims=True)
    return normalised


def _row(
    name: str,
    fit: Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, Guess]],
    features: tuple[np.ndarray, np.ndarray],
    trained: Sentences,
    asked: Sentences,
) -> str:
    started = time.perf_counter()
    labels, guess = fit(features[0], trained.intents)
    training = time.perf_counter() - started
    scores = guess(features[1])
    started = time.perf_counter()
    for index in range(_TIMED):
        guess(features[1][index : index + 1])
    message = (time.perf_counter() - started) / _TIMED * 1000
    right = labels[scores.argmax(axis=1)] == asked.intents
    best = labels[np.argsort(-scores, axis=1)[:, :3]]
    three = (best == asked.intents[:, None]).any(axis=1).mean()
    shares = [f"{right[asked.languages == language].mean():.3f}" for language in ("it", "id", "en")]
    cells = [
        name,
        *shares,
        f"{three:.3f}",
        _off_by(scores, right),
        f"{training:.0f}",
        f"{message:.1f}",
    ]
    return f"| {' | '.join(cells)} |"


def _off_by(scores: np.ndarray, right: np.ndarray) -> str:
    """Expected calibration error; scores that are no probabilities have none."""
    if scores.min() < 0 or abs(scores[0].sum() - 1) > 0.01:
        return "-"
    sure = scores.max(axis=1)
    bins = np.minimum((sure * _BINS).astype(int), _BINS - 1)
    gaps = (abs(right[bins == b].mean() - sure[bins == b].mean()) for b in set(bins))
    shares = ((bins == b).mean() for b in set(bins))
    return f"{sum(gap * share for gap, share in zip(gaps, shares, strict=True)):.3f}"


def _sklearn(model: Any) -> Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, Guess]]:
    def fit(features: np.ndarray, intents: np.ndarray) -> tuple[np.ndarray, Guess]:
        model.fit(features, intents)
        return model.classes_, model.predict_proba

    return fit


_logistic = _sklearn(LogisticRegression(C=3, max_iter=400, tol=1e-2, class_weight="balanced"))
_neighbours = _sklearn(KNeighborsClassifier(10, weights="distance"))
_network = _sklearn(MLPClassifier((512,), early_stopping=True, random_state=_SEED))


def _prototypes(features: np.ndarray, intents: np.ndarray) -> tuple[np.ndarray, Guess]:
    model = NearestCentroid().fit(features, intents)
    return model.classes_, lambda rows: rows @ model.centroids_.T


def _kernel(features: np.ndarray, intents: np.ndarray) -> tuple[np.ndarray, Guess]:
    model = kernel_model.fit(features, list(intents), _GAMMA, _RIDGE, _STRANGER, _REFUSED)
    return np.array(model.labels), model.probabilities


def _kernel_as_it_is(features: np.ndarray, intents: np.ndarray) -> tuple[np.ndarray, Guess]:
    """The softmax of the bare scores."""
    model = kernel_model.fit(features, list(intents), _GAMMA, _RIDGE, "", _REFUSED)

    return np.array(model.labels), lambda rows: softmax(model.scores(rows))


if __name__ == "__main__":
    main()
