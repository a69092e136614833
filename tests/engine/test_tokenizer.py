"""Where words begin and end."""

from typing import List

import pytest
from engine.nlu.tokenizer import words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Quell'altro codice", ["Quell'", "altro", "codice"]),
        ("Ji-hoon di Stoke-on-Trent", ["Ji-hoon", "di", "Stoke-on-Trent"]),
        ("lavoro per la Rota S.n.c.", ["lavoro", "per", "la", "Rota", "S.n.c."]),
        ("Riris br. Sitorus", ["Riris", "br.", "Sitorus"]),
        ("mi chiamo Rossi.", ["mi", "chiamo", "Rossi", "."]),
        ("Rossi - Bari", ["Rossi", "-", "Bari"]),
    ],
)
def test_a_hyphen_joins_and_a_dot_stays_with_its_abbreviation(text: str, words: List[str]) -> None:
    assert [word for word, _ in words_of(text)] == words


def test_every_word_is_where_it_is_said_to_begin() -> None:
    text = "sono Ji-hoon, della Rota S.n.c., dell'Aquila"
    assert all(text[start : start + len(word)] == word for word, start in words_of(text))
