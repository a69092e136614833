"""A session belongs to the browser that it was opened in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.cookies import SimpleCookie
from typing import Any

import pytest

from tests.web.gateway.house import make_backend
from tests.web.gateway.test_widget import Desk, closing_code

COOKIE = "sportello_chat"


@pytest.fixture
def desk(backend: Any) -> Iterator[Desk]:
    made = Desk(backend)
    with made.http:
        yield made


def wish(desk: Desk, bind: str) -> Any:
    return desk.http.post("/widget/sessions", json={"market": "it", "bind": bind})


def bound_token(desk: Desk) -> str:
    """As the widget does it: asked again once the cookie is there."""
    first = wish(desk, "ask")
    assert (first.status_code, first.json()) == (200, {"ask_again": True})
    return str(wish(desk, "try").json()["token"])


def polled(desk: Desk, token: str) -> int:
    hello = json.dumps({"type": "hello", "token": token})
    return int(desk.http.post("/widget/poll", content=hello).status_code)


def test_token_taken_to_another_browser_opens_nothing(desk: Desk) -> None:
    token = bound_token(desk)
    with desk.socket(token):
        pass
    assert polled(desk, token) == 200
    desk.http.cookies.clear()
    assert closing_code(desk, {"type": "hello", "token": token}) == 4401
    assert polled(desk, token) == 401


def test_browser_with_a_cookie_of_its_own_gets_no_further(desk: Desk) -> None:
    token = bound_token(desk)
    desk.http.cookies.clear()
    bound_token(desk)
    assert closing_code(desk, {"type": "hello", "token": token}) == 4401


def test_second_session_of_a_browser_needs_no_second_question(desk: Desk) -> None:
    first = bound_token(desk)
    answer = wish(desk, "ask")
    assert answer.status_code == 201
    for token in (first, answer.json()["token"]):
        with desk.socket(token):
            pass


def test_browser_that_keeps_no_cookie_gets_a_session_all_the_same(desk: Desk) -> None:
    assert wish(desk, "ask").json() == {"ask_again": True}
    desk.http.cookies.clear()
    answer = wish(desk, "try")
    assert answer.status_code == 201
    with desk.socket(answer.json()["token"]):
        pass


@pytest.mark.parametrize("value", ["", "short", "x" * 44, "é" * 43])
def test_cookie_that_is_not_ours_counts_as_none(desk: Desk, value: str) -> None:
    desk.http.cookies.clear()
    headers = {"Cookie": f"{COOKIE}={value}".encode()}
    answer = desk.http.post(
        "/widget/sessions", json={"market": "it", "bind": "ask"}, headers=headers
    )
    assert answer.json() == {"ask_again": True}


@pytest.mark.parametrize("change", ["secret", "seal", "none"])
def test_token_that_was_altered_opens_nothing(desk: Desk, change: str) -> None:
    secret, seal = desk.open_session().split(".")
    altered = {"secret": f"x{secret[1:]}.{seal}", "seal": f"{secret}.x{seal[1:]}", "none": secret}
    assert closing_code(desk, {"type": "hello", "token": altered[change]}) == 4401


@pytest.mark.parametrize(
    ("base", "name", "rules"),
    [
        ("http://127.0.0.1:8000", COOKIE, {"samesite": "Lax"}),
        ("https://desk.example", f"__Host-{COOKIE}", {"samesite": "None", "secure": True}),
    ],
)
def test_no_script_and_no_other_site_reads_the_cookie(
    tmp_path: Any, base: str, name: str, rules: dict[str, Any]
) -> None:
    desk = Desk(make_backend(tmp_path, public_base_url=base))
    with desk.http:
        header = wish(desk, "ask").headers["Set-Cookie"]
    cookie = SimpleCookie(header.replace("; Partitioned", ""))[name]
    assert cookie["httponly"] is True
    assert (cookie["path"], cookie["max-age"], cookie["domain"]) == ("/", "", "")
    assert {key: cookie[key] for key in rules} == rules
    assert ("Partitioned" in header) is base.startswith("https")


def test_session_of_nobody_in_particular_stays_usable(desk: Desk) -> None:
    token = desk.open_session()
    bound_token(desk)
    with desk.socket(token) as talk:
        talk.send(type="text", client_id="k1", text="ciao")
        talk.answer()
