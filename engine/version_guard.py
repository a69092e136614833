"""The one Rasa version that the patches of this package were written against."""

import rasa.version

SUPPORTED_RASA = "3.6.21"


def require_supported_rasa() -> None:
    """Refuse to patch a Rasa whose inside nobody compared with ours."""
    if rasa.version.__version__ != SUPPORTED_RASA:
        raise RuntimeError(
            f"engine patches Rasa {SUPPORTED_RASA}, but {rasa.version.__version__} is installed: "
            "compare engine/speedups.py and engine/without_tensorflow.py with its source first"
        )
