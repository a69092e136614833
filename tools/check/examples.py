"""Training examples: markup that closes, known names, nothing twice and nothing nearly twice."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml
from rapidfuzz import fuzz, process

from tools.check.finding import LANGUAGES, Finding, compose, entries, items, plain

# Letters in common of two sentences, 0 to 100, from which they count as one. Between two intents
# a small difference may be the lesson: "I forgot my Gmail password".
_ALIKE, _ALIKE_ELSEWHERE, _LONG = 84.0, 92.0, 18
_ANSWER = "inform"

ENTITY = re.compile(r"\[([^\[\]]+)\](?:\((\w+)\)|\{[^{}]*\"entity\":\s*\"(\w+)\"[^{}]*\})")


@dataclass(frozen=True, slots=True, order=True)
class _Place:
    """Where an example stands."""

    file: str
    line: int
    intent: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line} ({self.intent})"


def check(files: Iterable[Path], intents: set[str], entities: set[str]) -> Iterator[Finding]:
    """Findings in the examples of *files*, against the names that the domain knows."""
    seen: dict[str, _Place] = {}
    for path in files:
        document = {key: node for key, _, node in items(compose(path))}
        for line, block in entries(document.get("nlu")):
            fields = {key: node for key, _, node in items(block)}
            if "intent" not in fields:
                continue
            intent = str(plain(fields["intent"]))
            if intent.split("/", maxsplit=1)[0] not in intents:
                yield Finding(str(path), line, f"intent {intent} is not in the domain")
            yield from _language(path, line, fields.get("metadata"))
            for at, text in _lines(fields["examples"]):
                yield from _markup(str(path), at, text, entities)
                yield from _twice(str(path), at, intent, text, seen)
    yield from _nearly_twice(seen)


def _lines(node: yaml.Node) -> Iterator[tuple[int, str]]:
    first = node.start_mark.line + 2
    for offset, line in enumerate(str(plain(node)).splitlines()):
        if line.strip():
            yield first + offset, line.strip().removeprefix("-").strip()


def _language(path: Path, line: int, metadata: yaml.Node | None) -> Iterator[Finding]:
    language = (plain(metadata) if metadata else {}).get("language")
    if language not in LANGUAGES:
        yield Finding(str(path), line, "metadata.language must say it, id or en")
    elif path.name.split(".")[-2] in LANGUAGES and path.name.split(".")[-2] != language:
        yield Finding(str(path), line, f"metadata says {language}, the file name says otherwise")


def _markup(path: str, line: int, text: str, entities: set[str]) -> Iterator[Finding]:
    for match in ENTITY.finditer(text):
        name = match.group(2) or match.group(3)
        if name not in entities:
            yield Finding(path, line, f"entity {name} is not in the domain")
    rest = ENTITY.sub("", text)
    if "[" in rest or "](" in rest:
        yield Finding(path, line, "a bracket of an entity does not close")


def _twice(
    path: str, line: int, intent: str, text: str, seen: dict[str, _Place]
) -> Iterator[Finding]:
    bare = ENTITY.sub(lambda match: match.group(1), text)
    key = _letters(bare) or bare
    if key in seen:
        other = seen[key]
        if other.intent != intent or other.file == path:
            yield Finding(path, line, f"«{bare[:40]}» stands in {other} too")
        return
    seen[key] = _Place(path, line, intent)


def _nearly_twice(seen: dict[str, _Place]) -> Iterator[Finding]:
    """Sentences of one language that differ by a letter or two: they teach nothing new.

    Short ones differ by a letter and mean another thing; answers differ by their data alone.
    """
    by_language: dict[str, list[str]] = defaultdict(list)
    for key, place in seen.items():
        if len(key) >= _LONG and place.intent != _ANSWER:
            by_language[Path(place.file).name.split(".")[-2]].append(key)
    for keys in by_language.values():
        keys.sort(key=len)
        for index, key in enumerate(keys):
            longer = bisect_right(keys, len(key) * (200 / _ALIKE - 1), key=len)
            others = keys[index + 1 : longer]
            for other, alike, _ in process.extract(
                key, others, scorer=fuzz.ratio, score_cutoff=_ALIKE, limit=None
            ):
                first, second = sorted((seen[key], seen[other]))
                if first.intent == second.intent or alike >= _ALIKE_ELSEWHERE:
                    what = f"«{other[:40]}» is nearly what stands in {first}"
                    yield Finding(second.file, second.line, what)


def _letters(text: str) -> str:
    """Without case, punctuation and marks."""
    return re.sub(r"[^\w]+", " ", unicodedata.normalize("NFKC", text).casefold()).strip()
