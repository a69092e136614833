"""What customers write, and what is made of it."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.errors import Invalid
from backend.core.fields import PARSERS, FieldContext
from backend.core.fields.choices import parse_code_channel
from backend.core.fields.names import (
    same_company_name,
    same_person_name,
    split_full_name,
)
from backend.core.flow import ANSWER_ERRORS
from backend.core.limits import Limits
from backend.markets import load_markets
from tests.backend.desk import ROOT

MARKETS = load_markets(ROOT / "markets", Limits())
TODAY = date(2026, 11, 20)
IT = FieldContext(MARKETS["it"], TODAY, profile="person")
ID = FieldContext(MARKETS["id"], TODAY)


def read(slot: str, text: str, context: FieldContext = IT) -> str:
    return PARSERS[slot](text, context).value


def refusal(slot: str, text: str, context: FieldContext = IT) -> str:
    with pytest.raises(Invalid) as refused:
        PARSERS[slot](text, context)
    return refused.value.reason


@pytest.mark.parametrize(
    ("text", "contact"),
    [
        ("giulia.bianchi@example.it", "giulia.bianchi@example.it"),
        ("Giulia.Bianchi @ Example.IT", "giulia.bianchi@example.it"),
        ("la mia è giulia.bianchi@example.it, grazie", "giulia.bianchi@example.it"),
        ("giulia punto bianchi chiocciola example punto it", "giulia.bianchi@example.it"),
        ("giulia dot bianchi at example dot it", "giulia.bianchi@example.it"),
        ("budi titik santoso at example titik co titik id", "budi.santoso@example.co.id"),
        ("320 123 45 19", "+393201234519"),
        ("0039 320.1234519", "+393201234519"),
        ("+39-320-1234519", "+393201234519"),
        ("il mio numero è 320 1234519.", "+393201234519"),
        ("٣٢٠١٢٣٤٥١٩", "+393201234519"),
        ("\u200e+39\u00a0320\u00a01234519", "+393201234519"),
    ],
)
def test_contacts_are_read_as_people_write_them(text: str, contact: str) -> None:
    assert read("contact", text) == contact


@pytest.mark.parametrize("text", ["081234567890", "+62 812-3456-7890", "62 812 3456 7890"])
def test_mobile_numbers_belong_to_the_market(text: str) -> None:
    assert read("contact", text, ID) == "+6281234567890"
    assert refusal("contact", text.replace("0812", "+62812")) == "mobile_malformed"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("ciao", "contact_unreadable"),
        ("", "contact_unreadable"),
        ("a@b", "email_malformed"),
        ("@example.it", "email_malformed"),
        ("mario@exämple.it", "email_malformed"),
        ("mario@xn--exmple-cua.it", "email_malformed"),
        ("mаrio@example.it", "email_malformed"),  # noqa: RUF001 - the second letter is Cyrillic
        ("giulia@pec.it", "email_pec"),
        ("giulia@studio.legalmail.it", "email_pec"),
        ("giulia@pec.ordine.it", "email_pec"),
        ("320 12", "mobile_malformed"),
        ("+44 7911 123456", "mobile_malformed"),
        ("02 8646 1234", "mobile_not_mobile"),
        ("+39 899 123456", "mobile_not_mobile"),
    ],
)
def test_other_contacts_are_refused_for_their_reason(text: str, code: str) -> None:
    assert refusal("contact", text) == code


def test_a_pec_is_recognised_by_label_not_by_letters() -> None:
    assert read("contact", "giulia@spectrum.it") == "giulia@spectrum.it"
    assert read("contact", "giulia.pec@example.it") == "giulia.pec@example.it"


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("3 aprile 1985", "1985-04-03"),
        ("03/04/1985", "1985-04-03"),
        ("3.4.85", "1985-04-03"),
        ("3 4 1985", "1985-04-03"),
        ("03041985", "1985-04-03"),
        ("1985-04-03", "1985-04-03"),
        ("sono nata il 3 aprile 1985 a Torino", "1985-04-03"),
        ("1° maggio 1970", "1970-05-01"),
        ("17 Agustus 1990", "1990-08-17"),
        ("7 Mei 1991", "1991-05-07"),
        ("3rd of April 1985", "1985-04-03"),
        ("April 3, 1985", "1985-04-03"),
        ("29 febbraio 1988", "1988-02-29"),
        ("٠٣/٠٤/١٩٨٥", "1985-04-03"),
        ("20/11/26", "2026-11-20"),
        ("21/11/27", "1927-11-21"),
        ("20/11/2026", "2026-11-20"),
    ],
)
def test_dates_are_read_day_first_in_three_languages(text: str, iso: str) -> None:
    assert read("date_of_birth", text) == iso


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("ieri", "date_malformed"),
        ("1990", "date_malformed"),
        ("12/1990", "date_malformed"),
        ("", "date_malformed"),
        ("31/02/1990", "date_impossible"),
        ("29/02/1990", "date_impossible"),
        ("21/11/2026", "date_impossible"),
        ("01/01/1905", "date_impossible"),
    ],
)
def test_other_dates_are_refused_for_their_reason(text: str, code: str) -> None:
    assert refusal("date_of_birth", text) == code


@pytest.mark.parametrize(
    ("text", "number", "policy_type"),
    [
        ("401122334", "401122334", None),
        ("401 122 334", "401122334", None),
        ("polizza n. 401-122-334", "401122334", None),
        ("ina 55120", "INA-55120", None),
        ("INA55120", "INA-55120", None),
        ("cg-77001", "CG-77001", "individual"),
    ],
)
def test_italian_policy_numbers(text: str, number: str, policy_type: str | None) -> None:
    context = FieldContext(MARKETS["it"], TODAY, policy_type=policy_type)
    assert read("policy_number", text, context) == number


@pytest.mark.parametrize(
    ("text", "number", "policy_type"),
    [
        ("00120451", "00120451", "individual"),
        ("0012-0451", "00120451", "individual"),
        ("grp 2201 0007", "GRP-2201-0007", "group"),
        ("GRP22010007", "GRP-2201-0007", None),
        ("nomor DPLK-300011", "DPLK-300011", "dplk"),
    ],
)
def test_indonesian_policy_numbers(text: str, number: str, policy_type: str | None) -> None:
    context = FieldContext(MARKETS["id"], TODAY, policy_type=policy_type)
    assert read("policy_number", text, context) == number


@pytest.mark.parametrize("text", ["123", "4011223345", "abc", "", "GRP-2201-0007", "40112233a"])
def test_other_numbers_are_no_policy_of_italy(text: str) -> None:
    assert refusal("policy_number", text) == "policy_number_malformed"


@pytest.mark.parametrize(
    "text",
    ["BNCGLI85D43L219M", "bnc gli 85d43 l219m", "il mio cf: BNCGLI85D43L219M", "BNCGLI85D43L21VB"],
)
def test_tax_codes_are_read_to_their_base_form(text: str) -> None:
    assert read("tax_code", text) == "BNCGLI85D43L219M"


@pytest.mark.parametrize("text", ["BNCGLI85D43L219X", "BNCGLI85D43L219", "01288700154", ""])
def test_other_tax_codes_are_refused(text: str) -> None:
    assert refusal("tax_code", text) == "tax_code_malformed"


@pytest.mark.parametrize("text", ["03914620277", "IT03914620277", "039 146 202 77"])
def test_vat_numbers(text: str) -> None:
    assert read("vat_number", text) == "03914620277"


@pytest.mark.parametrize("text", ["03914620278", "0391462027", "", "abc"])
def test_other_vat_numbers_are_refused(text: str) -> None:
    assert refusal("vat_number", text) == "vat_number_malformed"


@pytest.mark.parametrize(
    "text", ["739204", "739 204", "739-204", "7 3 9 2 0 4", "il codice è 739204!", "٧٣٩٢٠٤"]
)
def test_codes(text: str) -> None:
    assert read("otp_code", text) == "739204"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Giulia Bianchi", "Giulia Bianchi"),
        ("  mi chiamo   Giulia Bianchi.", "Giulia Bianchi"),
        ("Nama saya Budi Santoso", "Budi Santoso"),
        ("My name is Margaret Thompson", "Margaret Thompson"),
        ("Ibu Siti Rahmawati", "Siti Rahmawati"),
        ("Dott.ssa Anna Maria Dell'Orto", "Anna Maria Dell'Orto"),
        ("Arch. Luca Ferrari", "Luca Ferrari"),
        ("Budi Santoso, S.T., M.M.", "Budi Santoso"),
        ("O\u2019Brien", "O'Brien"),
        ("Nicolò Ñandú-Müller", "Nicolò Ñandú-Müller"),
        ("王小明", "王小明"),
    ],
)
def test_names_lose_titles_and_lead_ins(text: str, name: str) -> None:
    assert read("first_name", text) == name


@pytest.mark.parametrize("text", ["", "x", "12345", "a@b.it", "😀😀", "?!", "a " * 9])
def test_what_is_no_name_is_refused(text: str) -> None:
    assert refusal("first_name", text) == "name_unreadable"


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Giulia Bianchi", ("Giulia", "Bianchi")),
        ("Marco De Luca", ("Marco", "De Luca")),
        ("Anna Maria Dell'Orto", ("Anna Maria", "Dell'Orto")),
        ("Maria Grazia La Rosa", ("Maria Grazia", "La Rosa")),
        ("Sulastri", ("Sulastri", None)),
        ("Sulastri Sulastri", ("Sulastri", None)),
    ],
)
def test_a_whole_name_is_split(name: str, parts: tuple[str, str | None]) -> None:
    assert split_full_name(name, by_particles=True) == parts


@pytest.mark.parametrize(
    ("given", "on_file", "same"),
    [
        ("giulia bianchi", "Giulia Bianchi", True),
        ("Bianchi Giulia", "Giulia Bianchi", True),
        ("nicolo rossi", "Nicolò Rossi", True),
        ("anna maria dellorto", "Anna Maria Dell'Orto", True),
        ("Anna Maria Dell Orto", "Anna Maria Dell'Orto", True),
        ("marco deluca", "Marco De Luca", True),
        ("John OBrien", "John O'Brien", True),
        ("Wijaya Kusuma Agus", "Agus Wijaya Kusuma", True),
        ("Giulia Bianca", "Giulia Bianchi", False),
        ("Giulia", "Giulia Bianchi", False),
        ("Anna Dell'Orto", "Anna Maria Dell'Orto", False),
        ("", "Giulia Bianchi", False),
        ("", "", False),
    ],
)
def test_names_are_the_same_but_for_how_they_are_written(
    given: str, on_file: str, same: bool
) -> None:
    assert same_person_name(given, on_file) is same


@pytest.mark.parametrize(
    ("given", "on_file", "same"),
    [
        ("officine brambilla srl", "Officine Brambilla S.r.l.", True),
        ("Officine Brambilla s. r. l.", "Officine Brambilla S.r.l.", True),
        ("OFFICINE BRAMBILLA", "Officine Brambilla S.r.l.", True),
        ("Trattoria da Nino", "Trattoria Da Nino S.n.c.", True),
        ("PT. Maju Jaya", "Maju Jaya PT", True),
        ("Officine Bramante", "Officine Brambilla S.r.l.", False),
        ("srl", "S.r.l.", False),
    ],
)
def test_company_names_are_the_same_but_for_form(given: str, on_file: str, same: bool) -> None:
    assert same_company_name(given, on_file) is same


@pytest.mark.parametrize(
    ("slot", "text", "choice", "context"),
    [
        ("profile", "Persona", "person", IT),
        ("profile", "sono un professionista", "professional", IT),
        ("profile", "azienda", "company", IT),
        ("policy_type", "Individu", "individual", ID),
        ("policy_type", "polis kumpulan", "group", ID),
        ("policy_type", "DPLK", "dplk", ID),
    ],
)
def test_choices_by_id_or_word(slot: str, text: str, choice: str, context: FieldContext) -> None:
    assert read(slot, text, context) == choice


def test_a_choice_between_two_is_none() -> None:
    assert refusal("profile", "persona o azienda") == "choice_unknown"
    assert parse_code_channel("per e-mail, grazie", IT).value == "email"


def code_or_value(slot: str, text: str, context: FieldContext) -> tuple[str | None, str]:
    try:
        return None, PARSERS[slot](text, context).value
    except Invalid as error:
        return error.reason, ""


@pytest.mark.parametrize("slot", sorted(PARSERS))
@given(text=st.text(max_size=200))
def test_a_parser_gives_a_field_or_a_known_error(slot: str, text: str) -> None:
    for context in (IT, ID):
        code, value = code_or_value(slot, text, context)
        if code is None:
            assert value
            assert read(slot, value, context) == value
        else:
            assert code in ANSWER_ERRORS


@pytest.mark.timeout(10)
@pytest.mark.parametrize("slot", sorted(PARSERS))
@pytest.mark.parametrize("text", ["1" * 10_000, "a" * 10_000, "a1. " * 2_500, "\x00", "@" * 5_000])
def test_a_parser_is_quick_with_anything(slot: str, text: str) -> None:
    code_or_value(slot, text, IT)
