"""The pages outside the chat in a real browser: without scripts, with them, and for every eye."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from backend.core.errors import UploadRefused
from tests import sent_files
from tests.browser.helpers import go, overflow, serious_findings, submit, too_wide_at
from tests.web.customer_pages import CustomerPages

GOOD = "Girasole72"
LANGUAGES = ("it", "id", "en")


@pytest.fixture
def house() -> CustomerPages:
    return CustomerPages()


@pytest.fixture
def address(house: CustomerPages, serve: Callable[[Any], str]) -> str:
    return serve(house.app)


def states(house: CustomerPages, language: str) -> dict[str, str]:
    """A path for every kind of page that needs no signing in."""
    market = "id" if language == "id" else "it"
    options = {"market": market, "language": language}
    used = house.pages.add(f"used-{language}", kind="confirm", **options)
    house.pages.confirm(used)
    ended = {}
    for kind in ("upload", "document", "veto"):
        done = house.pages.add(f"{kind}-used-{language}", kind=kind, **options)
        house.pages.use(done)
        ended[f"{kind} used"] = done
        ended[f"{kind} expired"] = house.pages.add(
            f"{kind}-late-{language}", kind=kind, minutes=-1, **options
        )
    tokens = {
        **{
            kind: house.pages.add(f"{kind}-{language}", kind=kind, minutes=30, **options)
            for kind in ("upload", "document", "veto")
        },
        **ended,
        "password": house.pages.add(f"password-{language}", **options),
        "confirm": house.pages.add(f"confirm-{language}", kind="confirm", **options),
        "expired": house.pages.add(f"expired-{language}", minutes=-1, **options),
        "used": used,
        "unknown": f"unknown?lang={language}",
    }
    paths = {name: f"/t/{token}" for name, token in tokens.items()}
    paths["demo"] = f"/demo?market={market}&lang={language}"
    return paths


def test_rules_tick_while_typing(house, open_page):
    page = open_page("/t/" + house.pages.add("token"))
    met = page.locator("li.is-met")
    expect(met).to_have_count(0)
    page.fill("#password", "girasole")
    expect(met).to_have_count(2)
    page.fill("#password", "Girasole")
    expect(page.locator("[data-rule=upper]")).to_have_class("is-met")
    page.fill("#password", GOOD)
    expect(met).to_have_count(4)
    page.fill("#password_confirmation", "Girasole7")
    expect(page.locator("[data-rule=match]")).not_to_have_class("is-met")
    page.fill("#password_confirmation", GOOD)
    expect(met).to_have_count(5)
    expect(page.locator("[data-progress]")).to_have_text("Regole rispettate: 5 su 5")
    page.fill("#password", GOOD + "tropposole")
    expect(page.locator("[data-rule=length]")).not_to_have_class("is-met")


def test_the_password_can_be_looked_at_and_is_sent_hidden(house, open_page):
    page = open_page("/t/" + house.pages.add("token"))
    page.fill("#password", GOOD)
    page.fill("#password_confirmation", GOOD)
    expect(page.locator("#password")).to_have_attribute("type", "password")
    page.get_by_label("Mostra la password").check()
    for field in ("#password", "#password_confirmation"):
        expect(page.locator(field)).to_have_attribute("type", "text")
    submit(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("La password è pronta")
    assert house.pages.passwords == [GOOD]


def test_the_whole_page_works_by_keyboard(house, open_page):
    page = open_page("/t/" + house.pages.add("token"))
    page.keyboard.press("Tab")
    page.keyboard.type("corta")
    page.keyboard.press("Tab")
    page.keyboard.type("corta")
    page.keyboard.press("Enter")
    # The refused page puts the customer back into the field, with the reason as its description.
    expect(page.locator("#password")).to_be_focused()
    expect(page.locator("#password")).to_have_accessible_description(
        re.compile("È troppo corta: servono almeno 8 caratteri")
    )
    page.keyboard.type(GOOD)
    page.keyboard.press("Tab")
    page.keyboard.type(GOOD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("La password è pronta")


def test_the_page_works_without_scripts(house, open_page):
    page = open_page("/t/" + house.pages.add("token"), java_script_enabled=False)
    expect(page.locator("[data-show-password]")).to_be_hidden()
    page.fill("#password", GOOD)
    page.fill("#password_confirmation", GOOD)
    submit(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("La password è pronta")
    assert house.pages.passwords == [GOOD]


def test_two_quick_presses_use_the_link_once(house, open_page):
    page = open_page("/t/" + house.pages.add("token", kind="confirm"))
    page.locator("main form button[type=submit]").dblclick()
    expect(page.get_by_role("heading", level=1)).to_have_text("Confermato, grazie")
    assert house.pages.confirmed == ["token"]


def test_the_time_left_counts_down_and_says_when_it_is_over(house, open_page):
    page = open_page("/t/" + house.pages.add("token", language="en"))
    page.clock.install()
    page.reload()
    expect(page.locator("[data-time]")).to_contain_text("10 minutes")
    page.clock.run_for(9 * 60 * 1000)
    expect(page.locator("[data-time]")).to_contain_text("60 seconds")
    page.clock.run_for(61 * 1000)
    expect(page.locator("[data-time]")).to_contain_text("The time is up")


def test_an_expired_link_leads_to_a_new_one(house, open_page):
    page = open_page("/t/" + house.pages.add("late", language="en", minutes=-1))
    page.get_by_role("button", name="Send a new link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("A new link is on its way")
    assert house.gateway.events == [("c_0123456789012345678901", "page_renewal")]


def test_the_sample_page_embeds_the_chat_of_its_market(open_page):
    page = open_page("/demo?market=id&lang=en")
    script = page.locator("script[src='/static/widget.js']")
    expect(script).to_have_attribute("data-market", "id")
    expect(script).to_have_attribute("data-language", "en")
    page.get_by_role("link", name="Italy").click()
    expect(page.locator("script[data-market=it]")).to_have_attribute("data-language", "en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_serious_accessibility_finding_in_light_and_dark(house, open_page, language):
    page = open_page("/t/unknown")
    for name, path in states(house, language).items():
        go(page, path)
        assert serious_findings(page) == [], name
    go(page, states(house, language)["password"])
    page.fill("#password", "Gira")
    submit(page)
    page.fill("#password", "Girasole")
    assert serious_findings(page) == [], "refused password"


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_overflows_from_the_narrowest_phone_to_a_desktop(house, open_page, language):
    page = open_page("/t/unknown")
    for name, path in states(house, language).items():
        go(page, path)
        assert too_wide_at(page) == [], name


def test_text_of_double_size_still_fits(house, open_page):
    page = open_page("/t/" + house.pages.add("token"), viewport={"width": 320, "height": 800})
    page.evaluate(
        "const s = new CSSStyleSheet(); s.replaceSync('html { font-size: 200% }');"
        "document.adoptedStyleSheets = [s]"
    )
    assert overflow(page) <= 0


# Sending a document, opening one, stopping a change ---------------------------------------------


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "la mia carta d'identità con un nome davvero molto lungo 2026.jpg"
    path.write_bytes(sent_files.jpeg((800, 500)))
    return path


def test_a_chosen_photo_is_shown_and_sent(house, open_page, photo):
    page = open_page("/t/" + house.pages.add("token", kind="upload"))
    page.select_option("#document_type", "identity_card")
    for side in ("front", "back"):
        preview = page.locator(f"#{side} ~ canvas")
        expect(preview).to_be_hidden()
        page.set_input_files(f"#{side}", photo)
        expect(preview).to_be_visible()
    assert too_wide_at(page) == []
    submit(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Documento ricevuto, grazie")
    ((document_type, front, back),) = house.uploads.taken
    assert document_type == "identity_card"
    assert front.content == back.content == photo.read_bytes()


def test_what_cannot_be_sent_is_said_before_it_is_sent(house, open_page, photo, tmp_path):
    page = open_page("/t/" + house.pages.add("token", kind="upload", language="en"))
    big, letter = tmp_path / "big.jpg", tmp_path / "letter.docx"
    big.write_bytes(b"x" * (10 * 1024 * 1024 + 1))
    letter.write_bytes(b"x")
    page.set_input_files("#front", big)
    expect(page.locator("#front")).to_have_accessible_description(re.compile("It is too big"))
    page.set_input_files("#back", letter)
    expect(page.locator("#back")).to_have_accessible_description(re.compile("this format"))
    submit(page)
    expect(page.locator("#front")).to_be_focused()
    assert house.uploads.taken == []
    assert serious_findings(page) == []
    for side in ("front", "back"):
        page.set_input_files(f"#{side}", photo)
        expect(page.locator(f"#{side}-errors")).to_have_count(0)
    submit(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("We have your document, thank you")


def test_a_refused_upload_leads_to_the_field_and_can_be_sent_again(house, open_page, photo):
    house.uploads.refuse = UploadRefused(
        (("front", "file_disguised"), ("document_type", "document_type_unknown"))
    )
    page = open_page("/t/" + house.pages.add("token", kind="upload"))
    page.set_input_files("#front", photo)
    submit(page)
    expect(page.locator("#front")).to_be_focused()
    expect(page.locator("#front")).to_have_accessible_description(re.compile("Il contenuto non"))
    assert serious_findings(page) == []
    assert too_wide_at(page) == []
    house.uploads.refuse = None
    page.set_input_files("#front", photo)
    submit(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Documento ricevuto, grazie")


def test_documents_are_sent_without_scripts(house, open_page, photo):
    page = open_page("/t/" + house.pages.add("token", kind="upload"), java_script_enabled=False)
    page.select_option("#document_type", "passport")
    page.set_input_files("#front", photo)
    submit(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Documento ricevuto, grazie")
    ((_, front, back),) = house.uploads.taken
    assert front.content == photo.read_bytes()
    assert back is None


def test_two_quick_presses_send_one_upload(house, open_page, photo):
    page = open_page("/t/" + house.pages.add("token", kind="upload"))
    page.set_input_files("#front", photo)
    page.locator("main form button[type=submit]").dblclick()
    expect(page.get_by_role("heading", level=1)).to_have_text("Documento ricevuto, grazie")
    assert len(house.uploads.taken) == 1


def test_a_change_is_stopped_with_one_press(house, open_page):
    page = open_page("/t/" + house.pages.add("token", kind="veto", language="id", username=None))
    submit(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Perubahan sudah dihentikan")
    assert house.vetoes.stopped == ["token"]
    assert serious_findings(page) == []
    assert too_wide_at(page) == []


def test_a_document_opens_in_place(house, open_page):
    house.documents.document = replace(house.documents.document, content=sent_files.pdf())
    page = open_page("/t/" + house.pages.add("token", kind="document"))
    with page.expect_response(lambda answer: answer.request.method == "POST") as answered:
        page.locator("main form button[type=submit]").click(no_wait_after=True)
    assert answered.value.status == 200
    assert answered.value.headers["content-type"] == "application/pdf"
    assert house.documents.opened == ["token"]
