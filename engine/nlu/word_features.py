"""What the name recogniser sees of a word: itself, its neighbours, their endings and shapes."""

from typing import Dict, List, Sequence

_MAX_SHAPE = 6


def features_of(words: Sequence[str]) -> List[Dict[str, float]]:
    """One feature map per word."""
    return [_features(words, index) for index in range(len(words))]


def shape(word: str) -> str:
    """`Dell'Orto` → `Xx'Xx`: runs of one kind of character are one."""
    result = ""
    for char in word:
        kind = "X" if char.isupper() else "x" if char.islower() else "d" if char.isdigit() else char
        result += kind if not result.endswith(kind) else ""
    return result[:_MAX_SHAPE]


def _features(words: Sequence[str], index: int) -> Dict[str, float]:
    features = {"bias": 1.0, f"length={min(len(words), 6)}": 1.0, f"place={min(index, 3)}": 1.0}
    for offset in (-2, -1, 0, 1, 2):
        position = index + offset
        if not 0 <= position < len(words):
            features[f"{offset}edge"] = 1.0
            continue
        word = words[position]
        lower = word.lower()
        features[f"{offset}word={lower}"] = 1.0
        features[f"{offset}shape={shape(word)}"] = 1.0
        if abs(offset) <= 1:
            features.update({f"{offset}end={lower[-n:]}": 1.0 for n in (1, 2, 3)})
            features[f"{offset}start={lower[:3]}"] = 1.0
    if index:
        features[f"after={words[index - 1].lower()}|{shape(words[index])}"] = 1.0
    return features
