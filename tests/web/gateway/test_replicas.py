"""Two web processes on one PostgreSQL: the socket is on one, the turn runs on the other."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from backend.adapters import schema
from backend.adapters.database import make_engine
from tests.backend.desk import temporary_postgresql
from tests.web.gateway.house import QUICK
from tests.web.gateway.test_widget import Talk
from tests.web.whole_app import WholeApp

pytestmark = pytest.mark.services

# Whoever looks by itself comes too late for these tests: only what is told counts.
DEAF = replace(QUICK, look_again=120.0, sweep_every=120.0, claim_life=12.0, claim_kept_every=4.0)


@pytest.fixture
def database() -> Iterator[str]:
    with temporary_postgresql() as url:
        engine = make_engine(url)
        schema.load_tables().create_all(engine)
        engine.dispose()
        yield url


@pytest.fixture
def houses(database: str, tmp_path: Path) -> Iterator[tuple[WholeApp, WholeApp]]:
    with ExitStack() as running:
        one, other = (
            running.enter_context(WholeApp(folder, numbers=DEAF, database_url=database))
            for folder in (_made(tmp_path / "one"), _made(tmp_path / "other"))
        )
        _until_listening(database, 2)
        yield one, other


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


LISTENERS = """
FROM pg_stat_activity WHERE starts_with(query, 'LISTEN') AND datname = current_database()
"""


def _until_listening(database: str, processes: int) -> None:
    with _server(database) as server:
        while server.execute(f"SELECT count(*) {LISTENERS}").fetchone() != (processes,):
            continue


def _server(database: str) -> psycopg.Connection:
    return psycopg.connect(database.replace("+psycopg", ""), autocommit=True)


@contextmanager
def socket(house: WholeApp, token: str, after: int = 0) -> Iterator[Talk]:
    with house.http.websocket_connect("/widget/socket") as opened:
        opened.send_json({"type": "hello", "token": token, "after": after})
        yield Talk(opened, opened.receive_json())


def new_session(house: WholeApp) -> str:
    return str(house.http.post("/widget/sessions", json={"market": "it"}).json()["token"])


def post(house: WholeApp, token: str, *frames: dict[str, Any]) -> list[dict[str, Any]]:
    hello = {"type": "hello", "token": token}
    body = "\n".join(json.dumps(frame) for frame in (hello, *frames))
    response = house.http.post("/widget/frames", content=body)
    assert response.status_code == 200, response.text
    return [json.loads(line) for line in response.text.splitlines()]


def written(words: str, name: str = "k1") -> dict[str, Any]:
    return {"type": "text", "client_id": name, "text": words}


def test_answer_and_typing_of_another_process_reach_the_socket_at_once(
    houses: tuple[WholeApp, WholeApp],
) -> None:
    here, there = houses
    token = new_session(here)
    with socket(here, token) as talk:
        there.http.portal.call(there.engine.gate.clear)  # type: ignore[union-attr]
        assert post(there, token, written("ciao")) == [{"type": "ack", "client_id": "k1"}]
        talk.until("typing", on=True)
        there.http.portal.call(there.engine.gate.set)  # type: ignore[union-attr]
        assert talk.answer()["text"] == "sentito: ciao"
        talk.until("typing", on=False)
    assert (here.engine.texts, there.engine.texts) == ([], ["ciao"])


def test_who_connects_in_the_middle_of_a_turn_elsewhere_sees_it_typing(
    houses: tuple[WholeApp, WholeApp],
) -> None:
    here, there = houses
    token = new_session(here)
    there.http.portal.call(there.engine.gate.clear)  # type: ignore[union-attr]
    with socket(here, token) as first:
        post(there, token, written("ciao"))
        first.until("typing", on=True)
        with socket(here, token) as second:
            assert second.welcome["typing"] is True
            there.http.portal.call(there.engine.gate.set)  # type: ignore[union-attr]
            second.answer()


def test_conversation_goes_on_in_another_process_without_loss_or_doubling(
    houses: tuple[WholeApp, WholeApp],
) -> None:
    here, there = houses
    token = new_session(here)
    with socket(here, token) as talk:
        talk.send(**written("uno"))
        talk.answer()
    with socket(there, token, after=2) as again:
        # The acknowledgement was lost with the first process.
        again.send(**written("uno"))
        again.until("ack")
        again.send(**written("due", "k2"))
        assert again.answer()["seq"] == 4
    assert here.engine.texts + there.engine.texts == ["uno", "due"]


def test_polls_go_from_process_to_process(houses: tuple[WholeApp, WholeApp]) -> None:
    here, there = houses
    token = new_session(here)
    opened = _polled(here, {"type": "hello", "token": token})
    post(there, token, written("ciao"))
    cursor, lines = opened[-1]["cursor"], []
    for house in (there, here, there, here):
        frames = _polled(house, {"type": "hello", "token": token, "cursor": cursor})
        lines += [frame["seq"] for frame in frames if frame["type"] == "message"]
        cursor = frames[-1]["cursor"]
        if lines:
            break
    assert lines == [1, 2]


def _polled(house: WholeApp, hello: dict[str, Any]) -> list[dict[str, Any]]:
    response = house.http.post("/widget/poll", content=json.dumps(hello))
    assert response.status_code == 200, response.text
    return [json.loads(line) for line in response.text.splitlines()]


def test_what_was_missed_while_the_database_was_away_is_looked_up(
    houses: tuple[WholeApp, WholeApp], database: str
) -> None:
    here, there = houses
    token = new_session(here)
    with socket(here, token) as talk:
        with _server(database) as server:
            server.execute(f"SELECT pg_terminate_backend(pid) {LISTENERS}")
        post(there, token, written("ciao"))
        assert talk.answer()["text"] == "sentito: ciao"
