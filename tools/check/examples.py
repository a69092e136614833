"""Training examples: markup that closes, known names, nothing twice."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

import yaml

from tools.check.finding import LANGUAGES, Finding, compose, entries, items, plain

ENTITY = re.compile(r"\[([^\[\]]+)\](?:\((\w+)\)|\{[^{}]*\"entity\":\s*\"(\w+)\"[^{}]*\})")


def check(files: Iterable[Path], intents: set[str], entities: set[str]) -> Iterator[Finding]:
    """Findings in the examples of *files*, against the names that the domain knows."""
    seen: dict[str, tuple[str, str, int]] = {}
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
    path: str, line: int, intent: str, text: str, seen: dict[str, tuple[str, str, int]]
) -> Iterator[Finding]:
    bare = ENTITY.sub(lambda match: match.group(1), text)
    key = re.sub(r"[^\w]+", " ", unicodedata.normalize("NFKC", bare).casefold()).strip() or bare
    if key in seen:
        other, file, at = seen[key]
        if other != intent or file == path:
            yield Finding(path, line, f"«{bare[:40]}» stands in {file}:{at} too ({other})")
        return
    seen[key] = (intent, path, line)
