"""Questions, corrections, another language, giving up: in the middle of the form."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.conversations.register import people
from tests.conversations.register.steps import answers_until, starts
from tests.talk import Talk


@pytest.mark.parametrize(
    ("market", "language", "person", "question", "answer"),
    [
        ("it", "it", people.GIULIA, "Ma quanto tempo vale il codice che mandate?", "2 minuti"),
        ("id", "id", people.BUDI, "Kode OTP-nya berlaku berapa lama ya?", "2 menit"),
        ("it", "en", people.JOHN, "How long is the code valid?", "2 minutes"),
    ],
)
def test_a_question_is_answered_and_the_same_thing_asked_again(
    customer: Callable[..., Talk],
    market: str,
    language: str,
    person: people.Person,
    question: str,
    answer: str,
) -> None:
    talk = customer(market, language)
    starts(talk, language)
    asking = answers_until(talk, person, "consent").asking
    reply = talk.says(question)

    assert answer in reply.text
    assert reply.asking == asking
    assert reply.flow == "register"


def test_why_is_answered_for_what_is_being_asked(customer: Callable[..., Talk]) -> None:
    talk = customer("it", "it")
    starts(talk, "it")
    answers_until(talk, people.GIULIA, "contact")
    reply = talk.says("perché vi serve?")

    assert reply.asking == "contact"
    assert "nome utente" in reply.text


@pytest.mark.parametrize(
    ("market", "language", "person", "words"),
    [
        ("it", "it", people.GIULIA, "lasciamo perdere, annulla tutto"),
        ("id", "id", people.BUDI, "batalkan saja"),
        ("id", "en", people.MARGARET, "forget it, cancel please"),
    ],
)
def test_giving_up_ends_the_flow_and_forgets_the_data(
    customer: Callable[..., Talk], market: str, language: str, person: people.Person, words: str
) -> None:
    talk = customer(market, language)
    starts(talk, language)
    answers_until(talk, person, "consent")

    assert talk.says(words).flow is None
    again = starts(talk, language)
    assert again.asking in {"profile", "policy_type"}


def test_another_language_in_the_middle_keeps_the_answers(customer: Callable[..., Talk]) -> None:
    talk = customer("it", "it")
    starts(talk, "it")
    answers_until(talk, people.GIULIA, "contact")
    reply = talk.says("can we continue in English please?")

    assert reply.state["language"] == "en"
    assert reply.asking == "contact"
    assert "user name" in reply.text
    assert talk.says("giulia.bianchi@example.it").asking == "consent"


def test_a_correction_at_the_summary_replaces_the_answer(customer: Callable[..., Talk]) -> None:
    talk = customer("it", "it")
    starts(talk, "it")
    answers_until(talk, people.MARCO, "contact")
    talk.says("333 111 22 45")
    corrected = talk.says("no scusi, il cellulare giusto è 333 111 22 44")
    assert corrected.asking == "consent", corrected

    assert talk.presses("Accetto").asking == "otp_code"


def test_a_bad_correction_keeps_the_answer_it_would_replace(
    customer: Callable[..., Talk],
) -> None:
    talk = customer("it", "it")
    starts(talk, "it")
    answers_until(talk, people.MARCO, "consent")
    talk.presses("Correggi un dato")
    talk.presses("Recapito")
    refused = talk.says("333 111")

    assert refused.asking == "consent"
    assert "333 *****44" in refused.text
    assert talk.presses("Accetto").asking == "otp_code"


def test_number_title_and_plain_sentence_choose_like_the_button(
    customer: Callable[..., Talk],
) -> None:
    asked = []
    for words in ("2", "professionista", "sono un libero professionista"):
        talk = customer("it", "it")
        starts(talk, "it")
        talk.says(words)
        talk.says("Davide Moretti")
        asked.append(talk.last.asking)

    assert asked == ["vat_number"] * 3


def test_an_idle_registration_is_forgotten_and_says_so(customer: Callable[..., Talk]) -> None:
    talk = customer("it", "it")
    starts(talk, "it")
    answers_until(talk, people.GIULIA, "contact")
    talk.moves_clock(15 * 60 + 1)
    reply = talk.says("giulia.bianchi@example.it")

    assert reply.flow is None
    assert talk.presses("Ricomincia").asking == "profile"
    assert reply.titles == ["Ricomincia"]


def test_after_a_goodbye_the_registration_goes_on_where_it_was(
    customer: Callable[..., Talk],
) -> None:
    talk = customer("it", "it")
    starts(talk, "it")
    answers_until(talk, people.GIULIA, "contact")
    rests = talk.says("a dopo, arrivederci")
    assert rests.asking == "contact"

    assert talk.says("giulia.bianchi@example.it").asking == "consent"


def test_everything_said_at_once_is_asked_no_more(customer: Callable[..., Talk]) -> None:
    talk = customer("id", "id")
    reply = talk.says(
        "Saya mau registrasi, nama saya Siti Rahmawati, nomor polis 00133872, lahir 5 Mei 1985"
    )

    assert reply.flow == "register"
    assert reply.asking in {"policy_type", "consent"}
