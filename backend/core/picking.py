"""Which of the things on offer a customer means: by id, number, title, or words of the title."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from backend.core.flow import Choice
from backend.core.text import fold, words, wordset

_ORDINALS: Final = (
    wordset("primo prima first pertama kesatu"),
    wordset("secondo seconda second kedua"),
    wordset("terzo terza third ketiga"),
    wordset("quarto quarta fourth keempat"),
    wordset("quinto quinta fifth kelima"),
)
_LAST: Final = wordset("ultimo ultima last terakhir")
_SHORTEST: Final = 3
"""Articles and prepositions tell nothing apart."""


def pick(said: str, choices: Sequence[Choice]) -> str | None:
    """The id of the one choice that is meant; None where it is none, or could be several."""
    exact = [one for one in choices if said == one.id or fold(said) == fold(one.title)]
    named = exact or _named_whole(said, choices) or _named_in_part(said, choices)
    if len(named) == 1:
        return named[0].id
    return None if named else _by_place(said, choices)


def told_apart(choices: Sequence[tuple[Choice, str]]) -> tuple[Choice, ...]:
    """The choices, with their second part in the title where the title alone fits several."""
    times = Counter(choice.title for choice, _ in choices)
    return tuple(
        choice if times[choice.title] == 1 else Choice(choice.id, f"{choice.title} ({more})")
        for choice, more in choices
    )


def _named_whole(said: str, choices: Sequence[Choice]) -> list[Choice]:
    spoken = set(words(said))
    return [one for one in choices if spoken.issuperset(words(one.title))]


def _named_in_part(said: str, choices: Sequence[Choice]) -> list[Choice]:
    """Those whose title has most of the words that were said, if any has."""
    spoken = {word for word in words(said) if len(word) >= _SHORTEST}
    shared = {one.id: len(spoken.intersection(words(one.title))) for one in choices}
    most = max(shared.values(), default=0)
    return [one for one in choices if most and shared[one.id] == most]


def _by_place(said: str, choices: Sequence[Choice]) -> str | None:
    """ "The second one", "2": as the choices stand on the screen."""
    spoken = words(said)
    places = {int(word) for word in spoken if word.isascii() and word.isdigit() and len(word) < 3}
    places |= {
        place for place, names in enumerate(_ORDINALS, start=1) if names.intersection(spoken)
    }
    if _LAST.intersection(spoken):
        places.add(len(choices))
    if len(places) != 1:
        return None
    (place,) = places
    return choices[place - 1].id if 1 <= place <= len(choices) else None
