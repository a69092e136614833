"""The house's rules of naming, on words that are known to be a name."""

from typing import List, Tuple

import pytest
from engine.nlu.name_rules import settled

Run = Tuple[int, int, str]
FIRST, LAST, PLACE = "first_name", "last_name", "place_of_birth"
COMPANY = "company_name"


def named(text: str, runs: List[Run], language: str = "id") -> List[Tuple[str, str]]:
    words = text.split()
    return [(" ".join(words[a : b + 1]), kind) for a, b, kind in settled(words, runs, language)]


def test_of_an_indonesian_name_the_last_word_is_the_last_name() -> None:
    runs = [(0, 0, FIRST), (1, 2, LAST)]
    assert named("Dwi Astuti Rahayu", runs) == [("Dwi Astuti", FIRST), ("Rahayu", LAST)]


def test_an_italian_double_surname_stays_one() -> None:
    runs = [(0, 0, FIRST), (1, 2, LAST)]
    assert named("Rossella Ferrari Bravo", runs, "it") == [
        ("Rossella", FIRST),
        ("Ferrari Bravo", LAST),
    ]


@pytest.mark.parametrize("language", ["id", "en", "it"])
def test_the_child_of_somebody_has_that_for_a_last_name(language: str) -> None:
    runs = [(0, 0, FIRST), (1, 1, LAST), (3, 3, FIRST), (4, 4, LAST)]
    assert named("Ahmad Fauzi bin Abdul Karim", runs, language) == [
        ("Ahmad Fauzi", FIRST),
        ("bin Abdul Karim", LAST),
    ]


def test_a_particle_stays_with_its_surname() -> None:
    runs = [(0, 0, FIRST), (1, 3, LAST)]
    assert named("Hans van der Velde", runs)[1] == ("van der Velde", LAST)


def test_names_apart_and_surname_first_are_left_alone() -> None:
    apart = [(0, 0, FIRST), (2, 2, LAST)]
    assert named("Ana marga Tan", apart) == [("Ana", FIRST), ("Tan", LAST)]
    turned = [(0, 0, LAST), (1, 2, FIRST)]
    assert named("Tan Mei Ling", turned) == [("Tan", LAST), ("Mei Ling", FIRST)]
    beside = [(0, 0, FIRST), (1, 1, PLACE)]
    assert named("Ana Medan", beside) == [("Ana", FIRST), ("Medan", PLACE)]


def test_marks_and_a_genitive_at_the_ends_are_no_part_of_a_name() -> None:
    assert named("name 's Bello ,", [(1, 3, LAST)], "en") == [("Bello", LAST)]
    assert named("io ,", [(1, 1, LAST)], "it") == []


@pytest.mark.parametrize("said", ["Ibu Hj. Romlah", "Ms Romlah", "Drs. Romlah", "nama Romlah"])
def test_a_title_is_no_part_of_a_name(said: str) -> None:
    last = len(said.split()) - 1
    assert named(said, [(0, last, FIRST)], "en") == [("Romlah", FIRST)]


def test_who_has_one_name_has_no_family_name() -> None:
    assert named("Wulandari", [(0, 0, LAST)]) == [("Wulandari", FIRST)]
    assert named("Rossi", [(0, 0, LAST)], "it") == [("Rossi", LAST)]


def test_who_says_which_part_is_which_is_right() -> None:
    runs = [(2, 2, FIRST), (3, 3, LAST)]
    assert named("nama depannya Mei Ling", runs) == [("Mei Ling", FIRST)]
    assert named("marga saya Tan", [(2, 2, LAST)]) == [("Tan", LAST)]


def test_the_word_for_the_next_part_ends_a_name() -> None:
    runs = [(1, 2, FIRST), (3, 3, LAST)]
    assert named("name vito surname serrao", runs, "en") == [("vito", FIRST), ("serrao", LAST)]


def test_a_street_is_nobody() -> None:
    assert named("via Dante Alighieri", [(1, 1, FIRST), (2, 2, LAST)], "it") == []
    assert named("jl. Sudirman", [(1, 1, LAST)]) == []


def test_a_legal_form_makes_a_company_of_a_name() -> None:
    runs = [(0, 0, FIRST), (1, 1, LAST)]
    assert named("Officine Brambilla srl", runs, "it") == [("Officine Brambilla srl", COMPANY)]
    assert named("Sinar Abadi Tbk.", runs) == [("Sinar Abadi Tbk.", COMPANY)]


def test_a_name_in_many_pieces_has_one_last_name() -> None:
    runs = [(0, 0, FIRST), (1, 1, LAST), (2, 2, FIRST)]
    assert named("Agus Wijaya Kusuma", runs) == [("Agus Wijaya", FIRST), ("Kusuma", LAST)]
