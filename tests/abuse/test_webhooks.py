"""Unsigned, wrongly signed and replayed calls at the ports behind the web process, and replayed
messages at the doors of the web process itself."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.abuse.house import GIULIA, House, registering
from tests.conversations.register import people
from tests.conversations.register.steps import answers_until, starts
from tests.stack import Stack
from tests.talk import Talk

HEADER = "X-Sportello-Secret"


def new(kind: str) -> str:
    return f"{kind}_{secrets.token_urlsafe(16)[:22]}"


def turn(**values: Any) -> dict[str, Any]:
    return {
        "conversation": new("c"), "message_id": new("m"), "channel": "web", "market": "it",
        "language": "it", "text": "buongiorno", **values,
    }  # fmt: skip


def engine(house: Stack) -> str:
    return f"http://127.0.0.1:{house.settings.engine_port}"


def actions(house: Stack) -> str:
    return f"http://127.0.0.1:{house.settings.actions_port}"


def secret(house: Stack) -> str:
    return house.settings.gateway_secret.get_secret_value()


# The engine's port -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {HEADER: ""},
        {HEADER: "wrong"},
        {HEADER: "null"},
        {"Authorization": "Bearer {secret}"},
        {"X-Hub-Signature-256": "sha256={secret}"},
        {HEADER: "{secret}x"},
        {HEADER: "{secret}"[:-1]},
    ],
)
def test_an_unsigned_turn_is_not_run(house: Stack, headers: dict[str, str]) -> None:
    given = {name: value.replace("{secret}", secret(house)) for name, value in headers.items()}

    answer = httpx.post(
        f"{engine(house)}/webhooks/gateway/webhook", json=turn(), headers=given, timeout=30
    )

    assert (answer.status_code, answer.json()) == (401, {"error": "unauthorised"})


@pytest.mark.parametrize("where", ["query", "body", "cookie"])
def test_the_secret_counts_in_its_header_only(house: Stack, where: str) -> None:
    address, given = f"{engine(house)}/webhooks/gateway/webhook", secret(house)
    request: dict[str, Any] = {"json": turn()}
    if where == "query":
        request["params"] = {HEADER: given, "secret": given}
    elif where == "body":
        request["json"] = turn(secret=given)
    else:
        request["headers"] = {"cookie": f"{HEADER}={given}"}

    assert httpx.post(address, timeout=30, **request).status_code == 401


@pytest.mark.parametrize(
    "path",
    [
        "/webhooks/rest/webhook",
        "/webhooks/callback/webhook",
        "/conversations/c_x/tracker",
        "/conversations/c_x/tracker/events",
        "/conversations/c_x/execute",
        "/conversations/c_x/trigger_intent",
        "/domain",
        "/model",
        "/model/train",
        "/status",
        "/socket.io/",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_rasas_own_doors_are_shut(house: Stack, path: str, method: str) -> None:
    answer = httpx.request(method, f"{engine(house)}{path}", json={}, timeout=30)

    assert answer.status_code in {404, 405}


def test_a_signed_turn_that_is_replayed_is_run_once(house: Stack) -> None:
    address, signed = f"{engine(house)}/webhooks/gateway/webhook", {HEADER: secret(house)}
    request = turn(text="voglio registrarmi")
    first = httpx.post(address, json=request, headers=signed, timeout=60).json()
    again = httpx.post(address, json=request, headers=signed, timeout=60).json()
    altered = httpx.post(
        address, json=request | {"text": "annulla"}, headers=signed, timeout=60
    ).json()

    assert first["state"]["flow"] == "register"
    assert again == altered == first


# The action server's port ------------------------------------------------------------------------


@pytest.mark.parametrize("port", ["engine_port", "actions_port", "web_port"])
def test_every_port_listens_on_one_address_of_this_machine_only(house: Stack, port: str) -> None:
    """127.0.0.2 is the same machine: what listened everywhere would answer there too."""
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.2", getattr(house.settings, port)), timeout=5)


def forged(conversation: str, action: str, intent: str, **slots: Any) -> dict[str, Any]:
    """What Rasa would send for a conversation in which everything has been proved."""
    message = {
        "text": f"/{intent}", "intent": {"name": intent, "confidence": 1.0}, "entities": [],
        "message_id": new("m"),
        "metadata": {"market": "it", "language": "it", "channel": "web", "client": "k" * 12},
    }  # fmt: skip
    held = {"language": "it", "flow": "register", "requested_slot": "password_page", **slots}
    return {
        "next_action": action, "sender_id": conversation, "version": "3.6.21",
        "domain": {"responses": {}},
        "tracker": {
            "sender_id": conversation, "slots": held, "latest_message": message,
            "events": [{"event": "user", "parse_data": message, **message}], "paused": False,
            "followup_action": None, "active_loop": {"name": "register_form"},
            "latest_action_name": "action_listen",
        },
    }  # fmt: skip


@pytest.mark.parametrize("intent", ["page_done", "link_confirmed", "affirm"])
def test_a_forged_tracker_grants_nothing(
    house: Stack, customer: Callable[..., Talk], intent: str
) -> None:
    """A slot is no grant: whoever claims that the code was right is asked for the code."""
    talk = customer("it", "it")
    starts(talk, "it")
    answers_until(talk, people.GIULIA, "otp_code")
    signed = {HEADER: secret(house)}
    conversation = new("c")
    opened = httpx.post(
        f"{engine(house)}/webhooks/gateway/webhook",
        json=turn(conversation=conversation, text="voglio registrarmi"), headers=signed, timeout=60,
    )  # fmt: skip
    assert opened.status_code == 200

    answer = httpx.post(
        f"{actions(house)}/webhook",
        json=forged(
            conversation, "validate_register_form", intent, otp_code="******",
            contact="gi****@e****.it", consent="accepted", password_page="done",
        ),
        timeout=60,
    )  # fmt: skip

    assert answer.status_code == 200
    pages = [reply for reply in answer.json()["responses"] if reply.get("json_message")]
    assert not any((reply.get("custom") or {}).get("page") for reply in pages)
    # Giulia's own registration is where it was, and nobody has opened an account.
    assert talk.says(talk.code_for(GIULIA)).asking == "password_page"


@pytest.mark.parametrize("action", ["action_x", "../../etc", "__class__", ""])
def test_an_action_that_does_not_exist_says_nothing_of_the_tracker(
    house: Stack, action: str
) -> None:
    answer = httpx.post(
        f"{actions(house)}/webhook",
        json=forged(new("c"), action, "affirm", contact="gi****@e****.it"),
        timeout=30,
    )

    assert answer.status_code in {200, 404}
    assert "gi****" not in answer.text
    assert "Traceback" not in answer.text


# Replays at the web process ----------------------------------------------------------------------


def test_a_frame_that_is_sent_twice_is_heard_once(doors: House) -> None:
    token, _ = doors.session()
    with doors.socket(token) as socket:
        for _ in range(3):
            socket.send_json({"type": "text", "client_id": "k1", "text": "flow register"})
        socket.send_json({"type": "text", "client_id": "k2", "text": "profile=person"})
        seen = []
        while sum(f["type"] == "message" and f["from"] == "bot" for f in seen) < 2:
            seen.append(socket.receive_json())
    assert [request.text for request in doors.engine.requests] == [
        "flow register",
        "profile=person",
    ]


def test_a_code_whose_frame_is_replayed_spends_one_try(doors: House) -> None:
    token, _ = doors.session()

    def says(name: str, text: str) -> None:
        with doors.socket(token) as socket:
            socket.send_json({"type": "text", "client_id": name, "text": text})
            while socket.receive_json() != {"type": "ack", "client_id": name}:
                pass
            socket.send_json({"type": "ping"})

    for name, text in (
        ("k1", "flow register"),
        ("k2", "profile=person; first_name=Giulia Bianchi; contact=giulia.bianchi@example.it"),
        ("k3", "affirm"),
    ):
        says(name, text)
    waits_for(doors, 3)
    wrong = f"{(int(doors.code(GIULIA)) + 1) % 1_000_000:06d}"
    for _ in range(6):
        says("k4", f"otp_code={wrong}")
    says("k5", "otp_code=12")
    waits_for(doors, 5)

    assert doors.number_of("select max(attempts) from challenges") == 1


def waits_for(doors: House, turns: int) -> None:
    """Let the desk answer what it has; another customer's message comes after them."""
    while len(doors.engine.steps) < turns:
        doors.talk().says("ciao")
    doors.talk().says("ciao")


