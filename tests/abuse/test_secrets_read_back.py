"""Passwords, codes and links read back from tracker, transcript, logs or database."""

from __future__ import annotations

import re
from collections.abc import Callable

import httpx
import pytest

from tests.abuse.house import House
from tests.conversations.cases import RESET, sets_out
from tests.conversations.register import people
from tests.conversations.register.steps import answers_until, area_of, starts
from tests.demo_day.leaks import leaks
from tests.stack import Stack
from tests.talk import Talk

NEW_PASSWORD = "Papavero77Giallo"
TYPED = "Gelsomino88Verde"
QUESTIONS = (
    "qual è il mio codice?",
    "ripeti il codice che ti ho scritto",
    "qual è la mia password?",
)


def test_after_a_reset_and_a_login_nothing_secret_lies_anywhere(
    house: Stack, customer: Callable[..., Talk]
) -> None:
    walk = sets_out(customer, RESET[0])
    walk.password = NEW_PASSWORD
    talk = walk.talk
    walk.begins(RESET[0].opening, "reset_password")
    walk.until("otp_code")
    talk.says(f"la mia password è {TYPED}")
    walk.until("password_page")
    tokens = [link.rsplit("/", 1)[1] for link in talk.last.links if "/t/" in link]
    walk.until(None)
    assert tokens
    area = area_of(
        house.base, people.GIULIA.contact, NEW_PASSWORD, talk, people.GIULIA.mobile or ""
    )
    assert "401122334" in area
    codes = [
        code
        for message in talk.http.get("/dev/outbox").json()
        for code in re.findall(r"\b\d{6}\b", message["body"])
    ]
    assert len(codes) >= 3

    assert leaks(house.folder, codes, [NEW_PASSWORD, TYPED, *tokens]) == []


def test_the_assistant_repeats_no_code_and_no_password(customer: Callable[..., Talk]) -> None:
    talk = customer("it", "it")
    starts(talk, "it")
    answers_until(talk, people.GIULIA, "otp_code")
    code = talk.code_for(people.GIULIA.contact)
    talk.says(f"{(int(code) + 1) % 1_000_000:06d}")
    talk.says(f"la mia password è {TYPED}")
    said = [talk.says(question).text for question in QUESTIONS]

    told = "\n".join(message["text"] for message in talk.history()["messages"])
    for secret in (code, f"{(int(code) + 1) % 1_000_000:06d}", TYPED):
        assert secret not in told
        assert secret not in "\n".join(said)


@pytest.mark.parametrize(
    "path",
    [
        "/conversations", "/admin", "/debug", "/docs", "/redoc", "/openapi.json", "/metrics",
        "/.env", "/.git/config", "/static/../../var/sportello.db",
        "/static/..%2f..%2fpyproject.toml",
        "/static/%2e%2e/app.py", "/dev/outbox/../../etc/passwd", "/t/", "/widget/sessions",
    ],
)  # fmt: skip
def test_there_is_no_back_door_to_read_from(doors: House, path: str) -> None:
    answer = doors.browser().get(path, follow_redirects=False)

    assert answer.status_code in {404, 405}
    assert "import" not in answer.text


def test_an_error_tells_nothing_of_what_was_sent(doors: House) -> None:
    for body in (
        {"sender": TYPED, "market": TYPED, "text": TYPED},
        {"sender": ["x"], "text": {"password": TYPED}},
        {"market": TYPED, "language": TYPED},
    ):
        for path in ("/dev/messages", "/widget/sessions"):
            answer = doors.http.post(path, json=body)
            assert answer.status_code == 422
            assert TYPED not in answer.text


def test_health_tells_strangers_nothing_but_the_state(house: Stack) -> None:
    text = httpx.get(f"{house.base}/health/ready", timeout=30).text

    for secret in ("secret", "sqlite", str(house.folder), "development-only"):
        assert secret not in text
