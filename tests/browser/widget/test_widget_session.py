"""The widget's session: reloads, breaks of the line, expiry, several tabs."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.widget.widget_chat import Chat
from tests.browser.widget.widget_desk import FakeDesk

OpenPage = Callable[..., Page]


def test_a_reload_keeps_the_history_and_no_message_comes_twice(chat: Chat, desk: FakeDesk) -> None:
    chat.open()
    for word in ("uno", "due", "tre"):
        chat.write(word)
        chat.wait_for(f"Ho letto: {word}")
    before = chat.lines()
    chat.page.reload()
    chat.open()
    chat.wait_for("Ho letto: tre")

    assert chat.lines() == before
    assert len(desk.requests) == 1


def test_choices_can_be_pressed_after_a_reload(chat: Chat, desk: FakeDesk) -> None:
    chat.open()
    chat.write("ciao")
    chat.wait_for("Ho letto")
    desk.say("Quale?", "Questa", "Quella")
    chat.choice("Questa").wait_for()
    chat.page.reload()
    chat.open()
    chat.choice("Quella").click()
    chat.wait_for("Ho letto: Quella")

    assert len(desk.sent("button")) == 1


def test_only_the_token_is_kept_and_only_for_this_tab(chat: Chat, desk: FakeDesk) -> None:
    chat.open()
    chat.write("il mio segreto 739204")
    chat.wait_for("Ho letto")

    kept = chat.page.evaluate("Object.values(sessionStorage)")
    assert kept == [desk.session.token]
    assert chat.page.evaluate("localStorage.length") == 0
    assert chat.page.evaluate("document.cookie") == ""
    assert desk.session.token not in " ".join([chat.page.url, *desk.requests])


def test_the_chat_works_where_storage_is_switched_off(open_page: OpenPage, desk: FakeDesk) -> None:
    page = open_page()
    page.add_init_script(
        "Object.defineProperty(window, 'sessionStorage', {get() { throw new Error('off'); }})"
    )
    page.reload()
    chat = Chat(page).open()
    chat.write("ciao")
    chat.wait_for("Ho letto: ciao")


def test_after_a_break_the_chat_goes_on_without_loss_or_repetition(
    chat: Chat, desk: FakeDesk
) -> None:
    chat.open()
    chat.write("prima")
    chat.wait_for("Ho letto: prima")
    desk.is_down = True
    desk.drop()
    chat.banner.get_by_text("Connessione persa").wait_for()
    desk.say("Detto durante la pausa")
    chat.write("scritto durante la pausa")
    chat.log.get_by_text("Parte appena torna la connessione").wait_for()
    desk.is_down = False

    chat.wait_for("Ho letto: scritto durante la pausa")
    assert chat.lines() == [
        "Lei: prima",
        "Assistente: Ho letto: prima",
        "Assistente: Detto durante la pausa",
        "Lei: scritto durante la pausa",
        "Assistente: Ho letto: scritto durante la pausa",
    ]
    assert [frame["after"] for frame in desk.sent("hello")][-1] == 2


def test_a_message_that_was_not_acknowledged_is_sent_again_under_the_same_name(
    chat: Chat, desk: FakeDesk
) -> None:
    chat.open()
    chat.write("prima")
    chat.wait_for("Ho letto: prima")
    desk.is_deaf = True
    chat.write("caduta per strada")
    chat.wait_for("caduta per strada")
    expect(chat.page.locator(".line.is-sending")).to_have_count(1)
    desk.is_deaf = False
    desk.drop()
    chat.wait_for("Ho letto: caduta per strada")

    _, first, second = desk.sent("text")
    assert first["client_id"] == second["client_id"]
    assert len(chat.lines()) == 4


def test_without_network_the_chat_says_so_and_sends_when_it_is_back(
    chat: Chat, desk: FakeDesk
) -> None:
    chat.open()
    chat.write("prima")
    chat.wait_for("Ho letto: prima")
    chat.page.context.set_offline(True)
    chat.banner.get_by_text("Manca la connessione a internet").wait_for()
    chat.write("dal tunnel")
    chat.log.get_by_text("Parte appena torna la connessione").wait_for()
    chat.page.context.set_offline(False)

    chat.wait_for("Ho letto: dal tunnel")
    expect(chat.banner.get_by_text("Manca la connessione")).to_have_count(0)


def test_an_expired_session_gives_way_to_a_new_one(chat: Chat, desk: FakeDesk) -> None:
    chat.open()
    chat.write("vecchia")
    chat.wait_for("Ho letto: vecchia")
    old = desk.session.token
    desk.forget()
    chat.banner.get_by_text("La conversazione di prima è scaduta").wait_for()
    chat.write("nuova")
    chat.wait_for("Ho letto: nuova")

    assert desk.session.token != old
    assert chat.lines() == ["Lei: nuova", "Assistente: Ho letto: nuova"]


def test_a_session_that_expired_meanwhile_is_no_reason_to_give_up_sockets(
    chat: Chat, desk: FakeDesk
) -> None:
    chat.open()
    chat.write("vecchia")
    chat.wait_for("Ho letto: vecchia")
    address = chat.page.url
    chat.page.goto("about:blank")
    desk.forget()
    asked: list[str] = []
    chat.page.on("request", lambda request: asked.append(request.url))
    chat.page.goto(address)
    chat.open()
    chat.write("nuova")
    chat.wait_for("Ho letto: nuova")

    assert [url for url in asked if url.endswith("/widget/poll")] == []


def test_a_desk_that_opens_no_session_can_be_tried_again(chat: Chat, desk: FakeDesk) -> None:
    desk.refuse_sessions = 503
    chat.open()
    chat.banner.get_by_text("La chat non risponde").wait_for()
    chat.write("scritto lo stesso")
    desk.refuse_sessions = None
    chat.banner.get_by_role("button", name="Riprova").click()

    chat.wait_for("Ho letto: scritto lo stesso")


def test_two_tabs_of_one_session_show_the_same(chat: Chat, desk: FakeDesk) -> None:
    chat.open()
    chat.write("dalla prima")
    chat.wait_for("Ho letto: dalla prima")
    with chat.page.context.expect_page() as opened:
        chat.page.evaluate("window.open(location.href)")
    other = Chat(opened.value)
    other.open()
    other.wait_for("Ho letto: dalla prima")
    other.write("dalla seconda")

    chat.wait_for("Ho letto: dalla seconda")
    assert chat.lines() == other.lines()


def test_messages_that_come_while_the_chat_is_closed_are_counted(
    chat: Chat, desk: FakeDesk
) -> None:
    chat.open()
    chat.write("ciao")
    chat.wait_for("Ho letto")
    chat.page.keyboard.press("Escape")
    desk.say("La password è impostata.")
    desk.say("Vuole collegare una polizza?", "Sì", "No")

    expect(chat.launcher).to_have_accessible_name("Apri la chat, 2 messaggi nuovi")
    expect(chat.page.locator(".badge")).to_have_text("2")
    chat.open()
    expect(chat.page.locator(".badge")).to_be_hidden()


def test_what_was_there_before_a_reload_is_not_news(chat: Chat) -> None:
    chat.open()
    chat.write("ciao")
    chat.wait_for("Ho letto")
    chat.page.reload()
    expect(chat.page.locator(".from-bot")).to_be_attached()

    expect(chat.launcher).to_have_accessible_name("Apri la chat")


def test_a_switch_of_language_during_a_break_is_made_up_for(chat: Chat, desk: FakeDesk) -> None:
    chat.open()
    chat.write("ciao")
    chat.wait_for("Ho letto")
    desk.is_down = True
    desk.drop()
    chat.page.get_by_role("button", name="Lingua e altre opzioni").click()
    chat.page.get_by_text("English").click()
    expect(chat.panel).to_have_attribute("lang", "en")
    desk.is_down = False
    chat.write("hello")
    chat.wait_for("Ho letto: hello")

    expect(chat.panel).to_have_attribute("lang", "en")
    assert desk.session.language == "en"