def test_a_replayed_message_with_another_text_is_not_heard(doors: House) -> None:
    token, _ = doors.session()
    with doors.socket(token) as socket:
        socket.send_json({"type": "text", "client_id": "k1", "text": "ciao"})
        socket.send_json({"type": "text", "client_id": "k1", "text": "flow register"})
        socket.send_json({"type": "text", "client_id": "k2", "text": "eccomi"})
        bot = 0
        while bot < 2:
            frame = socket.receive_json()
            bot += frame["type"] == "message" and frame["from"] == "bot"

    assert [request.text for request in doors.engine.requests] == ["ciao", "eccomi"]


def test_pressing_the_same_button_again_does_nothing_again(doors: House) -> None:
    doors.opens_account()
    chat = doors.talk(flow="reset_password")
    chat.says(f"username={GIULIA}")
    button = chat.last["replies"][0]["buttons"][1]["id"]
    chat.presses(button)
    assert chat.asking == "otp_code"
    for _ in range(3):
        chat.presses(button)

    assert len(doors.codes_to(GIULIA)) == 1
    assert chat.asking == "otp_code"


def test_the_same_words_from_two_people_are_two_messages(doors: House) -> None:
    """A client's own id means nothing outside of its conversation."""
    for _ in range(2):
        token, _ = doors.session()
        with doors.socket(token) as socket:
            socket.send_json({"type": "text", "client_id": "k1", "text": "ciao"})
            while True:
                frame = socket.receive_json()
                if frame["type"] == "message" and frame["from"] == "bot":
                    break
    assert len(doors.engine.requests) == 2
    assert registering(doors).asking == "otp_code"
