"""When data do not fit: the path of the guides, and never more than the customer may know."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.conversations.register import people
from tests.conversations.register.steps import answers_until, registers, starts
from tests.talk import Talk


def reaches_tax_code(talk: Talk) -> None:
    starts(talk, "it")
    talk.presses("Persona")
    talk.says("Giulia Bianchi")
    talk.says("giulia.nuova@example.it")
    assert talk.presses("Accetto").asking == "tax_code", talk.last


def test_tax_code_and_policy_lead_to_the_contacts_on_file_and_to_an_account(
    customer: Callable[..., Talk],
) -> None:
    talk = customer("it", "it")
    reaches_tax_code(talk)
    assert talk.says("BNCGLI85D43L219M").asking == "policy_number"
    offered = talk.says("401122334")

    assert offered.asking == "contact_choice"
    assert "320 *****19" in offered.titles
    assert not any("giulia.bianchi@" in title or "1234519" in title for title in offered.titles)
    sent = talk.presses("320 *****19")
    assert sent.asking == "otp_code"
    assert talk.says(talk.code_for("+393201234519")).asking == "password_page"


def test_date_of_birth_will_do_where_the_policy_is_not_at_hand(
    customer: Callable[..., Talk],
) -> None:
    talk = customer("it", "it")
    reaches_tax_code(talk)
    talk.says("BNCGLI85D43L219M")
    assert talk.says("non ce l'ho sottomano").asking == "date_of_birth"

    assert talk.says("3 aprile 1985").asking == "contact_choice"


def test_a_tax_code_alone_shows_nothing(customer: Callable[..., Talk]) -> None:
    talk = customer("it", "it")
    reaches_tax_code(talk)
    talk.says("BNCGLI85D43L219M")
    refused = talk.says("409900456")

    assert refused.asking != "contact_choice"
    assert "*" not in "".join(refused.titles)


def test_none_of_the_contacts_says_whom_to_turn_to(customer: Callable[..., Talk]) -> None:
    talk = customer("it", "it")
    reaches_tax_code(talk)
    talk.says("BNCGLI85D43L219M")
    talk.says("401122334")
    ended = talk.presses("Nessuno di questi")

    assert ended.flow is None
    assert "agenzia" in ended.text.lower()


def test_indonesian_data_can_be_corrected_until_they_fit(customer: Callable[..., Talk]) -> None:
    talk = customer("id", "id")
    starts(talk, "id")
    talk.presses("Individu")
    talk.says("00120452")
    talk.says("Budi Santoso")
    talk.says("17 Agustus 1990")
    again = talk.presses("Setuju")
    assert again.flow == "register"
    assert again.asking == "policy_number"
    assert "Berapa nomor polis" in again.text

    assert talk.says("00120451").asking == "otp_code", talk.last
    assert talk.says(talk.code_for(people.BUDI.contact)).asking == "password_page"


def test_a_company_that_is_not_recognised_is_asked_for_a_policy(
    customer: Callable[..., Talk],
) -> None:
    talk = customer("it", "it")
    starts(talk, "it")
    talk.presses("Azienda")
    talk.says("Officine Brambilla srl")
    talk.says("01288700154")
    talk.says("info@altra-ditta.example")
    asked = talk.presses("Accetto")
    assert asked.asking == "policy_number"
    assert "polizza dell'azienda" in asked.text

    offered = talk.says("409900456")
    assert offered.asking == "contact_choice"
    assert offered.titles[-1] == "Nessuno di questi"


@pytest.mark.parametrize("address", ["giulia.bianchi@pec.it", "g.bianchi@legalmail.it"])
def test_a_certified_mailbox_is_refused_with_the_reason(
    customer: Callable[..., Talk], address: str
) -> None:
    talk = customer("it", "it")
    starts(talk, "it")
    talk.presses("Persona")
    talk.says("Giulia Bianchi")
    refused = talk.says(address)

    assert refused.asking == "contact"
    assert "PEC" in refused.text


def test_who_has_an_account_already_hears_the_same_words_and_its_owner_is_told(
    customer: Callable[..., Talk],
) -> None:
    registers(customer("it", "it"), people.GIULIA, "it")
    first = customer("it", "it")
    starts(first, "it")
    answers_until(first, people.MARCO, "otp_code")
    new = first.last.text.replace("333 *****44", "…")
    second = customer("it", "it")
    starts(second, "it")
    again = answers_until(second, people.GIULIA, "otp_code")

    assert again.text.replace("gi****@e****.it", "…").split(".")[1:] == new.split(".")[1:]
    newest = second.sent_to("giulia.bianchi@example.it")[0]
    assert not any(part.isdigit() and len(part) == 6 for part in newest["body"].split())
    assert second.says("123456").asking == "otp_code"


def test_the_wrong_market_is_told_where_to_go(customer: Callable[..., Talk]) -> None:
    talk = customer("it", "it")
    reply = talk.says("vorrei registrarmi su Gen iClick, la mia polizza è indonesiana")

    assert reply.flow is None
    assert "15000-37" in reply.text
