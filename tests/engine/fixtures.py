"""A small assistant trained with the real pipeline, and stores over a throw-away database."""

import os
import socket
from pathlib import Path
from typing import AsyncIterator, Iterator, Tuple

import aiohttp
import pytest
import pytest_asyncio
from engine import speedups
from engine.channel import GatewayInput
from engine.lock_store import InProcessLockStore
from engine.nlg import MarketResponses
from engine.tracker_store import MaskedTrackerStore
from rasa.core.agent import Agent
from rasa.core.channels.channel import register
from rasa.shared.core.domain import Domain
from rasa.utils.endpoints import EndpointConfig
from sanic import Sanic

from tests.engine.gateway import Gateway
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


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def served() -> AsyncIterator[Tuple[Sanic, str]]:
    """One server for all tests: Sanic rewrites its own methods when an app starts, once a process."""
    app = Sanic("test_channel", configure_logging=False)
    register([GatewayInput("s3cret")], app, "/webhooks/")
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = await app.create_server(sock=listener, return_asyncio_server=True)
        await server.startup()
        await server.start_serving()
        yield app, f"http://127.0.0.1:{listener.getsockname()[1]}"
        await server.close()


@pytest_asyncio.fixture(loop_scope="session")
async def gateway(served: Tuple[Sanic, str], agent: Agent) -> AsyncIterator[Gateway]:
    app, url = served
    app.ctx.agent = agent
    async with aiohttp.ClientSession() as session:
        yield Gateway(app, url, session)
