"""What the name recogniser sees of a word: itself, its neighbours, their endings and shapes."""

from functools import lru_cache
from typing import AbstractSet, List, Sequence

from engine.nlu import gazetteer

_MAX_SHAPE = 6


def features_of(
    words: Sequence[str], plain: AbstractSet[str], with_lists: bool = True
) -> List[List[str]]:
    """The features of each word.

    `plain` are words that are said without being a value; `with_lists` tells of which kinds a word may be
    by the gazetteer.
    """
    hints = [_hints(word, plain, with_lists) for word in words]
    return [_features(words, hints, index) for index in range(len(words))]


def _hints(word: str, plain: AbstractSet[str], with_lists: bool) -> List[str]:
    lower = word.lower()
    known = [f"is={kind}" for kind in gazetteer.kinds_of(lower)] if with_lists else []
    return [*known, "plain" if lower in plain else "rare"]


@lru_cache(maxsize=50_000)
def shape(word: str) -> str:
    """`Dell'Orto` → `Xx'Xx`: runs of one kind of character are one."""
    result = ""
    for char in word:
        kind = "X" if char.isupper() else "x" if char.islower() else "d" if char.isdigit() else char
        result += kind if not result.endswith(kind) else ""
    return result[:_MAX_SHAPE]


def _features(words: Sequence[str], hints: Sequence[List[str]], index: int) -> List[str]:
    features = ["bias", f"length={min(len(words), 6)}", f"place={min(index, 3)}"]
    for offset in (-2, -1, 0, 1, 2):
        position = index + offset
        if not 0 <= position < len(words):
            features.append(f"{offset}edge")
            continue
        word = words[position]
        lower = word.lower()
        features += (f"{offset}word={lower}", f"{offset}shape={shape(word)}")
        features += (f"{offset}{hint}" for hint in hints[position])
        if abs(offset) <= 1:
            features += (f"{offset}end={lower[-n:]}" for n in range(1, min(3, len(lower)) + 1))
            features.append(f"{offset}start={lower[:3]}")
    features.append("now=" + "|".join(hints[index]) + shape(words[index]))
    if index:
        features.append("pair=" + "|".join(hints[index - 1] + ["then"] + hints[index]))
        features.append(f"after={words[index - 1].lower()}|{shape(words[index])}")
    return features
