"""A finding, and reading YAML so that every finding knows its line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

LANGUAGES = ("it", "id", "en")


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One thing to mend."""

    file: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what}"


def compose(path: Path) -> yaml.Node | None:
    """The file as nodes, which know their lines.

    Raises:
        yaml.YAMLError: it is no YAML.
    """
    return yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)


def items(node: yaml.Node | None) -> Iterator[tuple[str, int, yaml.Node]]:
    """Key, line and value of a mapping node; nothing for any other node."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield str(key.value), key.start_mark.line + 1, value


def entries(node: yaml.Node | None) -> Iterator[tuple[int, yaml.Node]]:
    """Line and node of each entry of a sequence node."""
    if isinstance(node, yaml.SequenceNode):
        for entry in node.value:
            yield entry.start_mark.line + 1, entry


def plain(node: yaml.Node) -> Any:
    """The node's value as ordinary data."""
    loader = yaml.SafeLoader("")
    try:
        return loader.construct_object(node, deep=True)
    finally:
        loader.dispose()
