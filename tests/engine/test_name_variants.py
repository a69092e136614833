"""Annotated sentences about other people: what stays, what changes, and that it is repeatable."""

from typing import List, Tuple

import pytest
from engine.nlu import gazetteer
from engine.nlu.name_variants import OUTSIDE, Variants, own_values

WORDS = ["mi", "chiamo", "Ada", "Rossi", "e", "ho", "fretta"]
TAGS = [OUTSIDE, OUTSIDE, "B-first_name", "B-last_name", OUTSIDE, OUTSIDE, OUTSIDE]
OWN = own_values([("it", "first_name", "Ada"), ("it", "last_name", "Rossi")])


def many(times: int = 300) -> List[Tuple[List[str], List[str]]]:
    variants = Variants(OWN)
    return [variants.of(WORDS, TAGS, "it", number) for number in range(times)]


def test_the_words_around_a_name_stay() -> None:
    for words, tags in many():
        around = [w.lower() for w, tag in zip(words, tags, strict=True) if tag == OUTSIDE]
        assert around == ["mi", "chiamo", "e", "ho", "fretta"]


def test_every_value_begins_once_and_goes_on() -> None:
    for words, tags in many():
        assert len(words) == len(tags)
        assert [tag for tag in tags if tag.startswith("B-")] == ["B-first_name", "B-last_name"]


def test_names_are_put_together_and_written_in_many_hands() -> None:
    made = many()
    assert any("I-last_name" in tags for _, tags in made)
    assert any("I-first_name" in tags for _, tags in made)
    assert any(all(w.islower() for w in words if w.isalpha()) for words, _ in made)
    assert any(all(w.isupper() for w in words if w.isalpha()) for words, _ in made)


def test_the_same_sentences_come_at_every_training() -> None:
    assert many(20) == many(20)


def test_what_a_sentence_becomes_does_not_depend_on_the_others() -> None:
    variants = Variants(OWN)
    variants.of(["sono", "Ada"], [OUTSIDE, "B-first_name"], "it")
    assert variants.of(WORDS, TAGS, "it", 7) == many(8)[7]


@pytest.mark.parametrize(
    ("word", "kind"),
    [("giulia", "first_name"), ("rossi", "last_name"), ("bandung", "place_of_birth")],
)
def test_names_and_places_are_on_the_lists(word: str, kind: str) -> None:
    assert kind in gazetteer.kinds_of(word)


def test_small_words_of_long_names_of_towns_are_on_none() -> None:
    assert "place_of_birth" not in gazetteer.kinds_of("per")
    assert gazetteer.kinds_of("password") == ()


def test_towns_of_the_whole_world_are_known_and_so_are_both_parts_of_a_double_name() -> None:
    assert "place_of_birth" in gazetteer.kinds_of("chennai")
    assert "place_of_birth" in gazetteer.kinds_of("stoke-on-trent")
    assert "first_name" in gazetteer.kinds_of("anna-maria")
