"""Whatever is typed comes out harmless."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.gateway.cleaning import clean

LIMIT = 1_000
ANYTHING = st.text(max_size=200) | st.text(alphabet="/ \t\n\u00a0\x00\u200b\u200dab{}", max_size=30)


@given(ANYTHING)
def test_nothing_harmful_is_left(typed: str) -> None:
    text = clean(typed, LIMIT).text
    assert not text.startswith("/")
    assert text == text.strip()
    assert "\x00" not in text
    assert not any(unicodedata.category(c) in ("Cc", "Cs") for c in text if c != "\n")
    text.encode()


@given(ANYTHING)
def test_clean_text_stays_as_it_is(typed: str) -> None:
    once = clean(typed, LIMIT).text
    assert clean(once, LIMIT).text == once


@pytest.mark.parametrize(("length", "was_cut"), [(999, False), (1_000, False), (1_001, True)])
def test_limit_is_exact(length: int, was_cut: bool) -> None:
    cleaned = clean("è" * length, LIMIT)
    assert len(cleaned.text) == min(length, LIMIT)
    assert cleaned.was_cut is was_cut


def test_letters_of_two_parts_count_as_one() -> None:
    assert clean("e\u0300" * 1_000, LIMIT) == clean("è" * 1_000, LIMIT)


def test_emoji_of_several_parts_stay_whole() -> None:
    family = "👩‍👩‍👧‍👦"
    assert clean(family, LIMIT).text == family


def test_slash_inside_stays() -> None:
    assert clean("12/03/1985", LIMIT).text == "12/03/1985"
