"""What the widget must never do: run what it is sent, weigh too much, call strangers."""

from __future__ import annotations

import gzip
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.widget.widget_chat import Chat
from tests.browser.widget.widget_desk import FakeDesk
from tests.browser.widget.widget_script import ROOT, WIDGET, built_script, npm

OpenPage = Callable[..., Page]

HOSTILE = [
    '<img src=x onerror="window.hacked=true">',
    "<script>window.hacked=true</script>",
    "<svg/onload=window.hacked=true>",
    "javascript:window.hacked=true",
    '"><iframe srcdoc="<script>parent.hacked=true</script>">',
    "[clicchi qui](javascript:window.hacked=true)",
    'https://a.it/"onmouseover="window.hacked=true',
    "&lt;img src=x onerror=window.hacked=true&gt;",
    "{{constructor.constructor('window.hacked=true')()}}",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_shown_as_text(chat: Chat, desk: FakeDesk, text: str) -> None:
    desk.answer = lambda session, said: desk.say(said, text)
    chat.open()
    chat.write(text)
    chat.choice(text).wait_for()
    chat.choice(text).click()
    expect(chat.page.locator(".from-customer")).to_have_count(2)

    alive = ":is(img, script, iframe, [onerror], [onmouseover], [onload])"
    expect(chat.page.locator(f".lines {alive}")).to_have_count(0)
    assert chat.page.evaluate("window.hacked") is None
    assert text in chat.lines()[0]
    for link in chat.log.get_by_role("link").all():
        assert (link.get_attribute("href") or "").startswith("https://a.it/")


def test_a_hostile_page_address_is_no_link(chat: Chat, desk: FakeDesk) -> None:
    chat.open()
    chat.write("ciao")
    chat.wait_for("Ho letto")
    url = "javascript:window.hacked=true"
    desk.say("Ecco", page={"kind": "<b>", "minutes": 10, "url": url, "expires_at": None})
    chat.page.locator(".card").wait_for()

    expect(chat.log.get_by_role("link")).to_have_count(0)


def test_links_in_text_open_beside_the_page_and_tell_nothing(chat: Chat, desk: FakeDesk) -> None:
    chat.open()
    chat.write("ciao")
    chat.wait_for("Ho letto")
    desk.say("Veda https://www.generali.it/area-clienti oppure chiami 800 880 880")
    link = chat.log.get_by_role("link", name="https://www.generali.it/area-clienti")
    link.wait_for()

    assert link.get_attribute("target") == "_blank"
    assert link.get_attribute("rel") == "noopener noreferrer"
    phone = chat.log.get_by_role("link", name="800 880 880")
    assert phone.get_attribute("href") == "tel:800880880"


def test_no_style_attribute_is_ever_set(chat: Chat, desk: FakeDesk) -> None:
    chat.open()
    chat.write("riga\n" * 9)
    chat.wait_for("Ho letto")

    styled = chat.page.evaluate(
        """() => [document, document.querySelector("sportello-chat").shadowRoot]
          .flatMap((root) => [...root.querySelectorAll("[style], style")]).length"""
    )
    assert styled == 0


def test_the_page_themes_the_chat_by_variables(open_page: OpenPage, desk: FakeDesk) -> None:
    page = open_page()
    page.evaluate(
        """() => {
          const sheet = new CSSStyleSheet();
          sheet.replaceSync("html{--sportello-accent:#ffd400;--sportello-radius:2px;--sportello-font:serif}");
          document.adoptedStyleSheets = [sheet];
        }"""
    )
    chat = Chat(page).open()

    expect(chat.launcher).to_have_css("background-color", "rgb(255, 212, 0)")
    # Black reads on yellow, white would not.
    expect(chat.launcher).to_have_css("color", "oklch(0 0 0)")
    expect(chat.text).to_have_css("font-family", "serif")
    expect(chat.panel).to_have_css("border-radius", "8px")


def test_a_page_may_put_the_element_by_hand(open_page: OpenPage, desk: FakeDesk) -> None:
    page = open_page(query="")
    expect(page.locator("sportello-chat")).to_have_count(0)
    page.evaluate(
        """() => {
          const chat = document.createElement("sportello-chat");
          chat.setAttribute("market", "id");
          chat.setAttribute("language", "en");
          document.body.append(chat);
          chat.open();
        }"""
    )
    chat = Chat(page)
    chat.write("hello")
    chat.wait_for("Ho letto: hello")

    assert (desk.session.market, desk.session.language) == ("id", "en")
    page.evaluate("document.querySelector('sportello-chat').remove()")
    expect(chat.panel).to_have_count(0)


def test_the_script_twice_on_a_page_makes_one_chat(open_page: OpenPage, desk: FakeDesk) -> None:
    page = open_page()
    page.add_script_tag(url=f"{desk.base_url}/static/widget.js?again")

    expect(page.locator("sportello-chat")).to_have_count(1)


def test_the_script_weighs_less_than_60_kb_with_everything_it_loads() -> None:
    script = built_script().read_bytes()

    assert len(gzip.compress(script, 9)) < 60_000
    assert b"import(" not in script
    assert b"eval(" not in script
    assert b"new Function" not in script


def test_the_types_hold() -> None:
    built_script()
    npm("run", "typecheck")


def test_the_widgets_own_unit_tests_pass() -> None:
    built_script()
    assert "fail 0" in npm("test")


def test_the_lock_names_no_registry() -> None:
    assert '"resolved"' not in (WIDGET / "package-lock.json").read_text()
    assert (ROOT / "texts" / "widget.yml").exists()
