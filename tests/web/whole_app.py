"""The whole web application on the real backend, with an engine that says what a test wants."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient

from backend.bootstrap import build
from backend.settings import Hashing, Settings
from tests.web.gateway.house import QUICK, ROOT, FakeEngine, empty_database
from web.app import create_app
from web.gateway.numbers import GatewayNumbers

FOLDERS = ("markets_dir", "texts_dir", "demo_dir")
CHEAP = Hashing(memory_kib=8, time_cost=1, parallelism=1)


def make_settings(folder: Path, **chosen: Any) -> Settings:
    folders = {name: ROOT / name.removesuffix("_dir") for name in FOLDERS}
    given = {
        "database_url": f"sqlite:///{empty_database(folder / 'sportello.db')}",
        "var_dir": folder,
        "hashing": CHEAP,
    }
    return Settings(**folders | given | chosen)


class WholeApp:
    """Use as a context manager: the background work runs inside."""

    def __init__(self, folder: Path, *, numbers: GatewayNumbers = QUICK, **chosen: Any) -> None:
        self.engine = FakeEngine()
        self.backend = build(make_settings(folder, **chosen))
        self.app = create_app(self.backend, self.engine, numbers=numbers)
        self.http = TestClient(self.app, raise_server_exceptions=False)

    def __enter__(self) -> WholeApp:
        self.http.__enter__()
        return self

    def __exit__(self, *failure: Any) -> None:
        self.http.__exit__(*failure)
        self.backend.close()
