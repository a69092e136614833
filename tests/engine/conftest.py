"""The engine's tests run in the engine's own environment: `make test-engine`."""

import importlib.util
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

if importlib.util.find_spec("rasa") is None:
    collect_ignore_glob = ["*.py"]  # the root environment has no Rasa
else:
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
    os.environ.setdefault("LOG_LEVEL", "WARNING")
    os.environ.setdefault("OMP_NUM_THREADS", "1")

    from engine import logs, without_tensorflow

    logs.quiet_structlog()
    without_tensorflow.install()

    pytest_plugins = ["tests.engine.fixtures"]
