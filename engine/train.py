"""`python -m engine.train [--force]`: trains a model unless one fits the content."""

import argparse
import logging
import os
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from engine import environment, model_files

logger = logging.getLogger("engine.train")


def main() -> int:
    """The command. Returns the process's exit code."""
    parser = argparse.ArgumentParser(prog="engine.train", description=__doc__)
    parser.add_argument(
        "--force", action="store_true", help="train even if a model fits the content"
    )
    arguments = parser.parse_args()
    target = model_files.fitting_model(environment.ROOT)
    if target.exists() and not arguments.force:
        print(f"The model fits the content: {target.name}")
        return 0
    cores = str(os.cpu_count() or 1)
    environment.prepare(
        OMP_NUM_THREADS=cores,
        OPENBLAS_NUM_THREADS=cores,
        RASA_CACHE_DIRECTORY=str(model_files.cache_folder(environment.ROOT)),
    )
    _show_progress()
    started = time.monotonic()
    print("Training the model (language, intents, names, dialogue) ...", flush=True)
    if not train(target, afresh=arguments.force):
        print("Training failed; the reason is above.", file=sys.stderr)
        return 1
    model_files.remove_old_models(environment.ROOT)
    print(f"Trained {target.name} in {time.monotonic() - started:.0f} s")
    return 0


def train(
    target: Path,
    config: str = "config.yml",
    domain: str = "domain.yml",
    data: str = "data",
    afresh: bool = False,
) -> bool:
    """Train with Rasa and put the model at `target` in one step. Without TensorFlow.

    What an earlier training made is taken again where nothing it was made from has changed, unless `afresh`.
    """
    from engine import without_tensorflow

    without_tensorflow.install()
    from rasa.model_training import train as rasa_train

    from engine import speedups

    speedups.install_for_training()

    target.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=target.parent) as folder:
        result = rasa_train(
            domain=domain,
            config=config,
            training_files=[data],
            output=folder,
            fixed_model_name=target.name,
            force_training=afresh,
        )
        if result.code or not result.model:
            return False
        Path(result.model).replace(target)
    return True


def _show_progress() -> None:
    from engine import logs

    logs.quiet_structlog()
    logging.basicConfig(
        level=logging.WARNING, format="  %(message)s", stream=sys.stdout, force=True
    )
    for name in ("engine", "rasa.engine.training.hooks"):
        logging.getLogger(name).setLevel(logging.INFO)


if __name__ == "__main__":
    sys.exit(main())
