"""The page of `make nlu`: scores, pictures of what is mistaken for what and how sure it was, the worst twenty."""

import html
from collections import Counter
from pathlib import Path
from typing import Dict, List, Mapping, Sequence, Tuple

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

from engine.evaluation import HeldOut, Prediction, Scores

_WORST = 20
_BINS = 20
_HALF = 0.5
_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse;margin:1rem 0}td,th{padding:.3rem .6rem;border-bottom:1px solid #ddd;"
    "text-align:left}img{max-width:100%}"
)

Pair = Tuple[HeldOut, Prediction]


def write(folder: Path, rows: Mapping[str, Scores], pairs: Sequence[Pair]) -> Path:
    """Write `index.html` and its pictures into the folder; the path of the page."""
    folder.mkdir(parents=True, exist_ok=True)
    parts = ["<h1>How messages are understood</h1>", _scores(rows)]
    for language in sorted({sentence.language for sentence, _ in pairs}):
        chosen = [pair for pair in pairs if pair[0].language == language]
        _draw_confusion(folder / f"confusion.{language}.png", chosen)
        _draw_sureness(folder / f"sureness.{language}.png", chosen)
        parts += [
            f"<h2>{language}</h2>",
            f'<img src="sureness.{language}.png" alt="How sure right and wrong answers were, {language}">',
            f'<img src="confusion.{language}.png" alt="What is taken for what, {language}">',
        ]
    parts += ["<h2>The worst twenty</h2>", _worst(pairs)]
    page = folder / "index.html"
    page.write_text(
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Understanding</title>'
        f"<style>{_STYLE}</style><body>{''.join(parts)}</body></html>",
        "utf-8",
    )
    return page


def _scores(rows: Mapping[str, Scores]) -> str:
    columns = list(Scores.__dataclass_fields__)
    body = [
        [name]
        + [
            "–" if value is None else str(value) if isinstance(value, int) else f"{value:.3f}"
            for value in scores.as_row().values()
        ]
        for name, scores in rows.items()
    ]
    return _table(["", *(name.replace("_", " ") for name in columns)], body)


def _worst(pairs: Sequence[Pair]) -> str:
    """The surest mistakes: those nobody would be asked about."""
    wrong = sorted(
        (pair for pair in pairs if pair[0].intent != pair[1].intent),
        key=lambda pair: -pair[1].confidence,
    )
    body = [
        [h.language, h.text, h.intent, p.intent, f"{p.confidence:.2f}"] for h, p in wrong[:_WORST]
    ]
    return _table(["", "said", "meant", "heard", "sure"], body)


def _table(head: Sequence[str], body: Sequence[Sequence[str]]) -> str:
    def row(tag: str, cells: Sequence[str]) -> str:
        return "<tr>" + "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in cells) + "</tr>"

    return f"<table>{row('th', head)}{''.join(row('td', cells) for cells in body)}</table>"


def _draw_confusion(path: Path, pairs: Sequence[Pair]) -> None:
    counted: Counter = Counter((h.intent, p.intent) for h, p in pairs)
    names: List[str] = sorted({name for pair in counted for name in pair})
    places: Dict[str, int] = {name: place for place, name in enumerate(names)}
    matrix = np.zeros((len(names), len(names)))
    for (meant, heard), times in counted.items():
        matrix[places[meant], places[heard]] = times
    shares = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    figure, axes = plt.subplots(figsize=(14, 13))
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(len(names)), labels=names, rotation=90, fontsize=7)
    axes.set_yticks(range(len(names)), labels=names, fontsize=7)
    axes.set_xlabel("heard")
    axes.set_ylabel("meant")
    for row, column in zip(*np.nonzero(matrix), strict=True):
        colour = "white" if shares[row, column] > _HALF else "black"
        axes.text(
            column,
            row,
            int(matrix[row, column]),
            ha="center",
            va="center",
            fontsize=6,
            color=colour,
        )
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    plt.close(figure)


def _draw_sureness(path: Path, pairs: Sequence[Pair]) -> None:
    right = [p.confidence for h, p in pairs if h.intent == p.intent]
    wrong = [p.confidence for h, p in pairs if h.intent != p.intent]
    figure, axes = plt.subplots(figsize=(9, 3.2))
    axes.hist(
        [right, wrong], bins=_BINS, range=(0, 1), stacked=True, label=["right", "wrong"],
        color=["#5b8def", "#d1495b"],
    )  # fmt: skip
    axes.set_yscale("log")
    axes.set_xlabel("confidence")
    axes.set_ylabel("sentences")
    axes.legend()
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    plt.close(figure)
