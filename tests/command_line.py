"""The `sportello` command as an operator types it, on a database of its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.backend.desk import ROOT
from tools.cli import app


def own_database(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have commands work in *folder*, whatever the environment says."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("SPORTELLO_VAR_DIR", str(folder))
    for name in ("SPORTELLO_DATABASE_URL", "SPORTELLO_TRACKER_URL"):
        monkeypatch.delenv(name, raising=False)


def run(*arguments: str) -> tuple[int, str, str]:
    """Exit code, what was printed, and what was complained of."""
    result = CliRunner().invoke(app, list(arguments))
    return result.exit_code, result.stdout, result.stderr
