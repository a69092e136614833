from typing import Any, Dict

import pytest
from engine.request import MalformedRequest, TurnRequest

GOOD: Dict[str, Any] = {
    "conversation": "c_" + "a" * 22,
    "message_id": "m_" + "b" * 22,
    "channel": "web",
    "market": "it",
    "language": "en",
    "client": "0123456789abcdef",
    "text": "ciao",
}
BUTTON = {"intent": "inform", "entities": {"profile": "person"}, "text": "Persona"}


def test_a_message_is_read() -> None:
    turn = TurnRequest.parse(GOOD)
    assert (turn.text, turn.market, turn.button) == ("ciao", "it", None)


def test_a_button_is_read() -> None:
    turn = TurnRequest.parse({**GOOD, "text": None, "parse": BUTTON})
    assert turn.button is not None
    assert (turn.button.intent, turn.button.entities["profile"], turn.text) == (
        "inform",
        "person",
        "Persona",
    )


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("conversation", "c_short"),
        ("conversation", "c_" + "a" * 22 + "\n"),
        ("conversation", "c_" + "à" * 22),
        ("conversation", "c_" + "a" * 21 + "\0"),
        ("conversation", None),
        ("message_id", "c_" + "a" * 22),
        ("channel", "sms"),
        ("market", "de"),
        ("language", ["it"]),
        ("client", "x y"),
        ("client", 7),
        ("text", "a" * 4001),
        ("text", 12),
        ("text", None),
        ("parse", BUTTON),  # beside a text
    ],
)
def test_anything_else_is_malformed(field: str, value: Any) -> None:
    with pytest.raises(MalformedRequest):
        TurnRequest.parse({**GOOD, field: value})


@pytest.mark.parametrize(
    "parse",
    [
        {"intent": "Register", "entities": {}},
        {"intent": "a b", "entities": {}},
        {"entities": {}},
        {"intent": "inform", "entities": []},
        {"intent": "inform", "entities": {"profile": {"a": 1}}},
        {"intent": "inform", "entities": {"profile": "x" * 201}},
        {"intent": "inform", "entities": {"pro file": "x"}},
        "inform",
    ],
)
def test_a_strange_button_is_malformed(parse: Any) -> None:
    with pytest.raises(MalformedRequest):
        TurnRequest.parse({**GOOD, "text": None, "parse": parse})


@pytest.mark.parametrize("body", [None, [], "text", 3])
def test_a_body_of_another_kind_is_malformed(body: Any) -> None:
    with pytest.raises(MalformedRequest):
        TurnRequest.parse(body)


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("/restart", "restart"),
        ("  //session_start", "session_start"),
        ("\u00a0/inform{\"a\": 1}", 'inform{"a": 1}'),
        ("\u200b/restart", "restart"),
        ("a\0b\x07c", "abc"),
        ("a\nb", "a b"),
        ("/", "…"),
        ("👨‍👩‍👧 ciao", "👨‍👩‍👧 ciao"),
    ],
)  # fmt: skip
def test_commands_and_control_characters_become_plain_text(text: str, clean: str) -> None:
    assert TurnRequest.parse({**GOOD, "text": text}).text == clean
