"""The widget's protocol, spoken over a real WebSocket."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.testclient import WebSocketTestSession
from starlette.websockets import WebSocketDisconnect

from backend.services.conversations import SESSION_IDLE
from tests.web.gateway.house import QUICK, FakeEngine, database_file, make_backend, said
from web.gateway import widget
from web.gateway.engine import EnginePage
from web.gateway.service import Gateway


class Desk:
    """The widget's routes, served, with an engine to steer."""

    def __init__(self, backend: Any, numbers: Any = QUICK) -> None:
        self.engine = FakeEngine()
        self.backend = backend
        self.gateway = Gateway(backend, self.engine, numbers)

        @asynccontextmanager
        async def lifespan(_app: FastAPI) -> Any:
            await self.gateway.start()
            yield
            self.engine.gate.set()
            await self.gateway.stop()

        app = FastAPI(lifespan=lifespan)
        app.include_router(widget.make_router(backend, self.gateway))
        self.http = TestClient(app)

    def open_session(self, **wish: str) -> str:
        response = self.http.post("/widget/sessions", json={"market": "it"} | wish)
        assert response.status_code == 201, response.text
        return str(response.json()["token"])

    @contextmanager
    def socket(self, token: str, after: int = 0) -> Iterator[Talk]:
        with self.http.websocket_connect("/widget/socket") as socket:
            socket.send_json({"type": "hello", "token": token, "after": after})
            welcome = socket.receive_json()
            assert welcome["type"] == "welcome"
            yield Talk(socket, welcome)

    def hold(self) -> None:
        self.http.portal.call(self.engine.gate.clear)  # type: ignore[union-attr]

    def release(self) -> None:
        self.http.portal.call(self.engine.gate.set)  # type: ignore[union-attr]


class Talk:
    """One socket after its welcome."""

    def __init__(self, socket: WebSocketTestSession, welcome: dict[str, Any]) -> None:
        self.socket = socket
        self.welcome = welcome
        self.seen: list[dict[str, Any]] = []

    def send(self, **frame: Any) -> None:
        self.socket.send_json(frame)

    def until(self, kind: str, **fields: Any) -> dict[str, Any]:
        """The next frame of this type (and these values); what came before is in `seen`."""
        for _ in range(200):
            frame = self.socket.receive_json()
            self.seen.append(frame)
            if frame["type"] == kind and fields.items() <= frame.items():
                return frame
        raise AssertionError(f"no {kind} {fields} in {self.seen}")

    def answer(self) -> dict[str, Any]:
        return self.until("message", **{"from": "bot"})


@pytest.fixture
def desk(backend: Any) -> Iterator[Desk]:
    made = Desk(backend)
    with made.http:
        yield made


def closing_code(desk: Desk, first: Any, headers: dict[str, str] | None = None) -> int:
    try:
        with desk.http.websocket_connect("/widget/socket", headers=headers or {}) as socket:
            if isinstance(first, str):
                socket.send_text(first)
            elif first is not None:
                socket.send_json(first)
            socket.receive_json()
    except WebSocketDisconnect as closed:
        return closed.code
    raise AssertionError("the socket stayed open")


def test_message_is_acknowledged_echoed_and_answered_in_order(desk: Desk) -> None:
    with desk.socket(desk.open_session()) as talk:
        assert talk.welcome["state"] == {
            "flow": None,
            "asking": None,
            "language": "it",
            "market": "it",
            "held_by": "bot",
            "choices": [],
        }
        talk.send(type="text", client_id="k1", text="ciao")
        answer = talk.answer()
        lines = [frame for frame in talk.seen if frame["type"] == "message"]
    assert [frame["seq"] for frame in lines] == [1, 2]
    assert (lines[0]["from"], lines[0]["client_id"]) == ("customer", "k1")
    assert answer["text"] == "sentito: ciao"
    assert {"type": "ack", "client_id": "k1"} in talk.seen


def test_typing_is_shown_while_an_answer_is_worked_out(desk: Desk) -> None:
    with desk.socket(desk.open_session()) as talk:
        desk.hold()
        talk.send(type="text", client_id="k1", text="ciao")
        talk.until("typing", on=True)
        desk.release()
        talk.answer()
        talk.until("typing", on=False)


def test_buttons_are_pressable_until_the_next_turn(desk: Desk) -> None:
    desk.engine.answer = lambda _: said("Va bene?", buttons=[("Sì", "/affirm"), ("No", "/deny")])
    with desk.socket(desk.open_session()) as talk:
        talk.send(type="text", client_id="k1", text="ciao")
        offered = [button["id"] for button in talk.answer()["buttons"]]
        assert talk.until("state")["state"]["choices"] == offered
        desk.engine.answer = lambda _: said("Bene.", flow="register", asking="contact")
        talk.send(type="button", client_id="k2", id=offered[0])
        own = talk.until("message", **{"from": "customer"})
        assert (own["text"], own["button"]) == ("Sì", offered[0])
        state = talk.until("state")["state"]
        assert (state["choices"], state["flow"], state["asking"]) == ([], "register", "contact")


