"""What the desk may say by SMS and e-mail, whoever edits the words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from backend.core.requests import Reason
from backend.texts import LANGUAGES, Texts

TEXTS = Texts.load(Path(__file__).parents[3] / "texts/notices.yml")
WORDS_WITHIN = "reason"
"""Not a message of its own."""
TEMPLATES = sorted(
    {key.partition(".")[0] for key in TEXTS.keys()} - {WORDS_WITHIN}  # noqa: SIM118 - not a dict
)
WITH_LINK = ["code_and_link", "mobile_change_requested", "mobile_changed_old"]
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
    "number": "REQ-01234567",
    "mobile": "0812 *******90",
    "hours": 48,
    "policy": "*********044",
}
REASONS = {
    language: [TEXTS.get(f"reason.{reason}", language) for reason in Reason]
    for language in LANGUAGES
}

every_language = pytest.mark.parametrize("language", LANGUAGES)
every_template = pytest.mark.parametrize("template", TEMPLATES)
every_link = pytest.mark.parametrize("template", WITH_LINK)
every_code = pytest.mark.parametrize("template", WITH_CODE)


def said(template: str, part: str, language: str) -> str:
    reason = max(REASONS[language], key=len)
    return TEXTS.get(f"{template}.{part}", language, reason=reason, **LONGEST)


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
def test_links_stand_only_where_they_confirm_or_stop(template: str, language: str) -> None:
    for part in PARTS:
        words = raw(template, part, language)
        assert not re.search(r"https?:|www\.|\.(it|com|co\.id)\b", words)
        has_link = template in WITH_LINK and part != "subject"
        assert words.count("{url}") == (1 if has_link else 0)


@every_language
@every_link
def test_a_link_in_an_email_stands_on_a_line_of_its_own(template: str, language: str) -> None:
    assert "\n\n{url}\n\n" in raw(template, "body", language)


@every_language
@every_link
def test_a_link_in_an_sms_ends_it_so_that_no_full_stop_sticks_to_it(
    template: str, language: str
) -> None:
    assert raw(template, "sms", language).endswith(" {url}")


@every_language
@pytest.mark.parametrize("template", ["mobile_change_requested", "mobile_changed_old"])
def test_whoever_may_stop_a_change_reads_which_and_how_long(template: str, language: str) -> None:
    for part in ("sms", "body"):
        words = said(template, part, language)
        assert "0812 *******90" in words
        assert re.search(r"48 (ore|jam|hours)", words)


@every_language
@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_has_words_that_end_a_sentence(reason: Reason, language: str) -> None:
    words = TEXTS.get(f"reason.{reason}", language)
    assert set(words) <= GSM
    assert len(words) <= 50
    assert words == words.strip()
    assert not words.endswith(".")
    assert not re.search(FAMILIAR[language], words, re.IGNORECASE)
    for part in ("sms", "body"):
        told = TEXTS.get(f"request_rejected.{part}", language, reason=words, **LONGEST)
        assert f": {words}." in told


def test_there_are_words_for_no_other_reason() -> None:
    within = {key for key in TEXTS.keys() if key.startswith("reason.")}  # noqa: SIM118 - not a dict
    assert within == {f"reason.{reason}" for reason in Reason}


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
