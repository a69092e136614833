"""Whether anything said in confidence can be read in what the house has written."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from pathlib import Path

from tests.talk import PASSWORD

DEMO = Path("demo/customers.csv")
_SECRET_COLUMNS = ("tax_code", "email", "mobile", "date_of_birth", "vat_number")


def leaks(folder: Path, codes: Iterable[str], more: Iterable[str] = ()) -> list[str]:
    """File and kind of every secret found as bytes in *folder*."""
    secrets = {
        **dict.fromkeys(PASSWORD.values(), "a password"),
        **dict.fromkeys(personal_data(), "personal data"),
        **dict.fromkeys(more, "something typed"),
    }
    found = []
    for path in sorted(folder.rglob("*")):
        content = path.read_bytes() if path.is_file() else b""
        found += [
            f"{path.name}: {kind}" for secret, kind in secrets.items() if secret.encode() in content
        ]
        found += [f"{path.name}: a code" for code in set(codes) if _holds_code(content, code)]
    return found


def _holds_code(content: bytes, code: str) -> bool:
    """Six digits on their own: not the microseconds of a moment, nor a part of a longer number."""
    return re.search(rb"(?<![\d.])" + code.encode() + rb"(?!\d)", content) is not None


def personal_data() -> list[str]:
    """What the demo customers would not want to be read."""
    with DEMO.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    data = {row[column] for row in rows for column in _SECRET_COLUMNS} - {""}
    local = {value.removeprefix("+39").removeprefix("+62") for value in data if "+" in value}
    return sorted(data | local)
