"""A small assistant trained with the real pipeline, and stores over a throw-away database."""

import os
from pathlib import Path
from typing import Iterator

import pytest
from engine import speedups
from engine.lock_store import InProcessLockStore
from engine.nlg import MarketResponses
from engine.tracker_store import MaskedTrackerStore
from rasa.core.agent import Agent
from rasa.shared.core.domain import Domain
from rasa.utils.endpoints import EndpointConfig

from tests.engine.small_assistant import DOMAIN, NLU, RULES

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def small_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of tests/engine/small_assistant.py, trained with the project's own config.yml."""
    from engine.train import train

    folder = tmp_path_factory.mktemp("assistant")
    os.environ["SPORTELLO_VAR_DIR"] = str(folder / "var")
    os.environ["RASA_MAX_CACHE_SIZE"] = "0"
    (folder / "data").mkdir()
    (folder / "domain.yml").write_text(DOMAIN, "utf-8")
    (folder / "data" / "nlu.yml").write_text(NLU, "utf-8")
    (folder / "data" / "rules.yml").write_text(RULES, "utf-8")
    model = folder / "models" / "small.tar.gz"
    try:
        assert train(
            model, str(ROOT / "config.yml"), str(folder / "domain.yml"), str(folder / "data")
        )
    finally:
        speedups.uninstall()
    return model


@pytest.fixture
def markets(tmp_path: Path) -> Path:
    """A folder with two small markets."""
    folder = tmp_path / "markets"
    folder.mkdir()
    (folder / "it.yml").write_text("facts: {helpline: '800 123', app: MyGenerali}\n", "utf-8")
    (folder / "id.yml").write_text("facts: {helpline: 15000-37, app: Gen iClick}\n", "utf-8")
    return folder


@pytest.fixture
def store(tmp_path: Path) -> Iterator[MaskedTrackerStore]:
    """A tracker store over SQLite."""
    store = MaskedTrackerStore(Domain.from_yaml(DOMAIN), host=f"sqlite:///{tmp_path}/tracker.db")
    yield store
    store.engine.dispose()


@pytest.fixture
def agent(small_model: Path, store: MaskedTrackerStore, markets: Path) -> Agent:
    """The small assistant with our store, lock store and response choice, without an action server."""
    nlg = MarketResponses(EndpointConfig(markets=str(markets)), Domain.from_yaml(DOMAIN))
    return Agent.load(
        small_model,
        generator=nlg,
        tracker_store=store,
        lock_store=InProcessLockStore(),
    )
