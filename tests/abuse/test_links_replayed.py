"""Used links and codes, tried again."""

from __future__ import annotations

import pytest

from tests.abuse.house import (
    GIULIA,
    GIULIA_MOBILE,
    NEW_PASSWORD,
    PASSWORD,
    House,
    csrf_of,
    enters,
    registering,
    resetting,
    sets_password,
    signs_in,
    submits,
    together,
)

BRAMBILLA = "amministrazione@brambilla.example"
COMPANY = (
    "profile=company; company_name=Officine Brambilla srl; vat_number=01288700154; "
    f"contact={BRAMBILLA}"
)


def password_link(doors: House) -> str:
    chat = registering(doors)
    chat.says(f"otp_code={doors.code(GIULIA)}")
    return chat.page


def test_a_password_link_sets_one_password(doors: House) -> None:
    link, browser = password_link(doors), doors.browser()
    fields = {"csrf": csrf_of(browser.get(link))}
    first = dict.fromkeys(("password", "password_confirmation"), PASSWORD) | fields
    second = dict.fromkeys(("password", "password_confirmation"), NEW_PASSWORD) | fields

    assert browser.post(link, data=first).status_code == 200
    assert browser.post(link, data=second).status_code == 410
    assert browser.get(link).status_code == 410

    assert not doors.can_sign_in(GIULIA, NEW_PASSWORD)
    assert doors.can_sign_in(GIULIA, PASSWORD)


def test_a_password_link_posted_many_times_at_once_sets_one_password(doors: House) -> None:
    link, browser = password_link(doors), doors.browser()
    csrf = csrf_of(browser.get(link))

    def posts(number: int) -> int:
        password = f"Girasole{number}Blu"
        fields = {"csrf": csrf, "password": password, "password_confirmation": password}
        return browser.post(link, data=fields).status_code

    answers = together([lambda n=n: posts(n) for n in range(10, 18)])

    assert sorted(answers) == [200] + [410] * 7
    assert doors.audited().count("password_set") == 1


def test_an_older_link_to_the_same_page_is_unknown(doors: House) -> None:
    chat = registering(doors)
    chat.says(f"otp_code={doors.code(GIULIA)}")
    older = chat.page
    doors.clock.forward(60)
    chat.says("page_renewal")
    newer = chat.page
    assert newer != older

    assert doors.browser().get(older).status_code in {404, 410}
    assert doors.browser().get(newer).status_code == 200


def test_a_link_that_ran_out_sets_nothing(doors: House) -> None:
    link, browser = password_link(doors), doors.browser()
    csrf = csrf_of(browser.get(link))
    doors.clock.forward(600)
    fields = {"csrf": csrf, "password": PASSWORD, "password_confirmation": PASSWORD}

    assert browser.post(link, data=fields).status_code == 410
    assert not doors.can_sign_in(GIULIA, PASSWORD)


def test_the_code_is_spent_when_its_link_was_used(doors: House) -> None:
    chat = doors.talk(flow="register")
    chat.says(COMPANY)
    chat.says("affirm")
    code, link = doors.code(BRAMBILLA), doors.link(BRAMBILLA)
    assert submits(doors.browser(), link).status_code == 200

    thief = doors.talk(flow="register")
    thief.says(COMPANY)
    thief.says("affirm")

    assert thief.says(f"otp_code={code}") != "account_ready"
    assert thief.asking != "password_page"
    assert doors.browser().get(link).status_code == 410


def test_the_link_is_spent_when_its_code_was_used(doors: House) -> None:
    chat = doors.talk(flow="register")
    chat.says(COMPANY)
    chat.says("affirm")
    link, browser = doors.link(BRAMBILLA), doors.browser()
    csrf = csrf_of(browser.get(link))
    chat.says(f"otp_code={doors.code(BRAMBILLA)}")

    assert browser.post(link, data={"csrf": csrf}).status_code == 410
    assert "link_confirmed" not in doors.audited()


def test_guessing_the_code_to_its_end_ends_the_link_too(doors: House) -> None:
    chat = doors.talk(flow="register")
    chat.says(COMPANY)
    chat.says("affirm")
    code = int(doors.code(BRAMBILLA))
    link, browser = doors.link(BRAMBILLA), doors.browser()
    csrf = csrf_of(browser.get(link))
    for n in range(1, 6):
        chat.says(f"otp_code={(code + n) % 1_000_000:06d}")

    assert browser.post(link, data={"csrf": csrf}).status_code == 410
    assert doors.number_of("select count(*) from accounts") == 0


def test_opening_a_link_confirms_nothing_however_often_a_scanner_does_it(doors: House) -> None:
    chat = doors.talk(flow="register")
    chat.says(COMPANY)
    chat.says("affirm")
    link = doors.link(BRAMBILLA)
    for method in ("GET", "HEAD", "GET"):
        assert doors.browser().request(method, link).status_code == 200

    assert "link_confirmed" not in doors.audited()
    assert doors.number_of("select count(*) from accounts") == 0


def test_a_code_that_opened_the_area_opens_it_once(doors: House) -> None:
    username = doors.opens_account()
    browser, thief = doors.browser(), doors.browser()
    signs_in(browser, username)
    half_open = dict(browser.cookies)
    code = doors.code(GIULIA_MOBILE)
    assert "401122334" in enters(browser, code).text

    thief.cookies.update(half_open)
    page = thief.get("/area/login")
    thief.post("/area/login", data={"csrf": csrf_of(page), "code": code})

    assert thief.get("/area", follow_redirects=False).status_code == 303


def test_a_code_that_was_used_in_the_chat_is_used_up(doors: House) -> None:
    doors.opens_account()
    chat = resetting(doors)
    code = doors.code(GIULIA)
    chat.says(f"otp_code={code}")
    sets_password(doors.browser(), chat.page, NEW_PASSWORD)
    chat.says("page_done")

    again = doors.talk(flow="reset_password")
    again.says(f"username={GIULIA}")
    again.says("contact_choice=email")

    assert again.says(f"otp_code={code}") in {"code_wrong", "asks otp_code"}
    assert again.asking != "password_page"


@pytest.mark.parametrize("token", ["", "a", "A" * 43, "..%2f..%2fetc%2fpasswd", "%00", "é" * 43])
def test_made_up_links_are_unknown(doors: House, token: str) -> None:
    assert doors.browser().get(f"/t/{token}").status_code in {400, 404}
