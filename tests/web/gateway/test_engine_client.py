"""The HTTP adapter of the engine against a real server."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest

from web.gateway.engine import (
    EngineAnswer,
    EngineError,
    EngineRequest,
    HttpEngineClient,
    Parse,
    ShardedEngine,
)

ANSWER = {
    "messages": [
        {
            "text": "Che cosa è?",
            "buttons": [{"title": "Persona", "payload": '/inform{"profile": "person"}'}],
            "page": None,
        },
        {"text": "", "page": {"id": "p_1", "kind": "password", "minutes": 10}},
    ],
    "state": {"flow": "register", "asking": "profile", "language": "it"},
    "masked_text": "ciao",
}

REQUEST = EngineRequest(
    conversation="c_0123456789012345678901",
    message_id="m_0123456789012345678901",
    channel="web",
    market="it",
    language="it",
    client=None,
    text="ciao",
)


class Engine(ThreadingHTTPServer):
    """A server that answers as the engine's gateway channel does."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.status = 200
        self.body: bytes = json.dumps(ANSWER).encode()
        self.slow = threading.Event()
        self.slow.set()
        self.seen: list[tuple[str, dict[str, Any]]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: Engine
    paths: ClassVar = ("/webhooks/gateway/webhook",)

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.seen.append((self.headers["X-Sportello-Secret"], body))
        self.server.slow.wait(5)
        self._answer(self.server.status if self.path in self.paths else 404)

    def do_GET(self) -> None:
        self._answer(self.server.status if self.path == "/webhooks/gateway/health" else 404)

    def _answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(self.server.body)))
        self.end_headers()
        self.wfile.write(self.server.body)

    def log_message(self, *_: Any) -> None:
        """Nothing on the tests' output."""


@pytest.fixture
def server() -> Iterator[Engine]:
    made = Engine()
    thread = threading.Thread(target=made.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield made
    made.slow.set()
    made.shutdown()
    made.server_close()


@pytest.fixture
async def client(server: Engine) -> AsyncIterator[HttpEngineClient]:
    made = HttpEngineClient(server.url, "the-secret", timeout=0.5, turns_at_once=2)
    yield made
    await made.aclose()


async def failure_of(client: HttpEngineClient) -> EngineError:
    with pytest.raises(EngineError) as raised:
        await client.turn(REQUEST)
    return raised.value


async def test_turn_is_sent_with_the_secret_and_its_answer_read(
    client: HttpEngineClient, server: Engine
) -> None:
    answer = await client.turn(REQUEST)
    assert answer.messages[0].buttons[0].title == "Persona"
    assert answer.messages[1].page is not None
    assert (answer.state.asking, answer.masked_text) == ("profile", "ciao")
    [(secret, body)] = server.seen
    assert secret == "the-secret"
    assert body == {
        "conversation": REQUEST.conversation,
        "message_id": REQUEST.message_id,
        "channel": "web",
        "market": "it",
        "language": "it",
        "client": None,
        "text": "ciao",
    }


async def test_known_meaning_is_sent_in_place_of_text(
    client: HttpEngineClient, server: Engine
) -> None:
    await client.turn(replace(REQUEST, text=None, parse=Parse("inform", {"a": "b"}, "Persona")))
    [(_, body)] = server.seen
    assert "text" not in body
    assert body["parse"] == {"intent": "inform", "entities": {"a": "b"}, "text": "Persona"}


@pytest.mark.parametrize(
    ("status", "may_pass"), [(503, True), (500, True), (429, True), (401, False), (400, False)]
)
async def test_refusals_say_whether_trying_again_may_help(
    client: HttpEngineClient, server: Engine, status: int, may_pass: bool
) -> None:
    server.status = status
    assert (await failure_of(client)).may_pass is may_pass


async def test_silence_is_a_failure_that_may_pass(client: HttpEngineClient, server: Engine) -> None:
    server.slow.clear()
    began = time.monotonic()
    assert (await failure_of(client)).may_pass
    assert time.monotonic() - began < 3


async def test_turns_beyond_the_cap_wait_until_one_has_ended(server: Engine) -> None:
    client = HttpEngineClient(server.url, "the-secret", timeout=5, turns_at_once=2)
    server.slow.clear()
    turns = [asyncio.create_task(client.turn(REQUEST)) for _ in range(3)]
    async with asyncio.timeout(5):
        while len(server.seen) < 2:  # noqa: ASYNC110 - the server is in another thread
            await asyncio.sleep(0.01)
    assert await client.is_alive()
    assert len(server.seen) == 2
    server.slow.set()
    assert len(await asyncio.gather(*turns)) == 3
    assert len(server.seen) == 3
    await client.aclose()


async def test_closed_door_is_a_failure_that_may_pass() -> None:
    client = HttpEngineClient("http://127.0.0.1:9", "s", timeout=0.5, turns_at_once=2)
    assert (await failure_of(client)).may_pass
    assert not await client.is_alive()


@pytest.mark.parametrize("body", [b"", b"null", b'{"messages": "Giulia"}', b"<html>Giulia</html>"])
async def test_unreadable_answer_is_a_failure_that_quotes_nothing(
    client: HttpEngineClient, server: Engine, body: bytes
) -> None:
    server.body = body
    failure = await failure_of(client)
    assert not failure.may_pass
    assert "Giulia" not in str(failure)


async def test_engine_is_alive_when_it_could_run_a_turn(
    client: HttpEngineClient, server: Engine
) -> None:
    assert await client.is_alive()
    server.status = 503
    assert not await client.is_alive()


def test_nothing_said_shows_in_a_representation() -> None:
    assert "ciao" not in repr(REQUEST)
    assert "segreto" not in repr(Parse("inform", {"x": "segreto"}, "segreto"))


class Named:
    """An engine of which only matters that it was asked."""

    def __init__(self, *, is_up: bool = True) -> None:
        self.is_up = is_up
        self.asked: list[str] = []

    async def turn(self, request: EngineRequest) -> EngineAnswer:
        self.asked.append(request.conversation)
        if not self.is_up:
            raise EngineError("down", may_pass=True)
        return EngineAnswer.model_validate(ANSWER)

    async def is_alive(self) -> bool:
        return self.is_up


CONVERSATIONS = [f"c_{number:022d}" for number in range(300)]


async def homes(names: Sequence[str]) -> dict[str, str]:
    engines = {name: Named() for name in names}
    sharded = ShardedEngine(engines)
    for conversation in CONVERSATIONS:
        await sharded.turn(replace(REQUEST, conversation=conversation))
    return {one: name for name, engine in engines.items() for one in engine.asked}


async def test_a_conversation_stays_with_its_engine_whatever_the_order_of_the_list() -> None:
    assert await homes("ab") == await homes("ba")


async def test_conversations_are_shared_out_evenly() -> None:
    counted = Counter((await homes("abc")).values())
    assert all(70 <= number <= 130 for number in counted.values())


async def test_with_another_engine_only_what_moves_to_it_moves() -> None:
    before, after = await homes("ab"), await homes("abc")
    assert all(after[one] in {before[one], "c"} for one in CONVERSATIONS)


async def test_no_other_engine_takes_a_turn_over() -> None:
    engines = {"a": Named(is_up=False), "b": Named(is_up=False)}
    sharded = ShardedEngine(engines)
    with pytest.raises(EngineError):
        await sharded.turn(REQUEST)
    assert [len(engine.asked) for engine in engines.values()] in ([0, 1], [1, 0])
    assert not await sharded.is_alive()
    engines["b"].is_up = True
    assert await sharded.is_alive()
