"""Messages as WhatsApp takes them: whole, in order, within its limits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.conversation import Button
from backend.core.whatsapp import (
    BODY_MOST,
    TEXT_MOST,
    Form,
    Phrases,
    form_of,
    in_pieces,
    is_unasked,
    may_write_freely,
    plain,
    size,
    split,
)

PHRASES = Phrases("Che cosa preferisce?", "Vedi le scelte", "Risponda con il numero.")
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def buttons(*titles: str) -> list[Button]:
    return [Button(f"b_{n}", title) for n, title in enumerate(titles)]


@pytest.mark.parametrize(
    ("titles", "form"),
    [
        (["Sì", "No"], Form.TAPS),
        (["a" * 20] * 1, Form.TAPS),
        (["a" * 21], Form.ROWS),
        (["a" * 24, "b"], Form.ROWS),
        (["a" * 25, "b"], Form.NUMBERS),
        ([str(n) for n in range(3)], Form.TAPS),
        ([str(n) for n in range(4)], Form.ROWS),
        ([str(n) for n in range(10)], Form.ROWS),
        ([str(n) for n in range(11)], Form.NUMBERS),
        (["Sì", "Sì"], Form.NUMBERS),
        (["😀" * 10], Form.TAPS),
        (["😀" * 11], Form.ROWS),
    ],
)
def test_choices_are_shown_in_the_best_form_that_shows_them_whole(
    titles: list[str], form: Form
) -> None:
    assert form_of(titles) is form


@pytest.mark.parametrize(
    ("markdown", "shown"),
    [
        ("**Attenzione**", "*Attenzione*"),
        ("il **codice** e il **link**", "il *codice* e il *link*"),
        ("2 ** 3 ** 4", "2 ** 3 ** 4"),
        ("[qui](https://a.example/b)", "qui: https://a.example/b"),
        ("[https://a.example](https://a.example)", "https://a.example"),
        ("# Titolo\ntesto", "*Titolo*\ntesto"),
        ("a\n\n\n\nb", "a\n\nb"),
        ("gi****@e****.it", "gi••••@e••••.it"),
        ("**Nata il** **/**/1985", "*Nata il* ••/••/1985"),
        ("320 *****19 o **320 *****33**", "320 •••••19 o *320 •••••33*"),
    ],
)
def test_markdown_becomes_whatsapps_own(markdown: str, shown: str) -> None:
    assert plain(markdown) == shown


def test_what_is_hidden_in_a_numbered_choice_makes_no_bold() -> None:
    titles = [f"il numero di casa {n}: 320 *****1{n}" for n in range(2)]
    [words] = in_pieces("Quale?", buttons(*titles), PHRASES)
    assert "1. il numero di casa 0: 320 •••••10" in words.body


def test_what_is_hidden_in_a_button_is_hidden_as_in_the_text() -> None:
    [words] = in_pieces("Quale? 320 *****19", buttons("320 *****19", "Un altro"), PHRASES)
    assert (words.body, words.choices[0].title) == ("Quale? 320 •••••19", "320 •••••19")


def test_a_long_text_is_cut_at_sentences() -> None:
    sentence = "Questa è una frase di prova, né lunga né corta. "
    pieces = split(sentence * 100, 1_600)
    assert all(piece.endswith("corta.") for piece in pieces)
    assert " ".join(pieces) == (sentence * 100).strip()


@given(st.text(max_size=400), st.integers(20, 100))
def test_pieces_are_short_enough_and_lose_nothing(text: str, most: int) -> None:
    pieces = split(text, most)
    assert all(0 < size(piece) <= most for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())


def test_an_address_is_never_cut() -> None:
    address = "https://desk.example.com/t/" + "x" * 60
    pieces = split(f"{'parola ' * 20}{address} {'parola ' * 20}", 120)
    assert any(address in piece for piece in pieces)


def test_only_the_last_piece_has_the_choices() -> None:
    text = "Una frase come tante altre. " * 60
    *before, last = in_pieces(text, buttons("Sì", "No"), PHRASES)
    assert before
    assert not any(words.choices for words in before)
    assert [each.title for each in last.choices] == ["Sì", "No"]
    assert size(last.body) <= BODY_MOST


def test_choices_without_words_get_some() -> None:
    (words,) = in_pieces("", buttons("Sì", "No"), PHRASES)
    assert words.body == PHRASES.choose


def test_numbers_go_on_from_what_the_turn_has_offered() -> None:
    (words,) = in_pieces("Oppure?", buttons("Sì", "No"), PHRASES, first_number=4)
    assert words.numbered == "Oppure?\n\n4. Sì\n5. No\n\nRisponda con il numero."


def test_a_long_list_stays_together_under_its_question() -> None:
    titles = [f"Una scelta piuttosto lunga, la numero {n}" for n in range(12)]
    (words,) = in_pieces("Quale?", buttons(*titles), PHRASES)
    assert words.body.startswith("Quale?\n\n1. Una scelta")
    text, numbers = in_pieces("Frase. " * 180, buttons(*titles), PHRASES)
    assert numbers.body.startswith("1. Una scelta")
    assert max(size(text.body), size(numbers.body)) <= TEXT_MOST


def test_nothing_becomes_no_message() -> None:
    assert in_pieces(" ", [], PHRASES) == []


@pytest.mark.parametrize(("hours", "free"), [(0, True), (23.9, True), (23.99, False), (30, False)])
def test_words_of_our_own_go_for_a_day(hours: float, free: bool) -> None:
    assert may_write_freely(NOON + timedelta(hours=hours), NOON) is free


def test_what_follows_soon_was_asked_for() -> None:
    assert not is_unasked(NOON + timedelta(minutes=29), NOON)
    assert is_unasked(NOON + timedelta(minutes=31), NOON)
