"""Rows of the insurer's CSV files, with the lines on which they stand."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from backend.core.errors import Invalid, NotFound
from backend.core.importing import Problem


def read_rows(path: Path, columns: Sequence[str]) -> Iterator[tuple[int, dict[str, str] | Problem]]:
    """Every row with its line number, or what keeps it from being one.

    Raises:
        NotFound: there is no such file.
        Invalid: it is not UTF-8, no CSV, or its columns are not exactly *columns*.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            _require_columns(path, columns, reader.fieldnames or ())
            for row in reader:
                yield reader.line_num, _whole(reader.line_num, columns, row)
    except FileNotFoundError:
        raise NotFound("file_unknown", file=str(path)) from None
    except UnicodeDecodeError:
        raise Invalid("file_not_utf8", file=str(path)) from None
    except csv.Error as failure:
        raise Invalid("file_not_csv", file=str(path), why=str(failure)) from failure


def _require_columns(path: Path, columns: Sequence[str], found: Sequence[str]) -> None:
    missing = [column for column in columns if column not in found]
    unknown = [column for column in found if column not in columns]
    if missing or unknown:
        raise Invalid(
            "columns_wrong",
            file=str(path),
            line=1,
            missing=", ".join(missing) or "none",
            unknown=", ".join(unknown) or "none",
        )


def _whole(
    line: int, columns: Sequence[str], row: dict[str | None, str | list[str] | None]
) -> dict[str, str] | Problem:
    if None in row:
        return Problem(line, "(row)", f"has more than {len(columns)} fields")
    short = next((column for column in columns if row[column] is None), None)
    if short:
        return Problem(line, short, "is missing: the row ends before it")
    return {column: str(row[column]).strip() for column in columns}
