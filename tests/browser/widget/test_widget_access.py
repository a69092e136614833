"""The widget by keyboard, by screen reader, on small screens and by people who need contrast."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.widget.widget_chat import Chat
from tests.browser.widget.widget_desk import FakeDesk

OpenPage = Callable[..., Page]

PHONE = {"viewport": {"width": 390, "height": 800}, "has_touch": True, "is_mobile": True}
FOCUSED = """() => {
  let element = document.activeElement;
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  return element?.className || element?.tagName;
}"""
IN_CHAT = "() => document.activeElement?.localName === 'sportello-chat'"


def _talk(chat: Chat, desk: FakeDesk) -> None:
    """Every kind of thing the chat can show, on screen at once."""
    chat.open()
    chat.write("ciao 123")
    chat.wait_for("Ho letto")
    page = {"kind": "password", "minutes": 10, "url": f"{desk.base_url}/t/x", "expires_at": None}
    desk.say("Veda https://www.generali.it/area-clienti o chiami 800 880 880.", page=page)
    desk.say("Una pagina usata.", page={**page, "url": None})
    desk.say("Una pagina per il telefono.", page={**page, "kind": "upload"})
    chat.wait_for("Una pagina per il telefono.")
    unfold = chat.page.locator(".handover button")
    if unfold.count():
        unfold.click()
    desk.refusals = [{"code": "malformed"}]
    chat.write("rifiutata")
    chat.page.locator(".status.is-failed").wait_for()
    desk.say("Quale profilo?", "Persona", "Professionista", "Azienda")
    chat.choice("Azienda").wait_for()
    desk.typing(on=True)
    chat.page.locator(".typing").wait_for()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["it", "id", "en"])
def test_axe_finds_nothing_serious(
    open_page: OpenPage, desk: FakeDesk, language: str, scheme: str
) -> None:
    page = open_page(query=f"market=it&language={language}", color_scheme=scheme)
    chat = Chat(page)
    closed = Axe().run(page)
    _talk(chat, desk)
    page.wait_for_timeout(300)
    talking = Axe().run(page)
    page.locator("button.tool").first.click()
    unfolded = Axe().run(page)

    for result in (closed, talking, unfolded):
        violations = result.response["violations"]
        serious = [found for found in violations if found["impact"] in {"serious", "critical"}]
        assert serious == [], [(one["id"], one["nodes"][0]["html"]) for one in serious]


def test_the_whole_chat_goes_by_keyboard_alone(chat: Chat, desk: FakeDesk) -> None:
    page = chat.page
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUSED) == "launcher"
    page.keyboard.press("Enter")
    chat.text.wait_for()
    assert page.evaluate(FOCUSED) == "TEXTAREA"

    page.keyboard.type("ciao")
    page.keyboard.press("Enter")
    chat.wait_for("Ho letto: ciao")
    desk.say("Quale profilo?", "Persona", "Professionista", "Azienda")
    chat.choice("Persona").wait_for()
    page.keyboard.press("ArrowUp")
    expect(chat.choice("Persona")).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(chat.choice("Azienda")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(chat.choice("Persona")).to_be_focused()
    page.keyboard.press("Tab")
    expect(chat.choice("Professionista")).to_be_focused()
    page.keyboard.press("Space")
    chat.wait_for("Ho letto: Professionista")

    assert page.evaluate(FOCUSED) == "TEXTAREA"
    page.keyboard.press("Escape")
    expect(chat.panel).to_be_hidden()
    assert page.evaluate(FOCUSED) == "launcher"


def test_escape_folds_the_options_first(chat: Chat) -> None:
    chat.open()
    options = chat.page.get_by_role("button", name="Lingua e altre opzioni")
    options.focus()
    chat.page.keyboard.press("Enter")
    expect(chat.page.get_by_role("radio", name="Italiano")).to_be_focused()
    chat.page.keyboard.press("Escape")
    expect(options).to_be_focused()
    expect(options).to_have_attribute("aria-expanded", "false")
    expect(chat.panel).to_be_visible()

    chat.page.keyboard.press("Escape")
    expect(chat.panel).to_be_hidden()


def test_over_the_whole_screen_the_focus_stays_inside(open_page: OpenPage) -> None:
    page = open_page(**PHONE)
    chat = Chat(page).open()
    for _ in range(25):
        page.keyboard.press("Tab")
        assert page.evaluate(IN_CHAT) or page.evaluate(FOCUSED) == "BODY"

    page.locator("main a").focus()
    assert page.evaluate(IN_CHAT) or page.evaluate(FOCUSED) == "BODY"
    expect(chat.panel).to_be_visible()


def test_beside_the_page_the_page_stays_usable(chat: Chat) -> None:
    chat.open()
    chat.page.get_by_role("link", name="Polizze").click()

    assert chat.page.url.endswith("#x")
    expect(chat.panel).to_be_visible()


def test_on_a_touch_screen_opening_does_not_call_the_keyboard(open_page: OpenPage) -> None:
    page = open_page(**PHONE)
    Chat(page).open()

    assert page.evaluate(FOCUSED) == "scroller"


def test_messages_are_announced_and_controls_are_named(chat: Chat, desk: FakeDesk) -> None:
    chat.open()
    chat.write("ciao")
    chat.wait_for("Ho letto")
    desk.say("Va bene?", "Sì", "No")
    chat.choice("Sì").wait_for()

    expect(chat.log).to_have_attribute("aria-live", "polite")
    expect(chat.log).to_have_accessible_name("Conversazione")
    expect(chat.page.get_by_role("dialog", name="Assistenza clienti")).to_be_visible()
    expect(chat.page.get_by_role("textbox", name="Il Suo messaggio")).to_be_visible()
    expect(chat.page.get_by_role("button", name="Invia")).to_be_visible()
    expect(chat.page.get_by_role("button", name="Chiudi la chat").first).to_be_visible()
    expect(chat.page.get_by_role("group", name="Risposte possibili")).to_be_visible()
    expect(chat.page.locator(".banner")).to_have_role("status")


def test_old_messages_are_not_read_out_after_a_reload(chat: Chat, desk: FakeDesk) -> None:
    chat.open()
    chat.write("ciao")
    chat.wait_for("Ho letto")
    chat.page.reload()
    spoken = chat.page.evaluate_handle(
        """() => {
          const root = document.querySelector("sportello-chat").shadowRoot;
          const log = root.querySelector(".scroller");
          const spoken = [];
          new MutationObserver((changes) => {
            for (const change of changes) {
              if (change.addedNodes.length && log.getAttribute("aria-live") !== "off")
                spoken.push(...[...change.addedNodes].map((node) => node.className));
            }
          }).observe(log, {subtree: true, childList: true});
          return spoken;
        }"""
    )
    expect(chat.page.locator(".from-bot")).to_be_attached()

    assert [name for name in spoken.json_value() if "line" in str(name).split()] == []


@pytest.mark.parametrize("language", ["it", "id", "en"])
def test_nothing_overflows_at_320_pixels(
    open_page: OpenPage, desk: FakeDesk, language: str
) -> None:
    page = open_page(query=f"market=it&language={language}", viewport={"width": 320, "height": 560})
    chat = Chat(page)
    _talk(chat, desk)
    desk.say("Kelengkapan" * 12, "Sepertiganyapemberitahuan", "Nonpuòessereriprodotto")
    chat.wait_for("KelengkapanKelengkapan")
    page.locator("button.tool").first.click()

    wide = page.evaluate(
        """() => [...document.querySelector("sportello-chat").shadowRoot.querySelectorAll("*")]
          .filter((e) => !e.matches(".unseen, .icon, .icon *") && !e.closest("[hidden]"))
          .map((e) => [e.outerHTML.slice(0, 90), e.getBoundingClientRect()])
          .filter(([, box]) => box.right > 320.5 || box.left < -0.5)"""
    )
    assert wide == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert chat.log.evaluate("(log) => log.scrollWidth <= log.clientWidth")


def test_everything_to_press_is_at_least_44_pixels(open_page: OpenPage, desk: FakeDesk) -> None:
    page = open_page(viewport={"width": 360, "height": 640})
    chat = Chat(page)
    _talk(chat, desk)
    page.locator("button.tool").first.click()

    small = page.evaluate(
        """() => [...document.querySelector("sportello-chat").shadowRoot
            .querySelectorAll("button, textarea, a.card, label:not(.unseen)")]
          .map((e) => [e.className || e.localName, e.getBoundingClientRect()])
          .filter(([, box]) => box.width > 0 && (box.width < 43.9 || box.height < 43.9))
          .map(([name, box]) => `${name} ${box.width}x${box.height}`)"""
    )
    assert small == []


def test_a_phones_keyboard_leaves_the_composer_and_the_last_message_in_sight(
    open_page: OpenPage, desk: FakeDesk
) -> None:
    page = open_page(**PHONE)
    chat = Chat(page)
    _talk(chat, desk)
    page.set_viewport_size({"width": 390, "height": 480})
    page.wait_for_timeout(100)
    composer = page.locator("form.composer").bounding_box()
    last = page.locator(".typing").bounding_box()

    assert composer is not None
    assert last is not None
    assert abs(composer["y"] + composer["height"] - 480) < 1
    assert last["y"] + last["height"] <= composer["y"]


def test_turning_the_phone_keeps_the_chat_open_and_whole(
    open_page: OpenPage, desk: FakeDesk
) -> None:
    page = open_page(**PHONE)
    chat = Chat(page)
    _talk(chat, desk)
    page.set_viewport_size({"width": 900, "height": 700})
    expect(page.locator("dialog.panel.is-full")).to_have_count(0)
    expect(chat.panel).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 800})
    expect(page.locator("dialog.panel.is-full")).to_be_visible()
    expect(chat.choice("Azienda")).to_be_visible()


def test_reading_back_is_not_disturbed_by_new_messages(chat: Chat, desk: FakeDesk) -> None:
    chat.open()
    chat.write("ciao")
    chat.wait_for("Ho letto")
    for number in range(20):
        desk.say(f"Messaggio {number} " + "parole " * 12)
    chat.wait_for("Messaggio 19")
    chat.log.evaluate("(log) => { log.scrollTop = 0; }")
    latest = chat.page.get_by_role("button", name="Vai agli ultimi messaggi")
    latest.wait_for()
    desk.say("Appena arrivato")
    chat.log.get_by_text("Appena arrivato").wait_for(state="attached")
    assert chat.log.evaluate("(log) => log.scrollTop") == 0

    latest.click()
    expect(chat.log.get_by_text("Appena arrivato")).to_be_in_viewport()
    expect(latest).to_be_hidden()


def test_nothing_moves_for_those_who_asked_for_less_motion(
    open_page: OpenPage, desk: FakeDesk
) -> None:
    page = open_page(reduced_motion="reduce")
    chat = Chat(page)
    _talk(chat, desk)

    moving = page.evaluate(
        """() => document.getAnimations()
          .filter((one) => one.effect.getComputedTiming().activeDuration > 0
            && one.effect.getKeyframes().some((key) => "transform" in key || "opacity" in key))
          .map((one) => one.animationName ?? one.transitionProperty)"""
    )
    assert moving == []
