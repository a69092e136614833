"""Host and forwarded headers never reach a link, and never give a client another name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.abuse.house import GIULIA, GIULIA_MOBILE, House, another, enters, signs_in

EVIL = "evil.example"
TRICKS = [
    {"x-forwarded-host": EVIL},
    {"x-forwarded-proto": "javascript", "x-forwarded-host": EVIL},
    {"forwarded": f"for=1.2.3.4;host={EVIL};proto=https"},
    {"x-original-url": f"http://{EVIL}/", "x-rewrite-url": "/dev/outbox"},
    {"x-host": EVIL, "x-forwarded-server": EVIL, "x-http-host-override": EVIL},
]


@pytest.mark.parametrize("host", [EVIL, f"{EVIL}:8000", f"testserver.{EVIL}", f"testserver@{EVIL}"])
@pytest.mark.parametrize("path", ["/area/login", "/t/anything", "/dev/outbox", "/health/ready"])
def test_a_host_that_is_not_ours_gets_nothing(doors: House, host: str, path: str) -> None:
    answer = doors.browser().get(path, headers={"host": host})

    assert answer.status_code == 400
    assert EVIL not in answer.text


def test_a_host_that_is_not_ours_opens_no_chat(doors: House) -> None:
    opened = doors.browser().post("/widget/sessions", json={"market": "it"}, headers={"host": EVIL})

    assert opened.status_code == 400
    assert doors.number_of("select count(*) from conversations") == 0


@pytest.mark.parametrize("headers", TRICKS)
def test_links_lead_to_our_own_address_whatever_the_request_says(
    doors: House, headers: dict[str, str]
) -> None:
    brambilla = "amministrazione@brambilla.example"

    def says(text: str) -> str:
        body = {"sender": "stranger", "market": "it", "text": text}
        return doors.http.post("/dev/messages", json=body, headers=headers).text

    says("flow register")
    says("profile=company; company_name=Officine Brambilla srl; vat_number=01288700154")
    says(f"contact={brambilla}")
    says("affirm")
    told = says(f"otp_code={doors.code(brambilla)}")

    base = doors.backend.settings.public_base_url
    assert f"{base}/t/" in told
    bodies = [each["body"] for each in doors.outbox()]
    assert any(f"{base}/t/" in body for body in bodies)
    assert not any(EVIL in body for body in [*bodies, told])


@pytest.mark.parametrize("headers", TRICKS)
def test_redirects_and_pages_stay_at_home(doors: House, headers: dict[str, str]) -> None:
    browser = doors.browser()
    sent_on = browser.get("/area", headers=headers, follow_redirects=False)

    assert sent_on.headers["location"] == "/area/login"
    page = browser.get("/area/login", headers=headers)
    assert EVIL not in page.text
    assert EVIL not in str(page.headers)


@pytest.fixture
def behind_proxy(filled_database: Path, tmp_path: Path) -> Iterator[House]:
    """The house behind one proxy that it runs itself."""
    made = House(filled_database, tmp_path, trusted_proxy_hops=1)
    with made.http:
        yield made
    made.backend.close()


@pytest.mark.parametrize("place", ["doors", "behind_proxy"])
def test_a_new_address_in_a_header_gives_no_new_budget(
    request: pytest.FixtureRequest, place: str
) -> None:
    """What stands left of our own proxy's entry is the client's own writing."""
    house: House = request.getfixturevalue(place)
    suffix = ", 203.0.113.7" if place == "behind_proxy" else ""
    people = {
        "IT-0001": GIULIA_MOBILE, "IT-0002": "+393331112244", "IT-0008": "+393476543210",
        "IT-0009": "+393351239876",
    }  # fmt: skip
    names = {house.opens_account(number): mobile for number, mobile in people.items()}
    asked = 0
    for _ in range(2):
        for name, mobile in names.items():
            browser = house.browser()
            asked += 1
            browser.headers["x-forwarded-for"] = f"198.51.100.{asked}{suffix}"
            signs_in(browser, name)
            for n in range(5):
                browser.headers["x-forwarded-for"] = f"198.51.100.{asked * 5 + n}{suffix}"
                enters(browser, another(house.code(mobile)))
        house.clock.forward(121)

    assert house.number_of("select count(*) from audit where event = 'code_wrong'") <= 30
    assert house.audited().count("budget_tripped") >= 1


def test_the_language_switch_and_notices_are_no_open_redirect(doors: House) -> None:
    browser = doors.browser()
    for query in (f"next=//{EVIL}", f"return=https://{EVIL}", f"notice=https://{EVIL}"):
        page = browser.get(f"/area/login?{query}", follow_redirects=False)
        assert page.status_code == 200
        assert EVIL not in page.text
    assert GIULIA not in page.text


@pytest.mark.parametrize("origin", [f"https://{EVIL}", "null", "http://testserver.evil.example"])
def test_a_page_of_another_site_opens_no_chat(doors: House, origin: str) -> None:
    opened = doors.browser().post(
        "/widget/sessions", json={"market": "it"}, headers={"origin": origin}
    )

    assert opened.status_code == 403
