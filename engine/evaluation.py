"""Scores of a model on held-out sentences. Nothing here knows Rasa's runtime."""

from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Dict, FrozenSet, Iterable, List, Mapping, Optional, Sequence, Tuple

from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.loading import load_data

from engine.nlu.training_data import examples_with_intent, full_intent, language_of

ANSWER_INTENT, OUT_OF_SCOPE, FALLBACK = "inform", "out_of_scope", "nlu_fallback"

NAMES = frozenset({"first_name", "last_name"})
# Shorter messages may be of any language ("ok", "no", "SMS"), and so may names and numbers.
_WORDS_OF_A_LANGUAGE = 3

Span = Tuple[int, int, str]


@dataclass(frozen=True)
class HeldOut:
    """A sentence with what it really means."""

    text: str
    language: str
    intent: str
    entities: Tuple[Span, ...]


@dataclass(frozen=True)
class Prediction:
    """What a model made of it, in so many seconds; `ranking` holds full intent names, best first."""

    intent: str
    ranking: Tuple[str, ...]
    language: Optional[str]
    entities: Tuple[Span, ...]
    confidence: float = 0.0
    seconds: float = 0.0

    @property
    def is_data(self) -> bool:
        """Nothing but data: known by its form, without asking the classifier."""
        return self.intent == ANSWER_INTENT and self.confidence == 1.0


@dataclass(frozen=True)
class Scores:
    """Shares between 0 and 1; None where there was nothing to count."""

    sentences: int
    accuracy: float
    macro_f1: float
    first_three: float
    out_of_scope_recall: Optional[float]
    out_of_scope_precision: Optional[float]
    refused: Optional[float]
    entity_f1: Optional[float]
    name_f1: Optional[float]
    language: Optional[float]

    def as_row(self) -> Dict[str, Optional[float]]:
        """Name and value of each score, in the order they are printed."""
        return asdict(self)


def load_held_out(folder: Path) -> List[HeldOut]:
    """All `tests/nlu/*.yml`: Rasa's own format, with `metadata: {language: …}` in each block.

    Raises:
        ValueError: if a block does not say its language.
    """
    sentences = []
    for path in sorted(folder.glob("*.yml")):
        for example in examples_with_intent(load_data(str(path))):
            language = language_of(example)
            if language is None:
                raise ValueError(
                    f"{path}: `{example.get(TEXT)[:40]}` stands in a block without a language"
                )
            spans = ((e["start"], e["end"], e["entity"]) for e in example.get(ENTITIES) or [])
            sentences.append(
                HeldOut(example.get(TEXT), language, full_intent(example), tuple(sorted(spans)))
            )
    return sentences


def score(held_out: Sequence[HeldOut], predictions: Sequence[Prediction]) -> Scores:
    """Compare, sentence by sentence."""
    pairs = list(zip(held_out, predictions, strict=True))
    if not pairs:
        raise ValueError("no held-out sentences: there is nothing to score")
    strangers = [_is_refused(p) for h, p in pairs if h.intent == OUT_OF_SCOPE]
    customers = [_is_refused(p) for h, p in pairs if h.intent != OUT_OF_SCOPE]
    told_strangers = [h.intent == OUT_OF_SCOPE for h, p in pairs if p.intent == OUT_OF_SCOPE]
    plain = [(h, p) for h, p in pairs if len(_said(h).split()) >= _WORDS_OF_A_LANGUAGE]
    return Scores(
        sentences=len(pairs),
        accuracy=_share(h.intent == p.intent for h, p in pairs),
        macro_f1=_macro_f1([h.intent for h, _ in pairs], [p.intent for _, p in pairs]),
        first_three=_share(h.intent in p.ranking[:3] for h, p in pairs),
        out_of_scope_recall=_share_or_none(strangers),
        out_of_scope_precision=_share_or_none(told_strangers),
        refused=_share_or_none(customers),
        entity_f1=_entity_f1(pairs, frozenset()),
        name_f1=_entity_f1(pairs, NAMES),
        language=_share_or_none(
            [h.language == p.language for h, p in plain if p.language is not None]
        ),
    )


def _said(sentence: HeldOut) -> str:
    """The sentence without its values."""
    text = sentence.text
    for start, end, _ in sorted(sentence.entities, reverse=True):
        text = text[:start] + text[end:]
    return text


def _is_refused(prediction: Prediction) -> bool:
    """Not understood is as good an answer to a stranger's question, and as bad a one to a customer's."""
    return prediction.intent in (OUT_OF_SCOPE, FALLBACK)


def pace(predictions: Sequence[Prediction]) -> str:
    """The median time of a message, and of one that is nothing but data, in words."""
    told = [each.seconds for each in predictions if not each.is_data]
    data = [each.seconds for each in predictions if each.is_data]
    words = f"{1000 * median(told):.0f} ms a message (median)" if told else "no message"
    return words + (f", {1000 * median(data):.1f} ms where it is nothing but data" if data else "")


def table(rows: Mapping[str, Scores]) -> str:
    """A Markdown table, one row per name."""
    columns = list(Scores.__dataclass_fields__)
    lines = [
        "| | " + " | ".join(name.replace("_", " ") for name in columns) + " |",
        "|---" * (len(columns) + 1) + "|",
    ]
    for name, scores in rows.items():
        cells = [_cell(value) for value in scores.as_row().values()]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _cell(value: Optional[float]) -> str:
    if value is None:
        return "–"
    return str(value) if isinstance(value, int) else f"{value:.2f}"


def _share(hits: Iterable[bool]) -> float:
    counted = list(hits)
    return sum(counted) / len(counted)


def _share_or_none(hits: Sequence[bool]) -> Optional[float]:
    return _share(hits) if hits else None


def _macro_f1(truth: Sequence[str], predicted: Sequence[str]) -> float:
    right = Counter(t for t, p in zip(truth, predicted, strict=True) if t == p)
    expected, said = Counter(truth), Counter(predicted)
    scores = [2 * right[name] / (expected[name] + said[name]) for name in expected]
    return sum(scores) / len(scores)


def _entity_f1(
    pairs: Sequence[Tuple[HeldOut, Prediction]], only: FrozenSet[str]
) -> Optional[float]:
    """Exact place and kind, over the kinds that the held-out sentences annotate, or over `only`."""
    kinds = {kind for sentence, _ in pairs for _, _, kind in sentence.entities}
    kinds &= only or kinds
    right = expected = said = 0
    for sentence, prediction in pairs:
        found = {span for span in prediction.entities if span[2] in kinds}
        meant = {span for span in sentence.entities if span[2] in kinds}
        right += len(found & meant)
        expected += len(meant)
        said += len(found)
    return 2 * right / (expected + said) if kinds else None
