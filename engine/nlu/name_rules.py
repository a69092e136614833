"""What is certain about a name once its words are known to be one: the house's rules of naming.

Of an Indonesian name of several words the last is the last name and the rest the first (people with
one name have no family name); "bin Umar" and what follows it say whose child somebody is, as a last
name does.
"""

from functools import partial
from typing import List, Optional, Sequence, Tuple

_FIRST, _LAST = "first_name", "last_name"
_CHILD_OF = frozenset({"bin", "binti", "bte", "br", "br."})
_PARTICLES = frozenset("van von de di da dos del dal al el lo la ben".split())
_GENITIVES = frozenset({"'s", "’s"})

Run = Tuple[int, int, str]


def settled(words: Sequence[str], runs: List[Run], language: str) -> List[Run]:
    """The runs (first word, last word, entity) by the rules; those of other entities as they are."""
    result: List[Run] = []
    for block in _blocks(words, [run for run in map(partial(_trimmed, words), runs) if run]):
        child_of = [i for i in range(block[0][0], block[-1][1] + 1) if _is_child_of(words[i])]
        if child_of and child_of[0] > block[0][0]:
            result += _split(block, child_of[0])
        elif language == "id" and [kind for _, _, kind in block] == [_FIRST, _LAST]:
            last = block[1]
            keeps = words[last[0]].lower() in _PARTICLES
            result += _split(block, last[0] if keeps else last[1])
        else:
            result += block
    return result


def _trimmed(words: Sequence[str], run: Run) -> Optional[Run]:
    """Without marks at its ends, and without the "'s" of "the surname's Bello"; None if nothing is left."""
    first, last, entity = run
    while first <= last and (words[first] in _GENITIVES or not _has_letters(words[first])):
        first += 1
    while first <= last and not _has_letters(words[last]):
        last -= 1
    return (first, last, entity) if first <= last else None


def _has_letters(word: str) -> bool:
    return any(map(str.isalnum, word))


def _blocks(words: Sequence[str], runs: List[Run]) -> List[List[Run]]:
    """Runs of names that stand side by side, or with a word for "child of" between them."""
    blocks: List[List[Run]] = []
    for run in runs:
        before = blocks[-1][-1] if blocks else None
        if before and _is_name(before) and _is_name(run) and _touch(words, before, run):
            blocks[-1].append(run)
        else:
            blocks.append([run])
    return blocks


def _touch(words: Sequence[str], before: Run, after: Run) -> bool:
    between = words[before[1] + 1 : after[0]]
    return not between or (1 <= len(between) <= 2 and _is_child_of(between[0]))


def _split(block: List[Run], at: int) -> List[Run]:
    return [(block[0][0], at - 1, _FIRST), (at, block[-1][1], _LAST)]


def _is_name(run: Run) -> bool:
    return run[2] in (_FIRST, _LAST)


def _is_child_of(word: str) -> bool:
    return word.lower() in _CHILD_OF
