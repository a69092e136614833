"""What is certain about a name once its words are known to be one: the house's rules of naming.

Of an Indonesian name of several words the last is the last name and the rest the first; people with
one name have no family name. "bin Umar" and what follows it say whose child somebody is, as a last
name does. Who says which part is which is right. A street is nobody, and who is an
S.r.l. is a company.
"""

from functools import partial
from typing import List, Optional, Sequence, Tuple

_FIRST, _LAST, _COMPANY = "first_name", "last_name", "company_name"
_CHILD_OF = frozenset({"bin", "binti", "bte", "br", "br."})
_PARTICLES = frozenset("van von de di da dos del dal al el lo la ben".split())
_GENITIVES = frozenset({"'s", "’s"})
_TITLES = frozenset(
    "mr mrs ms miss sir dr dott dott.ssa prof prof.ssa avv ing rag arch geom rev drs dra ir"
    " sig sig.ra sig.na signor signora bapak pak ibu bu hj kak mas mbak".split()
)
_LEGAL_FORMS = frozenset("srl srls spa snc sas sapa tbk".split())
_STREETS = frozenset("via viale piazza corso largo vicolo jalan jl gang".split())
# What a speaker calls the part of the name that stands beside it.
_CALLED = {
    **dict.fromkeys(("depan", "depannya"), _FIRST),
    **dict.fromkeys(("belakang", "belakangnya", "marga", "marganya", "keluarga", "akhir"), _LAST),
}
_CUES = frozenset({"name", "surname", "nome", "cognome", "nama", *_CALLED})

Run = Tuple[int, int, str]


def settled(words: Sequence[str], runs: List[Run], language: str) -> List[Run]:
    """The runs (first word, last word, entity) by the rules; those of other entities as they are."""
    result: List[Run] = []
    for block in _blocks(words, [run for run in map(partial(_trimmed, words), runs) if run]):
        child_of = [i for i in range(block[0][0], block[-1][1] + 1) if _is_child_of(words[i])]
        begin = block[0][0]
        if _is_name(block[0]) and _STREETS & set(_lower(words[max(0, begin - 1) : begin + 1])):
            continue
        if _is_name(block[0]) and _has_legal_form(words, block[-1][1]):
            result.append((begin, block[-1][1] + 1, _COMPANY))
        elif child_of and child_of[0] > begin:
            result += _split(block, child_of[0])
        elif language == "id":
            result += _indonesian(words, block)
        else:
            result += block
    return result


def _indonesian(words: Sequence[str], block: List[Run]) -> List[Run]:
    first, last = block[0][0], block[-1][1]
    kinds = [kind for _, _, kind in block]
    before = _lower(words[max(0, first - 2) : first])
    called = next((_CALLED[word] for word in before if word in _CALLED), None)
    if called and set(kinds) <= {_FIRST, _LAST}:
        return [(first, last, called)]
    if kinds == [_LAST] and first == last and not _CALLED.keys() & set(_lower(words)):
        return [(first, last, _FIRST)]
    if kinds[0] == _FIRST and len(kinds) > 1:
        surname = block[1]
        keeps = len(kinds) == 2 and words[surname[0]].lower() in _PARTICLES
        return _split(block, surname[0] if keeps else last)
    return block


def _trimmed(words: Sequence[str], run: Run) -> Optional[Run]:
    """Without marks and titles at its ends, and without the "'s" of "the surname's Bello"; None if nothing is left."""
    first, last, entity = run
    while first <= last and not _may_begin(words[first], is_name=_is_name(run)):
        first += 1
    while first <= last and not _may_end(words[last], is_name=_is_name(run)):
        last -= 1
    return (first, last, entity) if first <= last else None


def _may_begin(word: str, *, is_name: bool) -> bool:
    is_title = is_name and word.lower().rstrip(".") in _TITLES
    return not is_title and word not in _GENITIVES and _may_end(word, is_name=is_name)


def _may_end(word: str, *, is_name: bool) -> bool:
    return any(map(str.isalnum, word)) and not (is_name and word.lower() in _CUES)


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


def _has_legal_form(words: Sequence[str], last: int) -> bool:
    """Whether the word behind makes a company of a name."""
    return any(word.lower().replace(".", "") in _LEGAL_FORMS for word in words[last + 1 : last + 2])


def _is_name(run: Run) -> bool:
    return run[2] in (_FIRST, _LAST)


def _is_child_of(word: str) -> bool:
    return word.lower() in _CHILD_OF


def _lower(words: Sequence[str]) -> List[str]:
    return [word.lower().rstrip(".") for word in words]