def test_reload_brings_back_everything_without_loss_or_doubling(desk: Desk) -> None:
    token = desk.open_session()
    with desk.socket(token) as talk:
        for n in range(3):
            talk.send(type="text", client_id=f"k{n}", text=f"n{n}")
            talk.answer()
    with desk.socket(token, after=0) as again:
        assert again.welcome["last_seq"] == 6
        frames = [again.until("message") for _ in range(6)]
    assert [frame["seq"] for frame in frames] == [1, 2, 3, 4, 5, 6]
    with desk.socket(token, after=4) as rest:
        assert [rest.until("message")["seq"] for _ in range(2)] == [5, 6]


def test_answer_that_came_while_away_is_there_on_return(desk: Desk) -> None:
    token = desk.open_session()
    desk.hold()
    with desk.socket(token) as talk:
        talk.send(type="text", client_id="k1", text="ciao")
        talk.until("ack")
    desk.release()
    with desk.socket(token) as again:
        assert again.answer()["text"] == "sentito: ciao"


def test_frame_sent_again_after_a_lost_connection_has_no_second_effect(desk: Desk) -> None:
    token = desk.open_session()
    with desk.socket(token) as talk:
        talk.send(type="text", client_id="k1", text="ciao")
        talk.answer()
    with desk.socket(token, after=2) as again:
        again.send(type="text", client_id="k1", text="ciao")
        assert again.until("ack")["client_id"] == "k1"
        again.send(type="text", client_id="k2", text="eccomi")
        assert again.answer()["text"] == "sentito: eccomi"
    assert desk.engine.texts == ["ciao", "eccomi"]


def test_every_tab_of_a_session_sees_everything(desk: Desk) -> None:
    token = desk.open_session()
    with desk.socket(token) as one, desk.socket(token) as other:
        one.send(type="text", client_id="k1", text="ciao")
        assert one.answer() == other.answer()


def test_conversation_that_goes_on_by_itself_reaches_the_open_socket(desk: Desk) -> None:
    with desk.socket(desk.open_session()) as talk:
        desk.engine.answer = lambda _: said("La password è impostata.")
        conversation = talk.welcome["conversation"]
        desk.http.portal.call(desk.gateway.enqueue_event, conversation, "page_done")  # type: ignore[union-attr]
        assert talk.answer()["text"] == "La password è impostata."


def test_page_card_comes_with_its_address_and_loses_it_after_use(desk: Desk) -> None:
    page = EnginePage(id="p1", kind="password", minutes=10)
    desk.engine.answer = lambda _: said("Imposti la password su https://example.it.", page=page)
    token = desk.open_session()
    with desk.socket(token) as talk:
        talk.send(type="text", client_id="k1", text="ok")
        card = talk.answer()
    url = card["page"]["url"]
    assert card["links"] == [url, "https://example.it"]
    assert (card["page"]["kind"], card["page"]["minutes"]) == ("password", 10)
    desk.backend.pages.used.add(url.rsplit("/", 1)[-1])
    with desk.socket(token, after=1) as again:
        after_use = again.answer()
    assert after_use["page"]["url"] is None
    assert after_use["links"] == ["https://example.it"]


def _with_pages(desk: Desk, talk: Talk, count: int) -> list[str]:
    """The tokens of so many pages, each in an answer of its own."""
    urls = []
    for n in range(count):
        page = EnginePage(id=f"p{n}", kind="password", minutes=10)
        desk.engine.answer = lambda _, page=page: said("Imposti la password.", page=page)
        talk.send(type="text", client_id=f"p{n}", text="ok")
        urls.append(talk.answer()["page"]["url"])
    return [url.rsplit("/", 1)[-1] for url in urls]


def test_page_that_is_over_is_told_where_it_is_shown(desk: Desk) -> None:
    with desk.socket(desk.open_session()) as talk:
        used, expired = _with_pages(desk, talk, 2)
        desk.backend.pages.used.add(used)
        assert talk.until("pages")["open"] == [4]
        desk.backend.pages.expires[expired] = desk.backend.clock.now()
        assert talk.until("pages")["open"] == []


def test_page_that_was_used_during_a_break_is_told_on_return(desk: Desk) -> None:
    token = desk.open_session()
    with desk.socket(token) as talk:
        used, _ = _with_pages(desk, talk, 2)
    desk.backend.pages.used.add(used)
    with desk.socket(token, after=4) as again:
        assert again.welcome["pages"] == [4]


def test_language_is_changed_quietly_before_the_first_word(desk: Desk) -> None:
    with desk.socket(desk.open_session(language="it")) as talk:
        talk.send(type="language", language="en", client_id="k1")
        assert talk.until("state")["state"]["language"] == "en"
    assert desk.engine.requests == []


def test_language_is_changed_by_a_turn_once_something_was_said(desk: Desk) -> None:
    with desk.socket(desk.open_session()) as talk:
        talk.send(type="text", client_id="k1", text="ciao")
        talk.answer()
        talk.send(type="language", language="en")
        talk.answer()
    wish = desk.engine.requests[-1]
    assert wish.parse is not None
    assert (wish.parse.intent, dict(wish.parse.entities)) == (
        "change_language",
        {"language_wish": "en"},
    )
    assert wish.language == "en"


