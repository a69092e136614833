"""How many statements a piece of work sends to the database: what tells more than words can."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, event


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    """The statements run inside, by their first two words; values never."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        words = statement.split()
        seen.append(f"{words[0]} {_table(words)}")

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def _table(words: list[str]) -> str:
    for before in ("FROM", "INTO", "UPDATE"):
        if before in words:
            return words[words.index(before) + 1]
    return ""
