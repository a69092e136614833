import asyncio
from typing import Any

import pytest
import sqlalchemy as sa
from engine.channel import GatewayInput
from engine.tracker_store import MaskedTrackerStore

from tests.engine.gateway import Gateway, texts, user_events

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_turn_gives_messages_state_and_what_may_be_kept(gateway: Gateway) -> None:
    answer = await gateway.say("voglio registrarmi")
    assert answer == {
        "messages": [{"text": "Your e-mail or mobile?", "buttons": [], "page": None}],
        "state": {"flow": "register", "asking": "contact", "language": "it"},
        "masked_text": "voglio registrarmi",
    }


async def test_the_answer_to_a_personal_question_is_masked_everywhere(
    gateway: Gateway, store: MaskedTrackerStore
) -> None:
    await gateway.say("voglio registrarmi")
    answer = await gateway.say("anna.verdi@posta.example")
    assert answer["masked_text"] == "•••"
    assert user_events(store) == ["voglio registrarmi", "•••"]


async def test_a_question_is_answered_by_its_full_name_with_the_markets_facts(
    gateway: Gateway,
) -> None:
    assert texts(await gateway.say("per quanto tempo vale il codice")) == [
        "Due minuti. Chiami 800 123"
    ]


async def test_a_question_in_the_middle_of_a_form_is_answered(gateway: Gateway) -> None:
    await gateway.say("voglio registrarmi")
    answer = await gateway.say("quanto dura il codice")
    assert texts(answer)[0] == "Due minuti. Chiami 800 123"
    assert answer["masked_text"] == "quanto dura il codice"


async def test_a_clear_sentence_in_another_language_changes_the_language(gateway: Gateway) -> None:
    answer = await gateway.say("how long does the code last")
    assert answer["state"]["language"] == "en"
    assert texts(answer) == ["Two minutes. Call 800 123"]


async def test_a_language_asked_for_by_name_is_taken(gateway: Gateway) -> None:
    assert (await gateway.say("in inglese per favore"))["state"]["language"] == "en"


async def test_the_other_markets_product_is_noticed(gateway: Gateway) -> None:
    assert texts(await gateway.say("voglio registrarmi su gen iclick")) == [
        "Please ask the other desk."
    ]


async def test_a_button_needs_no_understanding(gateway: Gateway) -> None:
    button = {"intent": "faq/login_how", "entities": {}, "text": "Accesso"}
    assert texts(await gateway.say(None, parse=button)) == ["At the website."]


@pytest.mark.parametrize("text", ['/inform{"market": "id"}', "/restart", "/session_start"])
async def test_a_typed_command_is_only_text(
    gateway: Gateway, store: MaskedTrackerStore, text: str
) -> None:
    await gateway.say("buongiorno")
    await gateway.say(text)
    tracker = store.current(gateway.conversation)
    assert tracker is not None
    said = [event for event in tracker.events if event.type_name == "user"]
    assert [event.entities for event in said[1:]] == [[]]
    assert [e.type_name for e in tracker.events].count("session_started") == 1
    assert "restart" not in [event.type_name for event in tracker.events]


async def test_slots_that_a_fallback_took_back_come_again(gateway: Gateway) -> None:
    await gateway.say("voglio registrarmi")
    await gateway.say("xqzv")  # ends the form, then falls back and reverts what was said
    assert texts(await gateway.say("buongiorno")) == ["Buongiorno da MyGenerali"]


async def test_a_repeated_message_gets_the_stored_answer(
    gateway: Gateway, store: MaskedTrackerStore
) -> None:
    request = gateway.request("buongiorno")
    first = await gateway.post(**request)
    assert await gateway.post(**request) == first
    assert user_events(store) == ["buongiorno"]


async def test_a_repetition_during_the_turn_waits_for_it(
    gateway: Gateway, store: MaskedTrackerStore
) -> None:
    request = gateway.request("buongiorno")
    answers = await asyncio.gather(*(gateway.post(**request) for _ in range(5)))
    assert all(answer == answers[0] for answer in answers)
    assert user_events(store) == ["buongiorno"]


