"""A conversation in the widget: writing, choosing, reading."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.widget.widget_chat import Chat
from tests.browser.widget.widget_desk import FakeDesk


def test_no_session_is_opened_before_the_chat_is(chat: Chat, desk: FakeDesk) -> None:
    assert desk.requests == []

    chat.open()
    chat.write("Buongiorno")
    chat.wait_for("Ho letto: Buongiorno")

    assert len(desk.requests) == 1


def test_enter_sends_and_shift_enter_breaks_the_line(chat: Chat, desk: FakeDesk) -> None:
    chat.open()
    chat.text.press_sequentially("prima riga")
    chat.text.press("Shift+Enter")
    chat.text.press_sequentially("seconda riga")
    chat.text.press("Enter")
    chat.wait_for("Ho letto")

    assert [frame["text"] for frame in desk.sent("text")] == ["prima riga\nseconda riga"]
    expect(chat.text).to_have_value("")


def test_enter_while_a_word_is_being_composed_sends_nothing(chat: Chat, desk: FakeDesk) -> None:
    chat.open()
    chat.text.fill("nihon")
    chat.text.dispatch_event("keydown", {"key": "Enter", "isComposing": True, "keyCode": 229})
    expect(chat.text).to_have_value("nihon")

    chat.write("fine")
    chat.wait_for("Ho letto")

    assert [frame["text"] for frame in desk.sent("text")] == ["fine"]


def test_blank_text_is_not_sent(chat: Chat, desk: FakeDesk) -> None:
    chat.open()
    chat.write("   \n ")
    chat.write("sì")
    chat.wait_for("Ho letto: sì")

    assert [frame["text"] for frame in desk.sent("text")] == ["sì"]


def test_the_composer_grows_with_the_text_and_then_scrolls(chat: Chat) -> None:
    chat.open()

    def height() -> float:
        box = chat.text.bounding_box()
        assert box is not None
        return box["height"]

    low = height()
    chat.text.fill("riga\n" * 3)
    grown = height()
    chat.text.fill("riga\n" * 40)

    assert low < grown < height() <= 140


def test_the_customers_line_shows_at_once_and_then_as_the_desk_keeps_it(
    chat: Chat, desk: FakeDesk
) -> None:
    desk.is_deaf = True
    chat.open()
    chat.write("Il codice è 739204")
    chat.wait_for("Il codice è 739204")
    assert chat.lines() == ["Lei: Il codice è 739204"]

    desk.is_deaf = False
    desk.drop()
    chat.wait_for("Il codice è ••••••")

    expect(chat.log.get_by_text("739204")).to_have_count(0)
    chat.wait_for("Ho letto")
    assert chat.lines()[0] == "Lei: Il codice è ••••••"
    assert len(chat.lines()) == 2


def test_a_pressed_choice_folds_into_the_answer(chat: Chat, desk: FakeDesk) -> None:
    chat.open()
    chat.write("Voglio registrarmi")
    chat.wait_for("Ho letto")
    desk.say("Come si registra?", "Persona", "Professionista", "Azienda")
    chat.choice("Professionista").click()
    chat.wait_for("Ho letto: Professionista")

    expect(chat.log.locator("button.choice")).to_have_count(0)
    assert chat.lines()[-2:] == ["Lei: Professionista", "Assistente: Ho letto: Professionista"]
    assert [frame["id"] for frame in desk.sent("button")] == ["b2"]


def test_a_double_click_presses_once(chat: Chat, desk: FakeDesk) -> None:
    chat.open()
    chat.write("ciao")
    chat.wait_for("Ho letto")
    desk.say("Va bene?", "Sì", "No")
    chat.choice("Sì").dblclick()
    chat.wait_for("Ho letto: Sì")

    assert len(desk.sent("button")) == 1
    assert [line for line in chat.lines() if line == "Lei: Sì"] == ["Lei: Sì"]


def test_only_the_choices_of_now_can_be_pressed(chat: Chat, desk: FakeDesk) -> None:
    chat.open()
    chat.write("ciao")
    chat.wait_for("Ho letto")
    desk.say("Prima domanda?", "Vecchia")
    chat.choice("Vecchia").wait_for()
    desk.say("Seconda domanda?", "Nuova")
    chat.choice("Nuova").wait_for()

    expect(chat.choice("Vecchia")).to_have_count(0)


def test_a_refused_choice_can_be_pressed_again(chat: Chat, desk: FakeDesk) -> None:
    chat.open()
    chat.write("ciao")
    chat.wait_for("Ho letto")
    desk.say("Va bene?", "Sì", "No")
    desk.refusals = [{"code": "malformed"}]
    chat.choice("Sì").click()
    chat.log.get_by_text("Non inviato").wait_for()

    chat.choice("No").click()
    chat.wait_for("Ho letto: No")

    expect(chat.log.get_by_text("Non inviato")).to_have_count(0)


def test_a_refused_message_can_be_sent_again(chat: Chat, desk: FakeDesk) -> None:
    desk.refusals = [{"code": "malformed"}]
    chat.open()
    chat.write("ciao")
    chat.log.get_by_text("Non inviato").wait_for()
    chat.log.get_by_role("button", name="Riprova").click()
    chat.wait_for("Ho letto: ciao")

    first, second = desk.sent("text")
    assert first["client_id"] == second["client_id"]


def test_what_came_too_fast_is_sent_again_by_itself(chat: Chat, desk: FakeDesk) -> None:
    desk.refusals = [{"code": "rate_limited", "retry_after": 1}]
    chat.open()
    chat.write("ciao")
    chat.banner.get_by_text("Troppi messaggi").wait_for()
    chat.wait_for("Ho letto: ciao")

    assert len(chat.lines()) == 2


def test_typing_shows_while_the_desk_says_so(chat: Chat, desk: FakeDesk) -> None:
    chat.open()
    chat.write("ciao")
    chat.wait_for("Ho letto")
    desk.typing(on=True)
    chat.log.get_by_text("L'assistente sta rispondendo").wait_for()
    desk.typing(on=False)

    expect(chat.page.locator(".typing")).to_be_hidden()


def test_a_secure_page_is_a_card_that_opens_beside_the_chat(chat: Chat, desk: FakeDesk) -> None:
    chat.open()
    chat.write("ciao")
    chat.wait_for("Ho letto")
    url = f"{desk.base_url}/t/abc"
    desk.say(
        "Ora scelga la password.",
        page={"kind": "password", "minutes": 10, "url": url, "expires_at": None},
    )
    card = chat.log.get_by_role("link", name="Imposta la password")
    card.wait_for()

    assert card.get_attribute("href") == url
    assert card.get_attribute("target") == "_blank"
    assert card.get_attribute("rel") == "noopener noreferrer"
    expect(card).to_contain_text("Si apre una pagina sicura · vale 10 minuti")


def test_a_used_page_is_no_link_any_more(chat: Chat, desk: FakeDesk) -> None:
    chat.open()
    chat.write("ciao")
    chat.wait_for("Ho letto")
    desk.say("Fatto.", page={"kind": "password", "minutes": 10, "url": None, "expires_at": None})
    chat.wait_for("Questo link non è più attivo")

    expect(chat.log.get_by_role("link")).to_have_count(0)


def test_a_card_closes_in_place_once_its_page_was_used(chat: Chat, desk: FakeDesk) -> None:
    chat.open()
    chat.write("ciao")
    chat.wait_for("Ho letto")
    url = f"{desk.base_url}/t/abc"
    page = {"kind": "password", "minutes": 10, "url": url, "expires_at": None}
    desk.say("Imposti la password.", page=page)
    chat.page.locator("a.card").wait_for()
    desk.end_page(3)

    chat.page.locator(".card.is-over").wait_for()
    expect(chat.page.locator("a.card")).to_have_count(0)


def test_a_page_closes_when_its_time_is_over_whatever_the_device_thinks_it_is(
    chat: Chat, desk: FakeDesk
) -> None:
    chat.page.clock.install(time="2031-01-01T00:00:00Z")
    chat.page.reload()
    chat.open()
    chat.write("ciao")
    chat.wait_for("Ho letto")
    url = f"{desk.base_url}/t/abc"
    # Written at 09:03, so it lives for ten minutes.
    expires_at = "2026-11-21T09:13:00Z"
    desk.say(
        "Ecco.", page={"kind": "password", "minutes": 10, "url": url, "expires_at": expires_at}
    )
    card = chat.log.get_by_role("link", name="Imposta la password")
    card.wait_for()
    chat.page.clock.run_for(590_000)
    expect(card).to_be_visible()
    chat.page.clock.run_for(20_000)

    expect(card).to_have_count(0)
    expect(chat.log.get_by_text("Questo link non è più attivo")).to_be_visible()


def test_a_person_who_takes_over_is_announced(chat: Chat, desk: FakeDesk) -> None:
    chat.open()
    chat.write("ciao")
    chat.wait_for("Ho letto")
    desk.hold("person")
    chat.banner.get_by_text("Ora Le risponde una persona").wait_for()
    desk.say("Buongiorno, sono Anna.", speaker="person")
    chat.wait_for("sono Anna")

    assert chat.lines()[-1] == "Operatore: Buongiorno, sono Anna."
    expect(chat.panel.get_by_text("Le risponde una persona", exact=True)).to_be_visible()


def test_the_language_changes_in_place(chat: Chat, desk: FakeDesk) -> None:
    chat.open()
    chat.write("ciao")
    chat.wait_for("Ho letto")
    chat.page.get_by_role("button", name="Lingua e altre opzioni").click()
    chat.page.get_by_text("Bahasa Indonesia").click()

    expect(chat.panel).to_have_attribute("lang", "id")
    expect(chat.panel.get_by_role("heading")).to_have_text("Layanan nasabah")
    expect(chat.text).to_have_attribute("placeholder", "Tulis di sini…")
    assert chat.lines()[0] == "Anda: ciao"
    assert [frame["language"] for frame in desk.sent("language")] == ["id"]


def test_the_widget_follows_when_the_conversation_changes_language(
    chat: Chat, desk: FakeDesk
) -> None:
    def in_english(session: object, text: str) -> None:
        desk.session.language = "en"
        desk.say("Let us go on in English.")

    desk.answer = in_english
    chat.open()
    chat.write("can we speak English?")

    expect(chat.panel.get_by_role("heading")).to_have_text("Customer help")


def test_starting_again_opens_a_new_conversation(chat: Chat, desk: FakeDesk) -> None:
    chat.open()
    chat.write("ciao")
    chat.wait_for("Ho letto")
    first = desk.session.token
    chat.page.get_by_role("button", name="Lingua e altre opzioni").click()
    chat.page.get_by_role("button", name="Ricomincia da capo").click()
    chat.page.get_by_role("button", name="Ricomincia", exact=True).click()
    chat.choice("Voglio registrarmi").wait_for()

    assert chat.lines() == []
    chat.write("di nuovo")
    chat.wait_for("Ho letto: di nuovo")
    assert desk.session.token != first


def test_a_first_suggestion_is_sent_as_the_customers_words(chat: Chat, desk: FakeDesk) -> None:
    chat.open()
    chat.choice("Voglio registrarmi").click()
    chat.wait_for("Ho letto: Voglio registrarmi")

    assert [frame["text"] for frame in desk.sent("text")] == ["Voglio registrarmi"]


def test_times_show_on_demand(chat: Chat) -> None:
    chat.open()
    chat.write("ciao")
    chat.wait_for("Ho letto")
    clock = chat.page.locator("time").last
    expect(clock).to_have_css("opacity", "0")
    chat.page.get_by_role("button", name="Lingua e altre opzioni").click()
    chat.page.get_by_text("Mostra gli orari").click()

    expect(clock).to_have_css("opacity", "1")
