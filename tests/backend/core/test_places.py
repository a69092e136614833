"""The form of the assistance request: place of birth, sex, address, city, new mobile number."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.errors import Invalid
from backend.core.fields import PARSERS, FieldContext
from backend.core.flow import ANSWER_ERRORS
from backend.core.limits import Limits
from backend.markets import load_markets
from engine.masking import looks_masked
from tests.backend.desk import ROOT

MARKETS = load_markets(ROOT / "markets", Limits())
TODAY = date(2026, 11, 20)
IT = FieldContext(MARKETS["it"], TODAY)
ID = FieldContext(MARKETS["id"], TODAY)
SLOTS = ("place_of_birth", "sex", "address", "city", "new_mobile")


def read(slot: str, text: str, context: FieldContext = IT) -> str:
    return PARSERS[slot](text, context).value


def refusal(slot: str, text: str, context: FieldContext = IT) -> str:
    with pytest.raises(Invalid) as refused:
        PARSERS[slot](text, context)
    return refused.value.reason


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("Torino", "Torino"),
        ("torino (TO)", "torino (TO)"),
        ("sono nata a Torino", "Torino"),
        ("Sono nato ad Ancona.", "Ancona"),
        ("nato/a a: Reggio nell'Emilia", "Reggio nell'Emilia"),
        ("nata a Torino il 3 aprile 1985", "Torino"),
        ("Torino, 03/04/1985", "Torino"),
        ("luogo di nascita: Forlì", "Forlì"),
        ("la mia città di nascita è Bari", "Bari"),
        ("Regno Unito", "Regno Unito"),
        ("Surabaya", "Surabaya"),
        ("saya lahir di Surabaya", "Surabaya"),
        ("tempat lahir saya adalah Kota Baru", "Kota Baru"),
        ("dilahirkan di Medan tanggal 21 Juli 1993", "Medan"),
        ("I was born in San Francisco", "San Francisco"),
        ("born in Leeds on 5 October 1961", "Leeds"),
        ("東京", "東京"),
    ],
)
def test_a_place_of_birth_is_read_out_of_a_sentence(text: str, place: str) -> None:
    assert read("place_of_birth", text) == place


@pytest.mark.parametrize(
    "text",
    ["", "?", "x", "12345", "3/4/1985", "a@b.it", "dove?", "https://example.it", "🙂", "a " * 9],
)
def test_what_is_no_place_is_refused(text: str) -> None:
    assert refusal("place_of_birth", text) == "place_unreadable"


@pytest.mark.parametrize(
    ("text", "city"),
    [
        ("Torino", "Torino"),
        ("10121 Torino (TO)", "Torino (TO)"),
        ("abito a Torino", "Torino"),
        ("Vivo ad Ancona", "Ancona"),
        ("la mia città è Roma", "Roma"),
        ("residente a L'Aquila", "L'Aquila"),
        ("saya tinggal di Jakarta Selatan", "Jakarta Selatan"),
        ("kota Bandung", "Bandung"),
        ("I live in London", "London"),
    ],
)
def test_a_city_is_read_without_its_postcode(text: str, city: str) -> None:
    assert read("city", text) == city


@pytest.mark.parametrize("text", ["", "10121", "??", "via Roma 12", "x@y.it"])
def test_what_is_no_city_is_refused(text: str) -> None:
    assert refusal("city", text) == "city_unreadable"


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("Via Roma 12", "Via Roma 12"),
        ("abito in via Garibaldi, 7 bis.", "via Garibaldi, 7 bis"),
        ("il mio indirizzo è Corso Francia 8/A, scala B", "Corso Francia 8/A, scala B"),
        ("Località Piano snc", "Località Piano snc"),
        ("Jl. Sudirman No. 5 RT 03/RW 02", "Jl. Sudirman No. 5 RT 03/RW 02"),
        ("alamat saya: Gang Melati 4", "Gang Melati 4"),
        ("saya tinggal di Jalan Anggrek no 9", "Jalan Anggrek no 9"),
        ("I live at 221B Baker Street", "221B Baker Street"),
    ],
)
def test_an_address_is_taken_as_written(text: str, address: str) -> None:
    assert read("address", text) == address


@pytest.mark.parametrize(
    "text",
    ["", "boh", "12345", "12 34", "perché lo chiedete?", "a@b.it via", "V 1", "x " * 80],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    assert refusal("address", text) == "address_unreadable"


@pytest.mark.parametrize(
    ("text", "sex"),
    [
        ("m", "m"),
        ("F", "f"),
        ("L", "m"),
        ("p.", "f"),
        ("sesso: F", "f"),
        ("jenis kelamin P", "f"),
        ("maschio", "m"),
        ("Sono una donna", "f"),
        ("femmina, grazie", "f"),
        ("laki-laki", "m"),
        ("saya perempuan", "f"),
        ("I'm a woman", "f"),
        ("I am male", "m"),
        ("sono l'unica femmina", "f"),
    ],
)
def test_the_sex_is_read_from_a_letter_or_a_sentence(text: str, sex: str) -> None:
    assert read("sex", text) == sex


@pytest.mark.parametrize(
    "text", ["", "I'm", "x", "maschio o femmina?", "ho capito male", "preferisco non dirlo", "1"]
)
def test_what_names_no_sex_is_refused(text: str) -> None:
    assert refusal("sex", text) == "choice_unknown"


@pytest.mark.parametrize(
    ("text", "context", "number"),
    [
        ("3481112233", IT, "+393481112233"),
        ("+39 348.111.22.33", IT, "+393481112233"),
        ("il nuovo è 348 1112233", IT, "+393481112233"),
        ("0812 3456 7890", ID, "+6281234567890"),
        ("+62 812-3456-7890", ID, "+6281234567890"),
    ],
)
def test_a_new_mobile_may_have_dots_and_country_code_or_not(
    text: str, context: FieldContext, number: str
) -> None:
    assert read("new_mobile", text, context) == number


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("12", "mobile_malformed"),
        ("348", "mobile_malformed"),
        ("+447911123456", "mobile_malformed"),
        ("011 5551234", "mobile_not_mobile"),
        ("giulia@example.it", "mobile_malformed"),
    ],
)
def test_what_is_no_mobile_of_the_market_is_refused(text: str, error: str) -> None:
    assert refusal("new_mobile", text) == error


@pytest.mark.parametrize(
    ("slot", "text"),
    [
        ("place_of_birth", "Reggio nell'Emilia"),
        ("sex", "f"),
        ("address", "Jl. Sudirman No. 5 RT 03/RW 02 Blok C Kav 7 Kelurahan Senayan"),
        ("address", "221B Baker 12"),
        ("city", "Jakarta Selatan"),
        ("new_mobile", "348.1112233"),
    ],
)
def test_the_masks_are_such_as_may_be_kept(slot: str, text: str) -> None:
    mask = PARSERS[slot](text, IT).mask

    assert looks_masked(mask)
    assert not any(part in mask for part in text.split() if len(part) > 1)


@given(st.sampled_from(SLOTS), st.text(max_size=200))
def test_whatever_is_written_is_read_or_refused(slot: str, text: str) -> None:
    parse = PARSERS[slot]
    try:
        field = parse(text, ID)
    except Invalid:
        assert refusal(slot, text, ID) in ANSWER_ERRORS
        return

    assert field.value
    assert looks_masked(field.mask)
