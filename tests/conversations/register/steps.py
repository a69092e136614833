"""What every registration does, up to a given question or to the end."""

from __future__ import annotations

import re

import httpx

from tests.conversations.register.people import Person
from tests.talk import PASSWORD, SIX_DIGITS, Reply, Talk, hidden_fields, submit

START = {
    "it": "Buongiorno, vorrei registrarmi all'area clienti",
    "id": "Selamat pagi, saya mau daftar akun",
    "en": "Hello, I'd like to open an online account",
}
MOST_QUESTIONS = 14


def starts(talk: Talk, language: str) -> Reply:
    """Ask for an account."""
    reply = talk.says(START[language])
    assert reply.flow == "register", reply
    return reply


def answers_until(talk: Talk, person: Person, question: str) -> Reply:
    """Answer what is asked until *question* is."""
    for _ in range(MOST_QUESTIONS):
        asking = talk.last.asking
        if asking == question:
            return talk.last
        assert asking in person.answers, (asking, talk.last)
        said = person.answers[asking]
        talk.presses(said) if said in talk.last.titles else talk.says(said)
    raise AssertionError(f"never asked {question}: {talk.last}")


def registers(talk: Talk, person: Person, language: str) -> str:
    """Go through all of it; the user name to log in with comes back."""
    starts(talk, language)
    answers_until(talk, person, "otp_code")
    reply = talk.says(talk.code_for(person.contact))
    assert reply.asking == "password_page", reply
    page = next(link for link in reply.links if "/t/" in link)
    seen = talk.history()["messages"][-1]["seq"]
    done = talk.sets_password(page, PASSWORD[person.market])
    assert done.status_code == 200, done.text[:300]
    went_on = talk.comes_by_itself(seen)
    assert went_on["state"]["flow"] is None, went_on
    return user_name(talk, person)


def user_name(talk: Talk, person: Person) -> str:
    """In Italy the contact; in Indonesia what the system made, as the chat tells it."""
    if person.market == "it":
        return person.contact
    said = "\n".join(m["text"] for m in talk.history()["messages"] if m["from"] == "bot")
    found = re.search(
        r"(?:[Uu]sername|nome utente|user name)(?: Anda:| is| è)? ([a-z0-9]{6,})", said
    )
    assert found, said
    return found.group(1)


def area_of(base: str, name: str, password: str, talk: Talk, mobile: str) -> str:
    """Log in with both factors and return the page of the area."""
    with httpx.Client(base_url=base, timeout=30) as http:
        first = submit(http, "/area/login", username=name, password=password)
        assert first.status_code == 200, first.text[:300]
        code = SIX_DIGITS.search(talk.sent_to(mobile)[0]["body"])
        assert code
        second = submit_here(http, first, code=code.group(1))
        assert second.status_code == 200, second.text[:300]
        return http.get("/area").text


def submit_here(http: httpx.Client, page: httpx.Response, **values: str) -> httpx.Response:
    """Fill in the form of a page that is already open."""
    hidden = hidden_fields(page)
    form = re.search(r'<form[^>]*action="([^"]*)"[^>]*>', page.text)
    target = form.group(1) if form else str(page.url)
    return http.post(target, data={**hidden, **values}, follow_redirects=True)
