"""Texts of 10,000 characters, NUL bytes, emoji, other scripts' digits."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.abuse.house import GIULIA, House, csrf_of, registering, resetting, submits
from tests.conversations.register import people
from tests.conversations.register.steps import answers_until, starts
from tests.talk import Talk

LONG = "a" * 10_000
ODD = {
    "long": LONG,
    "long digits": "1" * 10_000,
    "long words": "parola " * 1_500,
    "nul": "Giu\x00lia\x00",
    "nul alone": "\x00",
    "control": "\x01\x02\x1b[31mrosso\x7f",
    "emoji": "🧓🏽👩‍👩‍👧‍👦🏳️‍🌈",
    "flags": "🇮🇹" * 200,
    "zalgo": "G̷̢̛i̸u̶l̵i̸a̶" + "\u0301" * 3_000,
    "right to left": "\u202egpj.exe\u202c",
    "arabic": "مرحبا أريد التسجيل ١٢٣",
    "chinese": "我想注册一个账户",
    "half a pair": "\ud83d",
    "markup": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "template": "{{7*7}} ${7*7} {username} %s %n {0.__class__}",
    "sql": "'; drop table accounts; --",
    "path": "../../../../etc/passwd",
    "json": '{"a":' * 500,
    "newlines": "\n" * 5_000 + "x",
    "spaces": " " * 9_999 + "x",
}
DIGITS = {
    "arabic-indic": "٠١٢٣٤٥٦٧٨٩",
    "persian": "۰۱۲۳۴۵۶۷۸۹",
    "devanagari": "०१२३४५६७८९",
    "thai": "๐๑๒๓๔๕๖๗๘๙",
    "full-width": "".join(chr(0xFF10 + digit) for digit in range(10)),
}


def escaped(text: str) -> str:
    return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")


@pytest.mark.parametrize("name", ODD)
def test_the_door_answers_whatever_is_typed(doors: House, name: str) -> None:
    chat = doors.talk()
    heard = chat.says(escaped(ODD[name]))

    assert heard
    assert max([len(request.text or "") for request in doors.engine.requests], default=0) <= 1_000
    for request in doors.engine.requests:
        assert "\x00" not in (request.text or "")
        assert not (request.text or "").startswith("/")


@pytest.mark.parametrize(
    "question", ["profile", "first_name", "contact", "tax_code", "date_of_birth", "username"]
)
def test_a_service_is_not_upset_by_odd_answers(doors: House, question: str) -> None:
    for name, odd in ODD.items():
        chat = doors.talk(flow="reset_password" if question == "username" else "register")
        if question in {"first_name", "contact"}:
            chat.says("profile=person")
        if question == "contact":
            chat.says("first_name=Giulia Bianchi")
        before = len(doors.engine.steps)

        chat.says(f"{question}={escaped(odd).replace(';', ',')}")

        assert len(doors.engine.steps) == before + 1, (name, chat.last)
        assert chat.last["state"]["flow"] is not None, (name, chat.last)
    assert doors.outbox() == []
    assert doors.number_of("select count(*) from accounts") == 0


@pytest.mark.parametrize("script", DIGITS)
def test_a_code_in_the_digits_of_another_script_is_the_code(doors: House, script: str) -> None:
    chat = registering(doors)
    written = "".join(DIGITS[script][int(digit)] for digit in doors.code(GIULIA))

    chat.says(f"otp_code={written}")

    assert chat.asking == "password_page"


@pytest.mark.parametrize("script", DIGITS)
def test_other_digits_are_no_way_round_the_five_tries(doors: House, script: str) -> None:
    """One number in six writings is one guess each time, whatever it looks like."""
    chat = registering(doors)
    wrong = f"{(int(doors.code(GIULIA)) + 1) % 1_000_000:06d}"
    written = "".join(DIGITS[script][int(digit)] for digit in wrong)
    for text in (wrong, written, wrong, written, wrong, written, written):
        chat.says(f"otp_code={text}")

    assert doors.number_of("select max(attempts) from challenges") == 5
    chat.says(f"otp_code={doors.code(GIULIA)}")
    assert chat.asking == "otp_code"


@pytest.mark.parametrize(
    "odd", ["", "12345", "1234567", "²²²²²²", "①②③④⑤⑥", "\u2160" * 6, "1e5000", "-12345"]
)
def test_what_is_no_code_spends_no_try(doors: House, odd: str) -> None:
    chat = registering(doors)
    chat.says(f"otp_code={odd}")

    assert doors.number_of("select max(attempts) from challenges") == 0


def test_a_password_page_refuses_what_is_odd_and_shows_none_of_it(doors: House) -> None:
    doors.opens_account()
    chat = resetting(doors)
    chat.says(f"otp_code={doors.code(GIULIA)}")
    for name, odd in ODD.items():
        text = escaped(odd)
        browser = doors.browser()

        answer = submits(browser, chat.page, password=text, password_confirmation=text)

        assert answer.status_code == 422, name
        assert len(text) < 8 or text[:200] not in answer.text, name


def test_the_areas_form_is_not_upset(doors: House) -> None:
    browser = doors.browser()
    csrf = csrf_of(browser.get("/area/login"))
    for name, odd in ODD.items():
        fields = {"csrf": csrf, "username": escaped(odd), "password": escaped(odd)}

        answer = browser.post("/area/login", data=fields)

        assert answer.status_code == 422, name
        assert "<script>alert" not in answer.text, name


def test_a_frame_of_a_megabyte_and_a_nested_one_are_refused_and_the_socket_lives(
    doors: House,
) -> None:
    token, _ = doors.session()
    with doors.socket(token) as socket:
        for raw in ('{"type":"text","client_id":"k","text":"' + "a" * 1_000_000 + '"}',
                    '{"a":' * 5_000, "[" * 50_000, "null", "", "\x00"):  # fmt: skip
            socket.send_text(raw)
            while (got := socket.receive_json())["type"] != "error":
                pass
            assert got["code"] in {"malformed", "too_large"}
        socket.send_json({"type": "ping"})
        while socket.receive_json()["type"] != "pong":
            pass


# The whole house ---------------------------------------------------------------------------------


@pytest.mark.parametrize("asking", ["profile", "first_name", "contact", "consent", "otp_code"])
def test_odd_texts_are_answered_and_the_question_stays(
    customer: Callable[..., Talk], asking: str
) -> None:
    talk = customer("it", "it")
    starts(talk, "it")
    answers_until(talk, people.GIULIA, asking)
    sent = len(talk.http.get("/dev/outbox").json())
    for name in ("long", "long digits", "nul", "control", "emoji", "chinese", "sql", "json"):
        reply = talk.says(escaped(ODD[name]))
        assert reply.text, name
        assert reply.flow == "register", (name, reply)
        if asking == "otp_code":
            assert reply.asking == "otp_code", (name, reply)
    assert len(talk.http.get("/dev/outbox").json()) == sent


def test_the_whole_house_reads_a_code_in_other_digits(customer: Callable[..., Talk]) -> None:
    talk = customer("it", "it")
    starts(talk, "it")
    answers_until(talk, people.GIULIA, "otp_code")
    code = talk.code_for(people.GIULIA.contact)

    written = "".join(DIGITS["arabic-indic"][int(digit)] for digit in code)
    assert talk.says(written).asking == "password_page"