def test_ping_is_answered(desk: Desk) -> None:
    with desk.socket(desk.open_session()) as talk:
        talk.send(type="ping")
        talk.until("pong")


@pytest.mark.parametrize(
    "frame",
    [
        "no json",
        "[]",
        '{"type": "evil"}',
        '{"type": "text", "text": "ciao"}',
        '{"type": "text", "client_id": "not valid!", "text": "ciao"}',
        '{"type": "text", "client_id": "k", "text": "\\ud800"}',
        '{"type": "button", "client_id": "k", "id": ["b"]}',
    ],
)
def test_malformed_frame_is_refused_and_the_socket_goes_on(desk: Desk, frame: str) -> None:
    with desk.socket(desk.open_session()) as talk:
        talk.socket.send_text(frame)
        assert talk.until("error")["code"] == "malformed"
        talk.send(type="text", client_id="k1", text="ciao")
        talk.answer()


def test_frame_just_above_the_limit_is_refused_and_one_just_below_is_taken(desk: Desk) -> None:
    empty = len('{"type":"text","client_id":"k1","text":""}')
    with desk.socket(desk.open_session()) as talk:
        largest = "x" * (8 * 1024 - empty)
        talk.socket.send_text(f'{{"type":"text","client_id":"k1","text":"{largest}y"}}')
        refused = talk.until("error")
        assert (refused["code"], refused["client_id"]) == ("too_large", "k1")
        talk.socket.send_text(f'{{"type":"text","client_id":"k1","text":"{largest}"}}')
        talk.answer()


def test_twenty_messages_in_ten_seconds_are_taken_and_the_next_is_put_off(desk: Desk) -> None:
    with desk.socket(desk.open_session()) as talk:
        for n in range(21):
            talk.send(type="text", client_id=f"k{n}", text=f"n{n}")
        error = talk.until("error")
        assert (error["code"], error["client_id"]) == ("rate_limited", "k20")
        assert 1 <= error["retry_after"] <= 10
        acknowledged = [frame for frame in talk.seen if frame["type"] == "ack"]
        assert len(acknowledged) == 20


def test_more_tabs_than_allowed_are_turned_away(backend: Any) -> None:
    desk = Desk(backend, replace(QUICK, sockets_per_session=1))
    with desk.http:
        token = desk.open_session()
        with desk.socket(token):
            assert closing_code(desk, {"type": "hello", "token": token}) == 4429


def test_invented_token_opens_nothing(desk: Desk) -> None:
    assert closing_code(desk, {"type": "hello", "token": "invented"}) == 4401


def test_session_unused_for_a_day_is_over(desk: Desk) -> None:
    token = desk.open_session()
    desk.backend.clock.advance(SESSION_IDLE - timedelta(seconds=1))
    with desk.socket(token):
        pass
    desk.backend.clock.advance(SESSION_IDLE)
    assert closing_code(desk, {"type": "hello", "token": token}) == 4401


@pytest.mark.parametrize(
    "first",
    [{"type": "text", "client_id": "k", "text": "ciao"}, {"type": "hello"}, "no json", None],
)
def test_socket_without_a_hello_is_closed(desk: Desk, first: Any) -> None:
    assert closing_code(desk, first) == 4400


def test_page_of_another_site_gets_neither_session_nor_socket(desk: Desk) -> None:
    foreign = {"Origin": "https://evil.example"}
    response = desk.http.post("/widget/sessions", json={"market": "it"}, headers=foreign)
    assert response.status_code == 403
    hello = {"type": "hello", "token": desk.open_session()}
    assert closing_code(desk, hello, headers=foreign) == 4403


@pytest.mark.parametrize("origin", ["http://testserver", "https://insurer.example"])
def test_own_page_and_listed_site_are_let_in(tmp_path: Any, origin: str) -> None:
    desk = Desk(make_backend(tmp_path, widget_origins="https://insurer.example"))
    with desk.http:
        response = desk.http.post(
            "/widget/sessions", json={"market": "it"}, headers={"Origin": origin}
        )
    assert response.status_code == 201


@pytest.mark.parametrize("wish", [{}, {"market": "de"}, {"market": "it", "language": "xx"}])
def test_session_of_no_market_is_refused(desk: Desk, wish: dict[str, str]) -> None:
    assert desk.http.post("/widget/sessions", json=wish).status_code == 422


def test_sessions_of_one_address_are_counted(backend: Any) -> None:
    desk = Desk(backend, replace(QUICK, sessions=2))
    with desk.http:
        answers = [desk.http.post("/widget/sessions", json={"market": "id"}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 201, 429]
    assert answers[0].json()["state"]["language"] == "id"
    assert int(answers[2].headers["Retry-After"]) > 0


def test_token_is_kept_only_as_a_hash(desk: Desk) -> None:
    token = desk.open_session()
    desk.backend.engine.dispose()
    assert token.encode() not in database_file(desk.backend).read_bytes()
