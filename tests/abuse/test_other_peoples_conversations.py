"""Somebody else's conversation: by its id, by its buttons, by its token's shape."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.websockets import WebSocketDisconnect

from tests.abuse.house import GIULIA, House, enters, registering, signs_in
from web.gateway.widget import NO_SESSION

SECRET = "mi chiamo Giulia e la mia polizza è 401122334"


def closed_with(doors: House, token: Any) -> int:
    with doors.http.websocket_connect("/widget/socket") as socket:
        socket.send_json({"type": "hello", "token": token, "after": 0})
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_json()
    return closed.value.code


def test_a_conversations_id_does_not_open_it(doors: House) -> None:
    _, conversation = doors.session()

    assert closed_with(doors, conversation) == NO_SESSION


def test_a_token_with_one_letter_changed_opens_nothing(doors: House) -> None:
    token, _ = doors.session()
    last = "A" if token[-1] != "A" else "B"

    assert closed_with(doors, token[:-1] + last) == NO_SESSION
    assert closed_with(doors, token.swapcase()) == NO_SESSION


@pytest.mark.parametrize("token", ["", "' or 1=1 --", "%", "*", "null", "A" * 43, "\x00"])
def test_a_made_up_token_opens_nothing(doors: House, token: str) -> None:
    doors.session()

    assert closed_with(doors, token) == NO_SESSION


def test_a_frame_that_names_another_conversation_stays_in_its_own(doors: House) -> None:
    _, victims = doors.session()
    token, own = doors.session()
    with doors.socket(token) as socket:
        frame = {"type": "text", "client_id": "k1", "text": "flow register"}
        socket.send_json(frame | {"conversation": victims, "sender": victims, "token": victims})
        while True:
            got = socket.receive_json()
            if got["type"] == "error" or (got["type"] == "message" and got["from"] == "bot"):
                break

    assert {request.conversation for request in doors.engine.requests} <= {own}


def test_a_socket_shows_its_own_lines_only(doors: House) -> None:
    victim, _ = doors.session()
    with doors.socket(victim) as socket:
        socket.send_json({"type": "text", "client_id": "k1", "text": SECRET})
        while True:
            got = socket.receive_json()
            if got["type"] == "message" and got["from"] == "bot":
                break
    token, _ = doors.session()
    seen = []
    with doors.socket(token) as socket:
        socket.send_json({"type": "text", "client_id": "k1", "text": "ciao"})
        while not seen or seen[-1].get("from") != "bot":
            seen.append(socket.receive_json())

    assert "401122334" not in str(seen)
    assert [frame["seq"] for frame in seen if frame["type"] == "message"] == [1, 2]


def test_another_persons_button_cannot_be_pressed(doors: House) -> None:
    doors.opens_account()
    victim, thief = doors.talk(flow="reset_password"), doors.talk(flow="reset_password")
    for chat in (victim, thief):
        chat.says(f"username={GIULIA}")
    button = victim.last["replies"][0]["buttons"][0]["id"]

    thief.presses(button)

    assert thief.asking == "contact_choice"
    assert doors.codes_to(GIULIA) == []


def test_anothers_code_does_nothing_in_ones_own_conversation(doors: House) -> None:
    victim = registering(doors)
    code = doors.code(GIULIA)
    thief = doors.talk(flow="register")

    thief.says(f"otp_code={code}")

    assert thief.asking != "password_page"
    victim.says(f"otp_code={code}")
    assert victim.asking == "password_page"


def test_another_customers_document_is_not_found(doors: House) -> None:
    giulia, marco = doors.opens_account("IT-0001"), doors.opens_account("IT-0002")
    with doors.backend.uow(read_only=True) as uow:
        held = uow.customers.with_policy("it", "402200117")
        assert held
        (document, *_) = doors.backend.documents.of_policies(uow, [held[1].id])
    owner, thief = doors.browser(), doors.browser()
    for browser, name, mobile in (
        (owner, marco, "+393331112244"), (thief, giulia, "+393201234519"),
    ):  # fmt: skip
        signs_in(browser, name)
        enters(browser, doors.code(mobile))

    assert owner.get(f"/area/documents/{document.id}").content.startswith(b"%PDF-")
    assert thief.get(f"/area/documents/{document.id}").status_code == 404


def test_another_persons_requests_are_not_told(doors: House) -> None:
    """A request number alone says nothing; unknown and foreign sound the same."""
    said = set()
    for number in ("REQ-00000000", "REQ-12345678"):
        chat = doors.talk(flow="check_request")
        chat.says(f"request_number={number}")
        said.add(chat.says("contact=ladro@evil.example"))

    assert len(said) == 1
