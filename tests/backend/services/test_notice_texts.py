"""What the desk may say by SMS and e-mail, whoever edits the words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from backend.texts import LANGUAGES, Texts

TEXTS = Texts.load(Path(__file__).parents[3] / "texts/notices.yml")
TEMPLATES = sorted({key.partition(".")[0] for key in TEXTS.keys()})  # noqa: SIM118 - not a dict
WITH_CODE = [template for template in TEMPLATES if "code" in TEXTS.placeholders(f"{template}.sms")]
PARTS = ("sms", "subject", "body")

# The basic table of GSM 03.38: what one SMS of 160 characters can be made of.
GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
LONGEST = {
    "code": "012345",
    "minutes": 2,
    "link_minutes": 10,
    "product": "Area Clienti",
    "username": "annamaria.dellorto@example.com",
    "url": "https://sportello.example.com/t/" + "x" * 43,
}

every_language = pytest.mark.parametrize("language", LANGUAGES)
every_template = pytest.mark.parametrize("template", TEMPLATES)
every_code = pytest.mark.parametrize("template", WITH_CODE)


def said(template: str, part: str, language: str) -> str:
    return TEXTS.get(f"{template}.{part}", language, **LONGEST)


@every_template
def test_a_template_can_go_both_ways(template: str) -> None:
    assert all(f"{template}.{part}" in TEXTS for part in PARTS)


@every_language
@every_template
def test_an_sms_fits_into_one_part(template: str, language: str) -> None:
    words = said(template, "sms", language)
    assert set(words) <= GSM
    two_parts = 2 * 153  # only where a link has to go in
    assert len(words) <= (two_parts if "{url}" in raw(template, "sms", language) else 160)


@every_language
@every_code
def test_the_code_comes_first_and_once(template: str, language: str) -> None:
    for part in ("sms", "body"):
        words = raw(template, part, language)
        assert words.startswith("{code} ")
        assert words.count("{code}") == 1


@every_language
@every_code
def test_whoever_gets_a_code_reads_how_long_it_lives(template: str, language: str) -> None:
    for part in ("sms", "body"):
        assert "2 min" in said(template, part, language) or "2 menit" in said(
            template, part, language
        )


@every_language
@every_template
def test_a_subject_is_short_and_holds_nothing_of_the_customer(template: str, language: str) -> None:
    assert TEXTS.placeholders(f"{template}.subject") <= {"product"}
    assert len(said(template, "subject", language)) <= 60


@every_language
@every_template
def test_there_is_no_link_but_the_one_that_confirms(template: str, language: str) -> None:
    for part in PARTS:
        words = raw(template, part, language)
        assert not re.search(r"https?:|www\.|\.(it|com|co\.id)\b", words)
        if template != "code_and_link":
            assert "{url}" not in words


@every_language
def test_a_link_in_an_email_stands_on_a_line_of_its_own(language: str) -> None:
    assert "\n\n{url}\n\n" in raw("code_and_link", "body", language)


@every_language
def test_a_link_in_an_sms_ends_it_so_that_no_full_stop_sticks_to_it(language: str) -> None:
    assert raw("code_and_link", "sms", language).endswith(" {url}")


FAMILIAR = {
    "it": r"\b(tu|tuo|tua|tuoi|tue|ti|inserisci|clicca|scrivi)\b",
    "id": r"\b(kamu|kau|kalian)\b",
    "en": r"\b(login|OTP|color|canceled)\b",
}


@every_language
@every_template
def test_the_customer_is_addressed_as_the_desk_does(template: str, language: str) -> None:
    for part in PARTS:
        assert not re.search(FAMILIAR[language], raw(template, part, language), re.IGNORECASE)


def raw(template: str, part: str, language: str) -> str:
    return TEXTS.variants(f"{template}.{part}")[language]