async def test_messages_of_a_conversation_keep_their_order(
    gateway: Gateway, store: MaskedTrackerStore
) -> None:
    await gateway.say("ciao")
    running = []
    for word in ("uno", "due", "tre", "quattro"):
        running.append(asyncio.ensure_future(gateway.say(f"ciao {word}")))
        await asyncio.sleep(0.02)
    await asyncio.gather(*running)
    assert user_events(store)[1:] == [f"ciao {word}" for word in ("uno", "due", "tre", "quattro")]


async def test_a_client_that_hangs_up_does_not_stop_the_turn(
    gateway: Gateway, store: MaskedTrackerStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    entered, may_go_on = asyncio.Event(), asyncio.Event()
    processor = gateway.app.ctx.agent.processor
    handle = processor.handle_message

    async def slow(message: Any) -> Any:
        entered.set()
        await may_go_on.wait()
        return await handle(message)

    monkeypatch.setattr(processor, "handle_message", slow)
    request = gateway.request("buongiorno")
    hanging_up = asyncio.ensure_future(gateway.post(**request))
    await asyncio.wait_for(entered.wait(), 5)
    hanging_up.cancel()
    await asyncio.gather(hanging_up, return_exceptions=True)
    may_go_on.set()
    status, answer = await gateway.post(**request)
    assert (status, texts(answer)) == (200, ["Buongiorno da MyGenerali"])
    assert user_events(store) == ["buongiorno"]


async def test_a_database_that_is_down_means_try_again(
    gateway: Gateway, store: MaskedTrackerStore
) -> None:
    await gateway.say("buongiorno")
    request = gateway.request("voglio registrarmi")
    working, store.sessionmaker = store.sessionmaker, _no_database
    assert await gateway.post(**request) == (503, {"error": "tracker_store"})
    store.sessionmaker = working
    status, answer = await gateway.post(**request)
    assert (status, answer["state"]["asking"]) == (200, "contact")


async def test_a_database_that_fails_at_the_end_of_a_turn_means_try_again(
    gateway: Gateway, store: MaskedTrackerStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_arguments: Any) -> None:
        raise sa.exc.OperationalError("insert", {}, Exception("disk full"))

    request = gateway.request("voglio registrarmi")
    with monkeypatch.context() as patched:
        patched.setattr(store, "_write", refuse)
        assert (await gateway.post(**request))[0] == 503
    status, answer = await gateway.post(**request)
    assert (status, answer["state"]["asking"]) == (200, "contact")
    assert user_events(store) == ["voglio registrarmi"]


async def test_a_turn_that_breaks_is_an_error_without_words(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(_message: Any) -> None:
        raise KeyError("anna.verdi@posta.example")

    monkeypatch.setattr(gateway.app.ctx.agent.processor, "handle_message", broken)
    status, answer = await gateway.post(**gateway.request("buongiorno"))
    assert (status, answer) == (503, {"error": "turn_failed"})


async def test_who_does_not_know_the_secret_gets_nothing(
    gateway: Gateway, store: MaskedTrackerStore
) -> None:
    for secret in ("", "s3cre", "s3crets", "sécret"):
        status, _ = await gateway.post(secret, **gateway.request("buongiorno"))
        assert status == 401
    assert store.current(gateway.conversation) is None


async def test_a_malformed_request_names_its_field(gateway: Gateway) -> None:
    assert await gateway.post(**gateway.request("ciao", conversation="x")) == (
        400,
        {"error": "malformed", "field": "conversation"},
    )


async def test_without_a_model_the_engine_is_not_ready(gateway: Gateway) -> None:
    gateway.app.ctx.agent = None
    assert (await gateway.post(**gateway.request("ciao")))[0] == 503


def test_production_has_no_built_in_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SPORTELLO_GATEWAY_SECRET", raising=False)
    monkeypatch.setenv("SPORTELLO_PROFILE", "production")
    with pytest.raises(RuntimeError, match="SPORTELLO_GATEWAY_SECRET"):
        GatewayInput.from_credentials({})


def _no_database() -> None:
    raise sa.exc.OperationalError("select", {}, Exception("connection refused"))
