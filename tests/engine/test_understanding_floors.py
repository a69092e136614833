"""The model that fits the content, on the sentences it was never shown: no worse than the floors."""

from pathlib import Path
from typing import Dict, Iterator, List, Tuple

import pytest
import yaml
from engine import evaluate, model_files
from engine.evaluation import HeldOut, Prediction, Scores, load_held_out, score

ROOT = Path(__file__).resolve().parents[2]
FLOORS: Dict[str, Dict[str, float]] = yaml.safe_load(
    (ROOT / "tests/nlu/floors.yaml").read_text("utf-8")
)
CEILINGS = {"refused"}


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[List[Tuple[HeldOut, Prediction]]]:
    model = model_files.fitting_model(ROOT)
    assert model.exists(), "no model fits the content: run `make train`"
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        yield list(
            zip(
                load_held_out(ROOT / evaluate.HELD_OUT), evaluate.predictions_of(model), strict=True
            )
        )


@pytest.mark.parametrize("language", sorted(FLOORS))
def test_no_score_falls_below_its_floor(
    pairs: List[Tuple[HeldOut, Prediction]], language: str
) -> None:
    chosen = [pair for pair in pairs if pair[0].language == language]
    scores: Scores = score([h for h, _ in chosen], [p for _, p in chosen])
    row = scores.as_row()
    short = {
        name: (row[name], floor)
        for name, floor in FLOORS[language].items()
        if (row[name] > floor if name in CEILINGS else row[name] < floor)
    }
    assert not short, short
