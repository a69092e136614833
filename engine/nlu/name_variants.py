"""The annotated sentences about other people, in other hands: what teaches the name recogniser the world.

Values come from the other sentences and from lists, are put together as names are (two first names,
two surnames, particles), and the sentence is written as it was, in small letters or in capitals.
"""

import random
from collections import defaultdict
from functools import cache
from typing import Dict, List, Sequence, Tuple

from faker import Faker

from engine.nlu import gazetteer
from engine.nlu.tokenizer import words_of

Words, Tags = List[str], List[str]
Values = Dict[str, List[str]]

OUTSIDE = "O"
FIRST, LAST, COMPANY = "first_name", "last_name", "company_name"
_LANGUAGES = ("it", "id", "en")
_COMPANY_LOCALES = {"it": "it_IT", "id": "id_ID", "en": "en_GB"}
_COMPANIES = 300
_SEED = 42

# Shares. Customers have names of other countries; lists hold few of the names of the world.
_FROM_OWN, _FOREIGN = 0.4, 0.25
_SMALL_LETTERS, _CAPITALS = 0.3, 0.12
_TWO_FIRST, _THREE_FIRST = {"it": 0.3, "id": 0.5, "en": 0.3}, 0.12
_TWO_LAST, _PARTICLE = 0.2, 0.16
_PARTICLES = (
    *("De", "Di", "Del", "Della", "Dello", "Dal", "Dalla", "Lo", "La", "Li", "D'", "Dell'", "Degli"),
    *("Van", "Van der", "Van den", "von", "de", "da", "dos", "Ben", "El", "Al", "O'", "Mc", "bin", "binti"),
)  # fmt: skip


class Variants:
    """Makes other sentences of annotated ones.

    The same ones at every training, also when other sentences have come or gone: who adds an example
    would else change all that is learned.
    """

    def __init__(self, own: Dict[str, Values]) -> None:
        """`own`: by language, the values that the examples hold."""
        self._own = own
        self._chance = chance_of("")

    def of(self, words: Words, tags: Tags, language: str, number: int = 0) -> Tuple[Words, Tags]:
        """The same sentence about somebody else, in somebody's hand; another one for each *number*."""
        self._chance = chance_of(f"{number} {' '.join(words)}")
        new_words, new_tags = self._filled(words, tags, language)
        hand = self._chance.random()
        if hand < _SMALL_LETTERS or all(word.islower() for word in words if word.isalpha()):
            return [word.lower() for word in new_words], new_tags
        if hand > 1 - _CAPITALS:
            return [word.upper() for word in new_words], new_tags
        return new_words, new_tags

    def _filled(self, words: Words, tags: Tags, language: str) -> Tuple[Words, Tags]:
        new_words: Words = []
        new_tags: Tags = []
        for word, tag in zip(words, tags, strict=False):
            if tag == OUTSIDE:
                new_words.append(word)
                new_tags.append(tag)
            elif tag.startswith("B-"):
                value = [text for text, _ in words_of(self._value(tag[2:], language))]
                new_words += value
                new_tags += [tag] + [f"I-{tag[2:]}"] * (len(value) - 1)
        return new_words, new_tags

    def _value(self, entity: str, language: str) -> str:
        own = self._own.get(language, {}).get(entity) or [""]
        if self._chance.random() < _FROM_OWN:
            return self._chance.choice(own)
        if self._chance.random() < _FOREIGN:
            language = self._chance.choice(_LANGUAGES)
        listed = _companies(language) if entity == COMPANY else gazetteer.values(entity, language)
        if not listed:
            return self._chance.choice(own)
        return self._composed(entity, language, listed)

    def _composed(self, entity: str, language: str, listed: Sequence[str]) -> str:
        value, draw = self._chance.choice(listed), self._chance.random()
        if entity == FIRST and draw < _TWO_FIRST.get(language, 0):
            value = f"{value} {self._chance.choice(listed)}"
            if draw < _THREE_FIRST and language == "id":
                value = f"{value} {self._chance.choice(listed)}"
        elif entity == LAST and draw < _TWO_LAST:
            value = f"{value} {self._chance.choice(listed)}"
        elif entity == LAST and draw < _TWO_LAST + _PARTICLE:
            particle = self._chance.choice(_PARTICLES)
            value = f"{particle}{'' if particle.endswith(_JOINED) else ' '}{value}"
        return value


_JOINED = ("'", "Mc")


def chance_of(what: str) -> random.Random:
    """Chance that falls the same way for the same sentence at every training."""
    return random.Random(f"{_SEED} {what}")  # noqa: S311 - repeatable training, no secret


def own_values(spans: Sequence[Tuple[str, str, str]]) -> Dict[str, Values]:
    """By language and entity, from (language, entity, value)."""
    result: Dict[str, Values] = {}
    for language, entity, value in spans:
        result.setdefault(language, defaultdict(list))[entity].append(value)
    return result


@cache
def _companies(language: str) -> Tuple[str, ...]:
    maker = Faker(_COMPANY_LOCALES.get(language, "en_GB"))
    maker.seed_instance(_SEED)
    return tuple(maker.company() for _ in range(_COMPANIES))
