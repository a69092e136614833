"""What strangers and broken clients send: refused or answered safely, others unaffected."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from starlette.websockets import WebSocketDisconnect

from tests.web.gateway.house import QUICK
from tests.web.gateway.test_widget import Desk, Talk, closing_code


@pytest.fixture
def desk(backend: Any) -> Iterator[Desk]:
    made = Desk(backend)
    with made.http:
        yield made


def test_token_of_one_session_shows_nothing_of_another(desk: Desk) -> None:
    with desk.socket(desk.open_session()) as mine, desk.socket(desk.open_session()) as foreign:
        mine.send(type="text", client_id="k1", text="il mio segreto")
        mine.answer()
        foreign.send(type="text", client_id="k1", text="ciao")
        foreign.answer()
    assert "segreto" not in str(foreign.seen)
    assert [frame["seq"] for frame in foreign.seen if frame["type"] == "message"] == [1, 2]


def test_button_of_another_session_does_nothing_here(desk: Desk) -> None:
    with desk.socket(desk.open_session()) as talk:
        talk.send(type="button", client_id="k1", id="b_of-another-session")
        assert talk.answer()["from"] == "bot"
    assert desk.engine.requests == []


def test_ten_thousand_characters_are_cut_and_answered(desk: Desk) -> None:
    with desk.socket(desk.open_session()) as talk:
        talk.send(type="text", client_id="k1", text="a" * 8_000)
        talk.answer()
        talk.send(type="text", client_id="k2", text="a" * 10_000)
        refused = talk.until("error")
        talk.send(type="text", client_id="k3", text="eccomi")
        talk.until("message", text="sentito: eccomi")
    assert (refused["code"], refused["client_id"]) == ("too_large", "k2")
    assert len(desk.engine.texts[0] or "") == 1_000


@pytest.mark.parametrize("harm", ["ci\x00ao", "\x00ciao", "ci\x00\x00ao\x00"])
def test_nul_bytes_reach_neither_engine_nor_database(desk: Desk, harm: str) -> None:
    with desk.socket(desk.open_session()) as talk:
        talk.send(type="text", client_id="k1", text=harm)
        assert talk.answer()["text"] == "sentito: ciao"
    assert desk.engine.texts == ["ciao"]


@pytest.mark.parametrize(
    "frame",
    [
        {"type": "button", "client_id": "k1", "id": "b\x00"},
        {"type": "identity", "token": "a\x00b"},
    ],
)
def test_nul_bytes_in_other_fields_do_no_harm(desk: Desk, frame: dict[str, Any]) -> None:
    with desk.socket(desk.open_session()) as talk:
        talk.send(**frame)
        talk.send(type="text", client_id="k2", text="ciao")
        assert talk.until("message", text="sentito: ciao")


def test_token_with_a_nul_byte_opens_nothing(desk: Desk) -> None:
    assert closing_code(desk, {"type": "hello", "token": "a\x00b"}) == 4401


def test_fifty_messages_at_once_from_one_sender_do_not_hold_up_another(desk: Desk) -> None:
    with desk.socket(desk.open_session()) as loud, desk.socket(desk.open_session()) as quiet:
        for n in range(50):
            loud.send(type="text", client_id=f"k{n}", text=f"n{n}")
        quiet.send(type="text", client_id="k1", text="ciao")
        assert quiet.answer()["text"] == "sentito: ciao"
        assert not [frame for frame in quiet.seen if frame["type"] == "error"]
        refused = _refusals(loud, 30)
    assert {frame["code"] for frame in refused} == {"rate_limited"}
    assert [frame["client_id"] for frame in refused] == [f"k{n}" for n in range(20, 50)]


def _refusals(talk: Talk, count: int) -> list[dict[str, Any]]:
    return [talk.until("error") for _ in range(count)]


def test_flood_of_anything_is_cut_off_and_others_go_on(backend: Any) -> None:
    desk = Desk(backend, replace(QUICK, frames=30))
    with desk.http, desk.socket(desk.open_session()) as quiet:
        with desk.socket(desk.open_session()) as loud:
            for _ in range(31):
                loud.socket.send_text("no json")
            with pytest.raises(WebSocketDisconnect) as closed:
                loud.until("nothing")
        assert closed.value.code == 4429
        quiet.send(type="text", client_id="k1", text="ciao")
        quiet.answer()
