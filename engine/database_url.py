"""Where trackers live. Imports nothing heavy: the environment is settled with it before Rasa comes in."""

import os
from pathlib import Path


def tracker_database_url() -> str:
    """SPORTELLO_TRACKER_URL, else the house's PostgreSQL, else a file of its own under SPORTELLO_VAR_DIR."""
    own = os.environ.get("SPORTELLO_TRACKER_URL")
    shared = os.environ.get("SPORTELLO_DATABASE_URL", "")
    if own or shared.startswith("postgresql"):
        return own or shared
    return f"sqlite:///{Path(os.environ.get('SPORTELLO_VAR_DIR', 'var')) / 'tracker.db'}"
