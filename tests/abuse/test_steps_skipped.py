"""Steps skipped, or posted directly without the one before."""

from __future__ import annotations

import pytest

from tests.abuse.house import (
    GIULIA,
    GIULIA_MOBILE,
    PASSWORD,
    House,
    csrf_of,
    enters,
    registering,
    resetting,
    sets_password,
    signs_in,
)

EVENTS = ("page_done", "link_confirmed", "page_renewal", "affirm")


def test_the_area_shows_nothing_after_the_password_alone(doors: House) -> None:
    username = doors.opens_account()
    browser = doors.browser()
    signs_in(browser, username)

    for path in ("/area", "/area/consents", "/area/documents/d_0000000000000000000000"):
        answer = browser.get(path, follow_redirects=False)
        assert answer.status_code in {303, 307}, path
        assert "401122334" not in answer.text


def test_a_code_without_a_password_opens_nothing(doors: House) -> None:
    username = doors.opens_account()
    signs_in(doors.browser(), username)
    thief = doors.browser()

    enters(thief, doors.code(GIULIA_MOBILE))

    assert thief.get("/area", follow_redirects=False).status_code == 303


def test_a_session_cookie_of_ones_own_making_opens_nothing(doors: House) -> None:
    username = doors.opens_account()
    browser, thief = doors.browser(), doors.browser()
    signs_in(browser, username)
    enters(browser, doors.code(GIULIA_MOBILE))
    for name, value in browser.cookies.items():
        thief.cookies.set(name, value[:-2] + "AA")

    assert thief.get("/area", follow_redirects=False).status_code == 303


@pytest.mark.parametrize(
    "path", ["/area/login", "/area/code", "/area/logout", "/area/identity-token"]
)
def test_a_form_posted_without_its_page_does_nothing(doors: House, path: str) -> None:
    username = doors.opens_account()
    posted = doors.browser().post(path, data={"username": username, "password": PASSWORD})

    assert posted.status_code == 403
    assert doors.codes_to(GIULIA_MOBILE) == []


@pytest.mark.parametrize("event", EVENTS)
def test_saying_that_a_page_is_done_does_not_do_it(doors: House, event: str) -> None:
    chat = registering(doors)

    chat.says(event)

    assert chat.asking == "otp_code"
    assert doors.number_of("select count(*) from accounts") == 0


@pytest.mark.parametrize("event", EVENTS)
def test_saying_that_the_password_is_set_does_not_set_it(doors: House, event: str) -> None:
    chat = registering(doors)
    chat.says(f"otp_code={doors.code(GIULIA)}")
    assert chat.asking == "password_page"

    chat.says(event)

    assert chat.last["state"]["flow"] == "register"
    assert doors.number_of("select count(*) from accounts where password_hash is not null") == 0


def test_the_password_page_of_a_reset_needs_the_code_first(doors: House) -> None:
    doors.opens_account()
    chat = resetting(doors)

    chat.says("password_page=done; confirmation=yes; consent=accepted; identity=proved")
    chat.says("page_done")

    assert chat.asking == "otp_code"
    assert doors.number_of("select count(*) from pages where kind = 'password'") == 0


def test_everything_of_a_form_at_once_does_not_go_past_the_code(doors: House) -> None:
    doors.opens_account()
    for flow in ("link_policy", "update_mobile", "view_documents", "recover_username"):
        chat = doors.talk(flow=flow)
        chat.says(
            f"username={GIULIA}; contact_choice=email; policy_number=401122334; "
            "new_mobile=3479998877; date_of_birth=3/4/1985; confirmation=yes; "
            "policy_choice=1; document_choice=1"
        )
        assert chat.step.page is None, flow
        assert chat.step.outcome is None, flow
        assert not {"policy_linked", "mobile_changed", "mobile_requested"} & set(doors.audited())


def test_a_page_of_one_kind_does_not_do_the_work_of_another(doors: House) -> None:
    """A confirmation link is no place to set a password."""
    chat = doors.talk(flow="register")
    brambilla = "amministrazione@brambilla.example"
    chat.says(
        "profile=company; company_name=Officine Brambilla srl; vat_number=01288700154; "
        f"contact={brambilla}"
    )
    chat.says("affirm")
    link = doors.link(brambilla)

    sets_password(doors.browser(), link, PASSWORD)

    assert doors.number_of("select count(*) from accounts where password_hash is not null") == 0


def test_a_page_id_is_not_a_link(doors: House) -> None:
    chat = registering(doors)
    chat.says(f"otp_code={doors.code(GIULIA)}")
    page = chat.step.page
    assert page

    assert doors.browser().get(f"/t/{page.id}").status_code == 404


def test_renewing_what_has_not_run_out_gives_nothing(doors: House) -> None:
    chat = registering(doors)
    chat.says(f"otp_code={doors.code(GIULIA)}")
    link, browser = chat.page, doors.browser()
    csrf = csrf_of(browser.get(link))

    assert browser.post(f"{link}/renew", data={"csrf": csrf}).status_code == 410
    assert browser.get(link).status_code == 200


@pytest.mark.parametrize("path", ["/t/{}", "/t/{}/renew"])
def test_a_page_posted_from_another_site_does_nothing(doors: House, path: str) -> None:
    chat = registering(doors)
    chat.says(f"otp_code={doors.code(GIULIA)}")
    token = chat.page.rsplit("/", 1)[1]
    browser = doors.browser()
    csrf = csrf_of(browser.get(chat.page))
    fields = {"csrf": csrf, "password": PASSWORD, "password_confirmation": PASSWORD}

    posted = browser.post(path.format(token), data=fields, headers={"sec-fetch-site": "cross-site"})

    assert posted.status_code == 403
    assert doors.number_of("select count(*) from accounts where password_hash is not null") == 0
