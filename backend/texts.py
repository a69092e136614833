"""Words for customers that are not dialogue responses: notices, pages, gateway, widget.

A text file holds keys with every language side by side; a key may have named parts:

    code:
      sms:
        it: "{code} è il suo codice."
        id: "{code} adalah kode Anda."
        en: "{code} is your code."

which is `texts.get("code.sms", "it", code="739204")`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Formatter
from typing import Any, Final, Self

import yaml

from backend.core.errors import ConfigurationInvalid, Fact

LANGUAGES: Final = ("it", "id", "en")


class Texts:
    """The checked content of one file of texts."""

    def __init__(self, entries: Mapping[str, Mapping[str, str]]) -> None:
        self._entries = entries

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read and check *path*.

        Raises:
            ConfigurationInvalid: a language is missing, or the languages of a key do not take the
                same placeholders; every such key is named.
        """
        try:
            tree = yaml.safe_load(path.read_text(encoding="utf-8"))
        except OSError as failure:
            raise ConfigurationInvalid((f"{path}: {failure.strerror}",)) from failure
        except yaml.YAMLError as failure:
            raise ConfigurationInvalid((f"{path}: not YAML: {_place(failure)}",)) from failure
        if not isinstance(tree, dict):
            raise ConfigurationInvalid((f"{path}: must be a mapping of keys to languages",))
        entries: dict[str, dict[str, str]] = {}
        problems: list[str] = []
        for key, node in _leaves(tree):
            found = _problems(key, node)
            problems += [f"{path}: {problem}" for problem in found]
            if not found:
                entries[key] = node
        if problems:
            raise ConfigurationInvalid(tuple(problems))
        return cls(entries)

    def get(self, key: str, language: str, /, **facts: Fact) -> str:
        """The text of *key* in *language* with *facts* in their places.

        An unknown language falls to English; an unknown key or a missing fact is a mistake in the
        code and raises KeyError.
        """
        variants = self._entries[key]
        return variants.get(language, variants["en"]).format_map(facts)

    def placeholders(self, key: str) -> frozenset[str]:
        """The names of the facts that *key* takes."""
        return _placeholders(self._entries[key]["en"])

    def variants(self, key: str) -> Mapping[str, str]:
        """The raw text of *key* by language."""
        return self._entries[key]

    def keys(self) -> frozenset[str]:
        """Every key, with dots between its parts."""
        return frozenset(self._entries)

    def __contains__(self, key: str) -> bool:
        return key in self._entries


def _leaves(tree: Mapping[Any, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, node in tree.items():
        key = f"{prefix}{name}"
        if isinstance(node, dict) and not set(node) & set(LANGUAGES):
            yield from _leaves(node, f"{key}.")
        else:
            yield key, node


def _problems(key: str, node: Any) -> list[str]:
    if not isinstance(node, dict):
        return [f"{key}: must have {', '.join(LANGUAGES)} under it"]
    problems = [
        f"{key}: {language} is missing or not text"
        for language in LANGUAGES
        if not isinstance(node.get(language), str) or not node[language].strip()
    ]
    problems += [f"{key}: {name} is no language" for name in node if name not in LANGUAGES]
    if problems:
        return problems
    try:
        wanted = {language: _placeholders(text) for language, text in node.items()}
    except ValueError as failure:
        return [f"{key}: {failure}"]
    every = frozenset[str]().union(*wanted.values())
    return [
        f"{key}: {language} lacks {{{name}}}"
        for language, names in wanted.items()
        for name in sorted(every - names)
    ]


def _placeholders(text: str) -> frozenset[str]:
    return frozenset(name for _, name, _, _ in Formatter().parse(text) if name is not None)


def _place(failure: yaml.YAMLError) -> str:
    mark = getattr(failure, "problem_mark", None)
    reason = getattr(failure, "problem", None) or "cannot be read"
    return f"{reason} (line {mark.line + 1}, column {mark.column + 1})" if mark else reason
