"""What names look like is left out before a sentence is asked for its language."""

import pytest
from engine.nlu.language_detector import _without_names


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("I go by Togar Parlindungan Simanjuntak", "I go by"),
        ("Buongiorno, sono Lucia D'Amico di Roma", "Buongiorno, sono di"),
        ("Anna Rossi, born in Perù, phone to follow", ", born in , phone to follow"),
        ("and mail wayan.k@suratku.example please", "and mail please"),
    ],
)
def test_names_and_addresses_are_of_no_language(text: str, rest: str) -> None:
    assert _without_names(text).split() == rest.split()


@pytest.mark.parametrize(
    "text",
    [
        "Ciao. Vorrei un aiuto! Grazie",
        "I'm sure I paid",
        "MI CHIAMO ANNA ROSSI E VORREI ENTRARE",
        "Vorrei Cambiare Il Mio Numero",
        "Giulia Bianchi",
        "Sì",
        "",
    ],
)
def test_what_is_no_name_or_nothing_else_stays(text: str) -> None:
    assert _without_names(text) == text
