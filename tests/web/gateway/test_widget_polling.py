"""The widget's protocol over plain requests, for where WebSockets are blocked."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.web.gateway.house import QUICK, make_backend, said
from tests.web.gateway.test_widget import Desk
from web.gateway.engine import EnginePage

PATHS = ("/widget/frames", "/widget/poll")


@pytest.fixture
def desk(backend: Any) -> Iterator[Desk]:
    made = Desk(backend)
    with made.http:
        yield made


class Poller:
    """A client without a socket."""

    def __init__(self, desk: Desk, token: str | None = None, after: int = 0) -> None:
        self.desk = desk
        self.hello: dict[str, Any] = {
            "type": "hello",
            "token": token or desk.open_session(),
            "after": after,
        }

    def send(self, *frames: dict[str, Any]) -> list[dict[str, Any]]:
        return _frames(self.post("/widget/frames", *frames))

    def poll(self) -> list[dict[str, Any]]:
        *frames, last = _frames(self.post("/widget/poll"))
        assert last["type"] == "cursor"
        self.hello["cursor"] = last["cursor"]
        return frames

    def until(self, kind: str, **fields: Any) -> dict[str, Any]:
        for _ in range(50):
            for frame in self.poll():
                if frame["type"] == kind and fields.items() <= frame.items():
                    return frame
        raise AssertionError(f"no {kind} {fields}")

    def post(self, path: str, *frames: dict[str, Any], **more: Any) -> Any:
        body = "\n".join(json.dumps(frame) for frame in (self.hello, *frames))
        return self.desk.http.post(path, content=body, **more)


def _frames(response: Any) -> list[dict[str, Any]]:
    assert response.status_code == 200, response.text
    return [json.loads(line) for line in response.text.splitlines()]


def text(words: str, name: str) -> dict[str, Any]:
    return {"type": "text", "client_id": name, "text": words}


def test_conversation_goes_like_over_a_socket(desk: Desk) -> None:
    poller = Poller(desk)
    welcome = poller.poll()[0]
    assert (welcome["type"], welcome["last_seq"]) == ("welcome", 0)
    assert poller.send(text("ciao", "k1")) == [{"type": "ack", "client_id": "k1"}]
    seen: list[dict[str, Any]] = []
    while [frame["seq"] for frame in seen if frame["type"] == "message"] != [1, 2]:
        seen += poller.poll()
    own, answer = (frame for frame in seen if frame["type"] == "message")
    assert (own["client_id"], answer["text"]) == ("k1", "sentito: ciao")


def test_poll_waits_until_something_happens(desk: Desk) -> None:
    poller = Poller(desk)
    conversation = poller.poll()[0]["conversation"]
    desk.engine.answer = lambda _: said("La password è impostata.")
    answers: list[dict[str, Any]] = []
    waiting = threading.Thread(target=lambda: answers.append(poller.until("message")))
    waiting.start()
    desk.http.portal.call(desk.gateway.enqueue_event, conversation, "page_done")  # type: ignore[union-attr]
    waiting.join(timeout=10)
    assert answers[0]["text"] == "La password è impostata."


def test_poll_without_news_ends_by_itself_and_keeps_its_place(backend: Any) -> None:
    desk = Desk(backend, replace(QUICK, poll_for=0.05))
    with desk.http:
        poller = Poller(desk)
        poller.poll()
        before = poller.hello["cursor"]
        assert poller.poll() == []
        assert poller.hello["cursor"] == before


def test_waiting_poll_is_let_go_when_the_process_is_told_to_stop(desk: Desk) -> None:
    poller = Poller(desk)
    poller.poll()
    answers: list[list[dict[str, Any]]] = []
    waiting = threading.Thread(target=lambda: answers.append(poller.poll()))
    waiting.start()
    desk.http.portal.call(desk.gateway.hub.let_go)  # type: ignore[union-attr]
    waiting.join(timeout=10)
    assert answers == [[]]


def test_typing_is_told(desk: Desk) -> None:
    poller = Poller(desk)
    poller.poll()
    desk.hold()
    poller.send(text("ciao", "k1"))
    poller.until("typing", on=True)
    desk.release()
    poller.until("typing", on=False)


def test_several_frames_go_in_one_request_in_their_order(desk: Desk) -> None:
    poller = Poller(desk)
    poller.poll()
    answers = poller.send(
        text("uno", "k1"), text("due", "k2"), {"type": "evil"}, text("uno", "k1"), {"type": "ping"}
    )
    assert [answer["type"] for answer in answers] == ["ack", "ack", "error", "ack", "pong"]
    poller.until("message", text="sentito: due")
    assert desk.engine.texts == ["uno", "due"]


def test_reload_brings_back_what_was_not_shown_yet(desk: Desk) -> None:
    poller = Poller(desk)
    poller.poll()
    poller.send(text("ciao", "k1"))
    poller.until("message", **{"from": "bot"})
    again = Poller(desk, poller.hello["token"], after=1)
    assert [frame.get("seq") for frame in again.poll()] == [None, 2]


def test_page_that_is_over_is_told(desk: Desk) -> None:
    page = EnginePage(id="p1", kind="password", minutes=10)
    desk.engine.answer = lambda _: said("Imposti la password.", page=page)
    poller = Poller(desk)
    poller.poll()
    poller.send(text("ok", "k1"))
    url = poller.until("message", **{"from": "bot"})["page"]["url"]
    desk.backend.pages.used.add(url.rsplit("/", 1)[-1])
    assert poller.until("pages")["open"] == []


def test_messages_are_counted_together_with_those_of_the_socket(desk: Desk) -> None:
    poller = Poller(desk)
    assert len(poller.send(*(text("ciao", f"k{n}") for n in range(20)))) == 20
    with desk.socket(poller.hello["token"]) as talk:
        talk.send(**text("ciao", "k20"))
        assert talk.until("error")["code"] == "rate_limited"


def test_more_requests_than_a_client_can_need_are_put_off(backend: Any) -> None:
    desk = Desk(backend, replace(QUICK, frames=2))
    with desk.http:
        poller = Poller(desk)
        poller.poll()
        poller.send({"type": "ping"})
        refused = [poller.post(path, {"type": "ping"}) for path in PATHS]
    assert [response.status_code for response in refused] == [429, 429]
    assert all(int(response.headers["Retry-After"]) > 0 for response in refused)


def test_polls_of_one_session_are_capped_like_sockets(backend: Any) -> None:
    desk = Desk(backend, replace(QUICK, sockets_per_session=1))
    with desk.http:
        poller = Poller(desk)
        poller.poll()
        with desk.socket(poller.hello["token"]):
            assert poller.post("/widget/poll").status_code == 429


@pytest.mark.parametrize("path", PATHS)
def test_invented_token_opens_nothing(desk: Desk, path: str) -> None:
    assert Poller(desk, "invented").post(path).status_code == 401


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "body",
    [
        "",
        "no json",
        '{"type": "text", "client_id": "k", "text": "ciao"}',
        '{"type": "hello", "token": "\\u0000"}x',
        '{"type": "hello", "token": "x", "cursor": "1.1.not-a-digest"}',
        b"\xff\xfe",
    ],
)
def test_request_without_a_hello_is_refused(desk: Desk, path: str, body: Any) -> None:
    assert desk.http.post(path, content=body).status_code == 400


@pytest.mark.parametrize("path", PATHS)
def test_page_of_another_site_is_refused(tmp_path: Any, path: str) -> None:
    desk = Desk(make_backend(tmp_path, widget_origins="https://insurer.example"))
    with desk.http:
        poller = Poller(desk)
        answers = [
            poller.post(path, headers={"Origin": origin}).status_code
            for origin in ("https://evil.example", "null", "https://insurer.example")
        ]
    assert answers == [403, 403, 200]


@pytest.mark.parametrize("path", PATHS)
def test_request_of_more_than_64_kb_is_refused(desk: Desk, path: str) -> None:
    poller = Poller(desk)
    assert poller.post(path, text("x" * 66_000, "k1")).status_code == 413


def test_frame_above_8_kb_is_refused_by_its_name(desk: Desk) -> None:
    refused, taken = Poller(desk).send(text("x" * 9_000, "k1"), text("ciao", "k2"))
    assert (refused["code"], refused["client_id"]) == ("too_large", "k1")
    assert taken == {"type": "ack", "client_id": "k2"}
