"""The development doors, as the contract has them."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.web.gateway.house import echo, lasting, said
from tests.web.whole_app import WholeApp

CHOICES = (
    ("Persona", '/inform{"profile": "person"}'),
    ("Azienda", '/inform{"profile": "company"}'),
)


def say(desk: WholeApp, text: str | None = "ciao", **more: Any) -> Any:
    body = {"sender": "anna"} | ({} if text is None else {"text": text}) | more
    response = desk.http.post("/dev/messages", json=body)
    assert response.status_code == 200, response.text
    return response.json()


def read(desk: WholeApp, sender: str = "anna", after: int = 0) -> Any:
    return desk.http.get("/dev/messages", params={"sender": sender, "after": after}).json()


def test_message_is_answered_with_replies_and_state(whole_app: WholeApp) -> None:
    whole_app.engine.answer = lambda _: said(
        "Salve.", "Che cosa è? https://example.it/a.", buttons=CHOICES, flow="register",
        asking="profile",
    )  # fmt: skip
    answer = say(whole_app)
    [greeting, question] = answer["replies"]
    assert greeting["text"] == "Salve."
    assert [button["title"] for button in question["buttons"]] == ["Persona", "Azienda"]
    assert question["links"] == ["https://example.it/a"]
    assert answer["state"] == {
        "flow": "register",
        "asking": "profile",
        "language": "it",
        "market": "it",
        "held_by": "bot",
    }


def test_button_is_pressed_by_its_id(whole_app: WholeApp) -> None:
    whole_app.engine.answer = lambda _: said("Che cosa è?", buttons=CHOICES)
    button = say(whole_app)["replies"][0]["buttons"][1]["id"]
    say(whole_app, None, button=button)
    parse = whole_app.engine.requests[-1].parse
    assert parse is not None
    assert parse.entities == {"profile": "company"}


def test_whole_conversation_can_be_read_back(whole_app: WholeApp) -> None:
    say(whole_app, "uno")
    say(whole_app, "due")
    messages = read(whole_app)["messages"]
    assert [(m["seq"], m["from"], m["text"]) for m in messages] == [
        (1, "customer", "uno"),
        (2, "bot", "sentito: uno"),
        (3, "customer", "due"),
        (4, "bot", "sentito: due"),
    ]
    assert [m["seq"] for m in read(whole_app, after=2)["messages"]] == [3, 4]


def test_customer_who_never_wrote_has_an_empty_conversation(whole_app: WholeApp) -> None:
    assert read(whole_app, "nobody") == {"messages": [], "state": None}


@pytest.mark.parametrize(("market", "language"), [(None, "it"), ("it", "it"), ("id", "id")])
def test_conversation_begins_in_the_markets_language(
    whole_app: WholeApp, market: str | None, language: str
) -> None:
    state = say(whole_app, market=market)["state"]
    assert (state["market"], state["language"]) == (market or "it", language)


def test_conversation_begins_in_the_language_asked_for(whole_app: WholeApp) -> None:
    assert say(whole_app, market="id", language="en")["state"]["language"] == "en"


def test_later_language_field_does_not_fight_the_dialogue(whole_app: WholeApp) -> None:
    whole_app.engine.answer = lambda _: said("Of course.", language="en")
    say(whole_app, language="it")
    say(whole_app, language="it")
    assert whole_app.engine.requests[-1].language == "en"


def test_two_markets_are_two_conversations(whole_app: WholeApp) -> None:
    say(whole_app, market="it")
    say(whole_app, market="id")
    ids = {request.conversation for request in whole_app.engine.requests}
    assert len(ids) == 2
    say(whole_app)
    assert whole_app.engine.requests[-1].market == "id"


def test_identity_of_the_sender_never_reaches_the_engine(whole_app: WholeApp) -> None:
    say(whole_app, sender="+393201234567")
    request = whole_app.engine.requests[0]
    assert "320" not in request.conversation + str(request.client)


def test_budgets_by_client_count_by_sender(whole_app: WholeApp) -> None:
    say(whole_app, sender="anna")
    say(whole_app, sender="bruno")
    clients = {request.client for request in whole_app.engine.requests}
    assert len(clients) == 2
    assert None not in clients


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"sender": "a"},
        {"sender": "a", "text": ""},
        {"sender": "a", "text": None},
        {"sender": "a\x00b", "text": "ciao"},
        {"sender": "a", "text": "x" * 10_000},
        {"sender": "a", "text": "\x00"},
        {"sender": "a", "text": "🧓🏽👩‍👩‍👧‍👦 ٣٢٠ ١٢٣"},
        {"sender": "a", "button": "nonsense"},
        {"sender": "a", "button": "\x00"},
        {"sender": "a", "text": 5},
        {"sender": "", "text": "ciao"},
        {"sender": "x" * 300, "text": "ciao"},
        {"sender": "a", "market": "de", "text": "ciao"},
        [],
        None,
    ],
)
def test_nothing_that_is_sent_makes_the_door_fail(whole_app: WholeApp, body: Any) -> None:
    response = whole_app.http.post("/dev/messages", json=body)
    assert response.status_code in (200, 422)
    if response.status_code == 200:
        assert response.json()["replies"]


@pytest.mark.parametrize(
    "raw", [rb'{"sender": "a", "text": "\ud800"}', b"\xff", rb'{"sender": "\udfff", "text": ""}']
)
def test_half_characters_do_not_make_the_door_fail(whole_app: WholeApp, raw: bytes) -> None:
    response = whole_app.http.post(
        "/dev/messages", content=raw, headers={"Content-Type": "application/json"}
    )
    assert response.status_code in (200, 400, 422)


def test_refusal_names_fields_and_quotes_nothing(whole_app: WholeApp) -> None:
    response = whole_app.http.post("/dev/messages", json={"sender": "a", "market": "Giulia"})
    assert response.status_code == 422
    assert response.json() == {"error": "invalid", "fields": ["body.market"]}


def test_engine_that_fails_is_an_apology_and_a_state(whole_app: WholeApp) -> None:
    whole_app.engine.failures = [lasting()]
    answer = say(whole_app)
    assert "problema tecnico" in answer["replies"][0]["text"]
    assert answer["state"]["flow"] is None


def test_same_button_sent_twice_at_once_is_one_press(whole_app: WholeApp) -> None:
    whole_app.engine.answer = lambda _: said("Che cosa è?", buttons=CHOICES)
    button = say(whole_app)["replies"][0]["buttons"][0]["id"]
    whole_app.engine.answer = echo
    portal = whole_app.http.portal
    assert portal is not None
    portal.call(whole_app.engine.gate.clear)
    conversation = whole_app.engine.requests[0].conversation

    async def both_wait() -> None:
        async with asyncio.timeout(5):
            while whole_app.app.state.gateway.hub.listeners(conversation) < 2:  # noqa: ASYNC110
                await asyncio.sleep(0.01)

    with ThreadPoolExecutor(2) as pool:
        answers = [pool.submit(say, whole_app, None, button=button) for _ in range(2)]
        portal.call(both_wait)
        portal.call(whole_app.engine.gate.set)
        texts = [answer.result()["replies"][0]["text"] for answer in answers]
    assert texts == ["sentito: /inform", "sentito: /inform"]
    presses = [request for request in whole_app.engine.requests if request.parse]
    assert len(presses) == 1


def test_outbox_shows_what_would_have_been_sent(whole_app: WholeApp) -> None:
    backend = whole_app.backend
    for to in ("+393201234567", "+393207654321"):
        with backend.uow() as uow:
            backend.notices.post(
                uow,
                "sms",
                to,
                "code",
                "it",
                {"code": "123456", "product": "X"},
                timedelta(minutes=2),
            )
            uow.commit()
    [entry] = whole_app.http.get("/dev/outbox", params={"to": "+393207654321"}).json()
    assert set(entry) == {"id", "channel", "to", "subject", "body", "created_at"}
    assert "123456" in entry["body"]
    assert len(whole_app.http.get("/dev/outbox").json()) == 2


def test_clock_moves_forward_and_back(whole_app: WholeApp) -> None:
    def now(change: dict[str, Any]) -> datetime:
        return datetime.fromisoformat(whole_app.http.post("/dev/clock", json=change).json()["now"])

    began = now({})
    moved = now({"advance_seconds": 121})
    assert timedelta(seconds=121) <= moved - began < timedelta(seconds=150)
    assert whole_app.backend.clock.now() >= moved
    assert now({"reset": True}) - began < timedelta(seconds=30)


@pytest.mark.parametrize("change", [{"advance_seconds": -1}, {"advance_seconds": "soon"}])
def test_clock_does_not_go_where_it_cannot(whole_app: WholeApp, change: dict[str, Any]) -> None:
    assert whole_app.http.post("/dev/clock", json=change).status_code == 422


def test_reset_forgets_conversations_and_the_next_message_begins_a_new_one(
    whole_app: WholeApp,
) -> None:
    say(whole_app)
    assert whole_app.http.post("/dev/reset").status_code == 200
    assert read(whole_app)["messages"] == []
    say(whole_app)
    first, second = (request.conversation for request in whole_app.engine.requests)
    assert first != second
    assert len(read(whole_app)["messages"]) == 2


def test_reset_in_the_middle_of_a_turn_leaves_a_working_desk(whole_app: WholeApp) -> None:
    portal = whole_app.http.portal
    assert portal is not None
    portal.call(whole_app.engine.gate.clear)
    with ThreadPoolExecutor(1) as pool:
        stuck = pool.submit(whole_app.http.post, "/dev/messages", json={"sender": "anna"})
        say_later = whole_app.http.post("/dev/reset")
        portal.call(whole_app.engine.gate.set)
        assert stuck.result().status_code in (200, 404)
    assert say_later.status_code == 200
    assert say(whole_app)["replies"][0]["text"] == "sentito: ciao"
