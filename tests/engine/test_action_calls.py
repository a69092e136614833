"""A turn whose action fails leaves nothing behind, and may be run again."""

import socket
from contextlib import asynccontextmanager
from typing import Any, AsyncIterator, Dict, Iterator, Tuple

import pytest
from aiohttp import web
from engine import action_calls
from engine.tracker_store import MaskedTrackerStore
from rasa.core.agent import Agent
from rasa.utils.endpoints import EndpointConfig

from tests.engine.gateway import Gateway, texts, user_events

pytestmark = pytest.mark.asyncio(loop_scope="session")

BUTTON = {"intent": "talk_to_human", "entities": {}, "text": "Una persona"}
DONE: Tuple[int, Dict[str, Any]] = (200, {"events": [], "responses": [{"text": "Ecco."}]})


@pytest.fixture(autouse=True)
def actions_that_must_work() -> Iterator[None]:
    action_calls.install()
    yield
    action_calls.uninstall()


@pytest.fixture
def port(agent: Agent) -> int:
    """Where the agent looks for its action server."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number = int(free.getsockname()[1])
    agent.processor.action_endpoint = EndpointConfig(f"http://127.0.0.1:{number}/webhook")  # type: ignore[union-attr]
    return number


@asynccontextmanager
async def action_server(port: int, status: int, body: Dict[str, Any]) -> AsyncIterator[None]:
    async def answer(_request: web.Request) -> web.Response:
        return web.json_response(body, status=status)

    app = web.Application()
    app.router.add_post("/webhook", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield
    finally:
        await runner.cleanup()


async def test_a_turn_waits_for_an_action_server_that_is_away(
    gateway: Gateway, store: MaskedTrackerStore, port: int
) -> None:
    await gateway.say("ciao")
    request = gateway.request(parse=BUTTON)
    assert await gateway.post(**request) == (503, {"error": "action_failed"})
    assert user_events(store) == ["ciao"]

    async with action_server(port, *DONE):
        status, answer = await gateway.post(**request)
    assert (status, texts(answer)) == (200, ["Ecco."])
    assert user_events(store) == ["ciao", "Una persona"]


async def test_a_turn_whose_action_breaks_is_not_kept_by_halves(
    gateway: Gateway, store: MaskedTrackerStore, port: int
) -> None:
    async with action_server(port, 500, {"error": "a bug"}):
        assert await gateway.post(**gateway.request(parse=BUTTON)) == (
            424,
            {"error": "action_failed"},
        )
    assert user_events(store) == []
    assert texts(await gateway.say("ciao")) == ["Buongiorno da MyGenerali"]


async def test_an_action_that_declines_lets_the_turn_go_on(gateway: Gateway, port: int) -> None:
    declined = {"action_name": "action_hand_over", "error": "not now"}
    async with action_server(port, 400, declined):
        status, _ = await gateway.post(**gateway.request(parse=BUTTON))
    assert status == 200
