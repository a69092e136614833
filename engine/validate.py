"""`python -m engine.validate`: `rasa data validate --fail-on-warnings`, without the noise.

Rasa warns of every response that is said by an action rather than by a rule, and of the intents that
only the house itself sends. Both are by design; everything else is shown, and fails.
"""

import logging
import sys
import warnings
from typing import Any

from engine import environment

_BY_DESIGN = (
    "is not used in any story or rule",
    "is not found in the NLU training data",
    "Slot auto-fill has been removed",
    "duplicated intents have been found across multiple domain files: faq",
)


def main() -> int:
    """The command. Returns the process's exit code."""
    environment.prepare()
    from engine import without_tensorflow

    without_tensorflow.install()
    logging.captureWarnings(False)
    warnings.simplefilter("always", UserWarning)
    warnings.showwarning = _show

    import rasa.cli.utils
    from rasa.shared.importers.importer import TrainingDataImporter

    importer = TrainingDataImporter.load_from_config(
        config_path="config.yml", domain_path="domain.yml", training_data_paths=["data"]
    )
    rasa.cli.utils.validate_files(True, None, importer)  # exits with 1 by itself
    print("· rasa data validate: nothing to mend")
    return 0


def _show(message: Any, category: Any, *_place: Any) -> None:
    text = str(message)
    ours = issubclass(category, UserWarning) and not issubclass(category, DeprecationWarning)
    if ours and not any(known in text for known in _BY_DESIGN):
        print(f"{category.__name__}: {text}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
