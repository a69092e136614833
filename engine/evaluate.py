"""`python -m engine.evaluate [--no-baseline] [--write]`: held-out scores, beside Rasa's default pipeline.

The default pipeline (DIET and a response selector, tests/nlu/rasa-default.config.yaml) is trained on
the same data, which takes long; its model is kept under models/ by content.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Dict, List, Sequence

from engine import environment, model_files

if TYPE_CHECKING:  # it imports Rasa, which reads the environment that main prepares
    from engine.evaluation import Prediction

HELD_OUT = Path("tests/nlu")
BASELINE_CONFIG = HELD_OUT / "rasa-default.config.yaml"
PAGE = Path("docs/nlu.md")
_BEGIN, _END = "<!-- scores: make nlu -->", "<!-- end of scores -->"


def main() -> int:
    """The command. Returns the process's exit code."""
    arguments = _arguments()
    environment.prepare()
    if arguments.predict:
        return _predict(*arguments.predict)
    model = model_files.fitting_model(environment.ROOT)
    if not model.exists():
        print("No model fits the content: run `python -m engine.train` first.", file=sys.stderr)
        return 1
    models = {"this project": model}
    if not arguments.no_baseline:
        models["Rasa's default"] = _baseline_model()
    text = _scores_of(models)
    print(text)
    if arguments.write:
        _write(text)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="engine.evaluate", description=__doc__)
    parser.add_argument(
        "--no-baseline", action="store_true", help="leave out Rasa's default pipeline"
    )
    parser.add_argument("--write", action="store_true", help=f"put the table into {PAGE}")
    parser.add_argument("--predict", type=Path, nargs=2, help=argparse.SUPPRESS)
    return parser.parse_args()


def _scores_of(models: Dict[str, Path]) -> str:
    """The table; the report page is of the first model."""
    from engine import without_tensorflow

    without_tensorflow.install()
    from engine import report
    from engine.evaluation import Prediction, Scores, load_held_out, pace, score, table

    held_out = load_held_out(HELD_OUT)
    rows: Dict[str, Scores] = {}
    said: Dict[str, List[Prediction]] = {}
    for name, model in models.items():
        said[name] = predictions_of(model)
        for language in sorted({sentence.language for sentence in held_out}):
            chosen = [i for i, sentence in enumerate(held_out) if sentence.language == language]
            rows[f"{name}, {language}"] = score(
                [held_out[i] for i in chosen], [said[name][i] for i in chosen]
            )
        rows[f"{name}, all"] = score(held_out, said[name])
    for name, predictions in said.items():
        print(f"{name}: {pace(predictions)}")
    pairs = list(zip(held_out, next(iter(said.values())), strict=True))
    print(f"The report: {report.write(environment.var_folder() / 'nlu', rows, pairs)}")
    return table(rows)


def predictions_of(model: Path) -> List["Prediction"]:
    """What a model makes of each held-out sentence.

    In a process of its own: Rasa's default needs TensorFlow and ours does without.
    """
    from engine.evaluation import Prediction

    command = [sys.executable, "-W", "ignore", "-m", "engine.evaluate", "--predict", str(model)]
    with tempfile.TemporaryDirectory() as folder:
        answers = Path(folder) / "predictions.json"  # half of them once came through a pipe
        subprocess.run([*command, str(answers)], check=True)  # noqa: S603 - our own module
        predictions = json.loads(answers.read_text("utf-8"))
    return [
        Prediction(
            item["intent"],
            tuple(item["ranking"]),
            item["language"],
            tuple(sorted((start, end, kind) for start, end, kind in item["entities"])),
            item["confidence"],
            item["seconds"],
        )
        for item in predictions
    ]


def _predict(model: Path, answers: Path) -> int:
    """Write what a model makes of the held-out sentences, as JSON (the hidden half of the command)."""
    from engine import logs

    logs.configure()
    if not model.name.startswith("rasa-default"):
        from engine import without_tensorflow

        without_tensorflow.install()
    from rasa.core.agent import Agent

    from engine.evaluation import load_held_out

    agent = Agent.load(str(model))
    held_out = load_held_out(HELD_OUT)

    async def predicted(text: str) -> Dict[str, Any]:
        began = time.perf_counter()
        parse_data = await agent.parse_message(text)
        return asdict(_from_parse_data(parse_data, time.perf_counter() - began))

    async def all_predicted() -> List[Dict[str, Any]]:
        await agent.parse_message("buongiorno")  # the first one loads what the others need
        return [await predicted(sentence.text) for sentence in held_out]

    answers.write_text(json.dumps(asyncio.run(all_predicted())), "utf-8")
    return 0


def _from_parse_data(parse_data: Dict[str, Any], seconds: float) -> Any:
    from engine.evaluation import Prediction

    selector = parse_data.get("response_selector") or {}
    full_names = {
        name: (chosen.get("response") or {}).get("intent_response_key")
        for name, chosen in selector.items()
        if isinstance(chosen, dict)
    }
    default = full_names.get("default")

    def full(name: str) -> str:
        return str(full_names.get(name) or (default if name == "faq" else None) or name)

    ranking: Sequence[Dict[str, Any]] = parse_data.get("intent_ranking") or []
    return Prediction(
        intent=full(parse_data["intent"]["name"]),
        ranking=tuple(full(entry["name"]) for entry in ranking if entry["name"] != "nlu_fallback"),
        language=(parse_data.get("language") or {}).get("name"),
        entities=tuple((e["start"], e["end"], e["entity"]) for e in parse_data["entities"]),
        confidence=float(parse_data["intent"]["confidence"]),
        seconds=seconds,
    )


def _baseline_model() -> Path:
    """Rasa's default pipeline trained on the same sentences (the files with a language in their name)."""
    content = model_files.content_hash(
        environment.ROOT, ("data/**/*.??.yml", BASELINE_CONFIG.as_posix())
    )
    target = environment.ROOT / model_files.MODELS / f"rasa-default-{content}.tar.gz"
    if target.exists():
        return target
    print("Training Rasa's default pipeline on the same data; this takes a while ...", flush=True)
    command = [sys.executable, "-W", "ignore", "-m", "rasa", "train", "nlu"]
    command += ["--config", str(BASELINE_CONFIG), "--nlu", "data", "--domain", "domain.yml"]
    command += ["--out", str(target.parent), "--fixed-model-name", target.name]
    subprocess.run(command, check=True)  # noqa: S603 - Rasa's own command
    return target


def _write(text: str) -> None:
    page = PAGE.read_text("utf-8")
    before, _, rest = page.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    PAGE.write_text(f"{before}{_BEGIN}\n{text}\n{_END}{after}", "utf-8")


if __name__ == "__main__":
    sys.exit(main())
