"""Process-wide settings that must stand before Rasa and the numeric libraries are imported."""

import logging
import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

_DEFAULTS = {
    "RASA_TELEMETRY_ENABLED": "false",  # or it reports to its vendor at every command
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MPLBACKEND": "Agg",
    "LOG_LEVEL": "WARNING",  # and without it, progress bars redrawn a hundred times a second
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
}

_KNOWN_WARNINGS = (
    "'ResponseSelector'",  # our classifier selects the response itself
    "You have defined synonyms",  # LookupEntities maps them itself
    "Slot auto-fill has been removed",
    "pkg_resources",
    "load_module",
)


def prepare(**overrides: str) -> None:
    """Set what is not set yet, and work from the project's root, as Rasa's paths expect."""
    for name, value in {**_DEFAULTS, **overrides}.items():
        os.environ.setdefault(name, value)
    os.chdir(ROOT)
    logging.captureWarnings(True)
    logging.getLogger("py.warnings").addFilter(_is_for_us)


def _is_for_us(record: logging.LogRecord) -> bool:
    """Rasa's own stack is frozen: what its libraries deprecate, and what we do on purpose, is no news."""
    message = record.getMessage()
    return "DeprecationWarning" not in message and not any(
        known in message for known in _KNOWN_WARNINGS
    )


def var_folder() -> Path:
    """Where what can be made again is kept."""
    return Path(os.environ.get("SPORTELLO_VAR_DIR", "var"))
