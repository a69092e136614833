"""The processes of the house: their commands and what each finds in its environment."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from backend.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
PYTHON = ROOT / ".venv" / "bin" / "python"
ENGINE_PYTHON = ROOT / "engine" / ".venv" / "bin" / "python"


@dataclass(frozen=True, slots=True)
class Child:
    """One process to start."""

    name: str
    command: tuple[str, ...]


def children(settings: Settings) -> tuple[Child, ...]:
    """Engine first: it takes longest to be ready."""
    python, engine_python = str(PYTHON), str(ENGINE_PYTHON)
    actions_port = str(settings.actions_port)
    return (
        Child("engine", (engine_python, "-m", "engine.serve")),
        Child(
            "actions",
            (python, "-m", "rasa_sdk", "--actions", "actions", "--port", actions_port, "--quiet"),
        ),
        Child("web", (python, "-m", "web")),
    )


def environment(settings: Settings) -> dict[str, str]:
    """What all of them share, on top of the caller's environment."""
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        "SPORTELLO_PROFILE": settings.profile.value,
        "SPORTELLO_VAR_DIR": str(settings.var_dir.resolve()),
        "SPORTELLO_DATABASE_URL": settings.database_url,
        "SPORTELLO_WEB_PORT": str(settings.web_port),
        "SPORTELLO_ENGINE_PORT": str(settings.engine_port),
        "SPORTELLO_ACTIONS_PORT": str(settings.actions_port),
        "SPORTELLO_GATEWAY_SECRET": settings.gateway_secret.get_secret_value(),
        "SPORTELLO_SECRET_KEY": settings.secret_key.get_secret_value(),
        "SPORTELLO_ACTIONS_URL": settings.actions_url,
        "SPORTELLO_TRACKER_URL": settings.tracker_database_url,
        "RASA_TELEMETRY_ENABLED": "false",
        "SANIC_HOST": "127.0.0.1",
        "OMP_NUM_THREADS": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
