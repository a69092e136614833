"""Codes in the conversation: wrong, expired, sent again, by link; at their limits."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.conversations.register import people
from tests.conversations.register.steps import answers_until, starts
from tests.talk import PASSWORD, Reply, Talk, submit


def reaches_code(talk: Talk, person: people.Person, language: str) -> Reply:
    starts(talk, language)
    return answers_until(talk, person, "otp_code")


def another(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_five_wrong_codes_end_the_code_and_the_right_one_comes_too_late(
    customer: Callable[..., Talk],
) -> None:
    talk = customer("it", "it")
    reaches_code(talk, people.GIULIA, "it")
    code = talk.code_for(people.GIULIA.contact)
    said = [talk.says(another(code)).text for _ in range(5)]

    assert len(set(said)) == 5, "the same sentence twice"
    late = talk.says(code)
    assert late.asking == "otp_code"
    talk.moves_clock(121)
    talk.says("non mi è arrivato niente, me lo rimanda?")
    assert talk.says(talk.code_for(people.GIULIA.contact)).asking == "password_page"


def test_an_expired_code_is_said_to_be_expired(customer: Callable[..., Talk]) -> None:
    talk = customer("id", "id")
    reaches_code(talk, people.BUDI, "id")
    code = talk.code_for(people.BUDI.contact)
    talk.moves_clock(121)

    expired = talk.says(code)
    assert expired.asking == "otp_code"
    assert "kedaluwarsa" in expired.text


@pytest.mark.parametrize(("seconds", "sends"), [(119, 1), (121, 2)])
def test_a_new_code_goes_out_only_when_the_old_one_has_run_out(
    customer: Callable[..., Talk], seconds: int, sends: int
) -> None:
    talk = customer("it", "it")
    reaches_code(talk, people.GIULIA, "it")
    old = talk.code_for(people.GIULIA.contact)
    talk.moves_clock(seconds)
    reply = talk.presses("Invia di nuovo")

    assert len(talk.sent_to(people.GIULIA.contact)) == sends
    if sends == 1:
        assert "1 second" in reply.text
        assert talk.says(old).asking == "password_page"
    else:
        assert talk.says(old).asking == "otp_code"
        assert talk.says(talk.code_for(people.GIULIA.contact)).asking == "password_page"


def test_the_code_can_go_to_the_other_contact_at_once(customer: Callable[..., Talk]) -> None:
    talk = customer("id", "id")
    reaches_code(talk, people.BUDI, "id")
    reply = talk.says("jangan lewat SMS, kirim ke email saja")

    assert reply.asking == "otp_code", reply
    code = talk.code_for("budi.santoso@example.co.id")
    assert talk.says(f"kodenya {code[:3]} {code[3:]}").asking == "password_page"


def test_a_business_customer_confirms_by_link_and_the_chat_goes_on(
    customer: Callable[..., Talk],
) -> None:
    talk = customer("it", "it")
    reaches_code(talk, people.BRAMBILLA, "it")
    message = talk.sent_to(people.BRAMBILLA.contact)[0]["body"]
    link = next(word for word in message.split() if "/t/" in word)
    seen = talk.history()["messages"][-1]["seq"]

    assert talk.http.get(link).status_code == 200
    assert talk.history(after=seen)["messages"] == [], "a mail scanner's GET must do nothing"
    done = submit(talk.http, link)

    assert done.status_code == 200
    history = talk.comes_by_itself(seen)
    assert history["state"]["asking"] == "password_page"


def test_a_person_gets_no_link(customer: Callable[..., Talk]) -> None:
    talk = customer("it", "it")
    reaches_code(talk, people.GIULIA, "it")

    assert "/t/" not in talk.sent_to(people.GIULIA.contact)[0]["body"]


def test_an_expired_password_page_offers_a_new_one_in_the_chat(
    customer: Callable[..., Talk],
) -> None:
    talk = customer("it", "it")
    reaches_code(talk, people.GIULIA, "it")
    reply = talk.says(talk.code_for(people.GIULIA.contact))
    old = next(link for link in reply.links if "/t/" in link)
    seen = talk.history()["messages"][-1]["seq"]
    talk.moves_clock(601)

    assert talk.http.get(old).status_code == 410
    assert submit(talk.http, old).status_code == 200
    history = talk.comes_by_itself(seen)
    new = [link for m in history["messages"] for link in m["links"] if "/t/" in link]
    assert new, history
    assert talk.sets_password(new[0], PASSWORD["it"]).status_code == 200
