"""What becomes of one message, whatever it holds and whatever fails."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from structlog.testing import capture_logs

from backend.core.conversation import Incoming, Kind
from tests.web.gateway.conftest import Customer
from tests.web.gateway.house import (
    QUICK,
    FakeEngine,
    database_file,
    lasting,
    passing,
    press,
    said,
    text,
)
from web.gateway.engine import EnginePage
from web.gateway.service import Gateway

YES_NO = (("Sì", "/affirm"), ("No", '/deny{"reason": "customer"}'))


async def test_text_reaches_the_engine_and_its_answer_the_customer(
    customer: Customer, engine: FakeEngine
) -> None:
    engine.answer = lambda _: said("Buongiorno.", masked="Ciao!", flow="register", asking="profile")
    answer = await customer.says(text("Ciao!"))
    assert [line.text for line in answer] == ["Buongiorno."]
    [request] = engine.requests
    assert (request.text, request.market, request.language) == ("Ciao!", "it", "it")
    assert request.client == "client-hash"
    state = (await customer.gateway.snapshot(customer.id)).conversation
    assert (state.flow, state.asking) == ("register", "profile")


async def test_transcript_keeps_only_what_the_engine_lets_it_keep(
    customer: Customer, engine: FakeEngine
) -> None:
    engine.answer = lambda _: said("Grazie.", masked="Mi chiamo •••••")
    await customer.says(text("Mi chiamo Giulia"))
    assert await customer.transcript() == [("customer", "Mi chiamo •••••"), ("bot", "Grazie.")]


async def test_text_that_nobody_masked_is_not_kept_at_all(
    customer: Customer, engine: FakeEngine
) -> None:
    engine.answer = lambda _: said("Grazie.", masked=None)
    await customer.says(text("Mi chiamo Giulia"))
    assert (await customer.transcript())[0] == ("customer", "•••")


@pytest.mark.parametrize(
    "typed", ["/restart", " \u00a0/ //restart", "\x00/restart", "\u200d/restart"]
)
async def test_leading_slash_is_no_order_to_the_engine(
    customer: Customer, engine: FakeEngine, typed: str
) -> None:
    await customer.says(text(typed))
    assert engine.texts == ["restart"]


async def test_control_characters_are_dropped(customer: Customer, engine: FakeEngine) -> None:
    await customer.says(text("a\x00b\x1b[31mc\u202ed\r\ne"))
    assert engine.texts == ["ab[31mcd\ne"]


async def test_ten_thousand_characters_are_cut_and_the_customer_is_told(
    customer: Customer, engine: FakeEngine
) -> None:
    answer = await customer.says(text("x" * 10_000))
    assert [len(sent or "") for sent in engine.texts] == [1_000]
    assert "1.000" in answer[0].text
    assert answer[1].text.startswith("sentito: ")


async def test_one_thousand_characters_pass_whole(customer: Customer, engine: FakeEngine) -> None:
    answer = await customer.says(text("x" * 1_000))
    assert [len(sent or "") for sent in engine.texts] == [1_000]
    assert len(answer) == 1


@pytest.mark.parametrize("typed", ["", "  \u00a0", "\x00", "/", "\u200b"])
async def test_message_without_text_is_answered_without_the_engine(
    customer: Customer, engine: FakeEngine, typed: str
) -> None:
    [answer] = await customer.says(text(typed))
    assert answer.text
    assert engine.requests == []


async def test_engine_that_comes_back_is_asked_again_under_the_same_name(
    customer: Customer, engine: FakeEngine
) -> None:
    engine.failures = [passing(), passing("status 503")]
    [answer] = await customer.says(text("ciao"))
    assert answer.text == "sentito: ciao"
    assert len(engine.requests) == 3
    assert len({request.message_id for request in engine.requests}) == 1


async def test_engine_that_stays_away_becomes_an_apology_after_three_tries(
    customer: Customer, engine: FakeEngine
) -> None:
    engine.failures = [passing(), passing(), passing()]
    [apology] = await customer.says(text("Mi chiamo Giulia"))
    assert "problema tecnico" in apology.text
    assert len(engine.requests) == 3
    assert await customer.transcript() == [("customer", "•••"), ("bot", apology.text)]


async def test_engine_that_keeps_everybody_waiting_is_not_asked_over_and_over(
    backend: Any, engine: FakeEngine
) -> None:
    numbers = replace(QUICK, engine_pauses=(0.0,) * 9, engine_patience=-1.0)
    gateway = Gateway(backend, engine, numbers)
    await gateway.start()
    engine.failures = [passing("ReadTimeout")]
    [apology] = await Customer(gateway).says(text("ciao"))
    await gateway.stop()
    assert "problema tecnico" in apology.text
    assert len(engine.requests) == 1


async def test_second_apology_in_a_row_names_a_person_and_a_reference(
    customer: Customer, engine: FakeEngine
) -> None:
    engine.failures = [lasting(), lasting()]
    [first] = await customer.says(text("ciao"))
    with capture_logs() as logs:
        [second] = await customer.says(text("ciao?"))
    assert first.text != second.text
    assert "https://www.generali.it/assistenza" in second.text
    [failed] = [entry for entry in logs if entry["event"] == "turn_failed"]
    assert failed["incident"] in second.text
    assert "ciao" not in str(logs)


async def test_conversation_goes_on_after_an_apology(
    customer: Customer, engine: FakeEngine
) -> None:
    engine.failures = [lasting()]
    await customer.says(text("ciao"))
    [answer] = await customer.says(text("ciao?"))
    assert answer.text == "sentito: ciao?"
    assert (await customer.gateway.snapshot(customer.id)).conversation.failures == 0


async def test_refused_request_is_not_repeated(customer: Customer, engine: FakeEngine) -> None:
    engine.failures = [lasting("status 401")]
    await customer.says(text("ciao"))
    assert len(engine.requests) == 1


@pytest.mark.parametrize("silence", [said(), said(""), said("  ")])
async def test_silent_engine_becomes_an_apology(
    customer: Customer, engine: FakeEngine, silence: Any
) -> None:
    engine.answer = lambda _: silence
    [answer] = await customer.says(text("ciao"))
    assert "problema tecnico" in answer.text


async def test_unforeseen_failure_is_spoken_and_not_quoted_in_the_log(
    customer: Customer, engine: FakeEngine
) -> None:
    def explode(_: Any) -> Any:
        raise RuntimeError("Giulia Bianchi")

    engine.answer = explode
    with capture_logs() as logs:
        [answer] = await customer.says(text("Giulia Bianchi"))
    assert "problema tecnico" in answer.text
    assert "Giulia" not in str(logs)


async def test_apology_leaves_the_choices_open(customer: Customer, engine: FakeEngine) -> None:
    engine.answer = lambda _: said("Va bene?", buttons=YES_NO)
    await customer.says(text("ciao"))
    engine.failures = [lasting()]
    [apology] = await customer.says(text("forse"))
    assert [button.title for button in apology.buttons] == ["Sì", "No"]
    await customer.says(press(apology.buttons[0].id))
    assert engine.requests[-1].parse is not None
    assert engine.requests[-1].parse.intent == "affirm"


async def test_apology_speaks_the_language_of_the_conversation(
    customer: Customer, engine: FakeEngine
) -> None:
    engine.answer = lambda _: said("Baik.", language="id")
    await customer.says(text("halo"))
    engine.failures = [lasting()]
    [apology] = await customer.says(text("halo?"))
    assert "gangguan teknis" in apology.text


async def test_event_goes_on_without_a_customers_line(
    customer: Customer, engine: FakeEngine
) -> None:
    engine.answer = lambda _: said("La password è impostata.")
    await customer.says(Incoming(Kind.EVENT, intent="page_done"))
    assert await customer.transcript() == [("bot", "La password è impostata.")]
    assert engine.requests[0].parse is not None
    assert engine.requests[0].parse.intent == "page_done"


async def test_page_is_linked_when_it_is_delivered_and_only_while_it_is_valid(
    customer: Customer, engine: FakeEngine, backend: Any
) -> None:
    page = EnginePage(id="p1", kind="password", minutes=10)
    engine.answer = lambda _: said("Imposti la password.", page=page)
    [line] = await customer.says(text("ok"))
    assert line.page is not None
    token = backend.pages.minted["p1"]
    assert line.page.url.endswith(f"/t/{token}")

    async def url() -> str | None:
        return (await customer.gateway.lines(customer.id))[-1].page_url

    assert await url() == line.page.url
    backend.pages.used.add(token)
    assert await url() is None
    backend.pages.used.clear()
    backend.clock.forward(600)
    assert await url() is None


async def test_link_is_nowhere_in_the_database_in_the_clear(
    customer: Customer, engine: FakeEngine, backend: Any
) -> None:
    page = EnginePage(id="p1", kind="password", minutes=10)
    engine.answer = lambda _: said(
        "Imposti la password.", page=page, buttons=[("Fatto", '/inform{"profile": "persona-x"}')]
    )
    await customer.says(text("Giulia Bianchi"))
    backend.engine.dispose()
    content = database_file(backend).read_bytes()
    for secret in (b"token-p1", b"Giulia", b"persona-x", b"anna"):
        assert secret not in content
