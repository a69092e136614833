"""Numbers of requests as people quote them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from backend.core.errors import Invalid
from backend.core.fields import PARSERS, FieldContext
from backend.core.limits import Limits
from backend.markets import load_markets

CONTEXT = FieldContext(
    load_markets(Path(__file__).parents[3] / "markets", Limits())["it"], date(2026, 11, 20)
)


@pytest.mark.parametrize(
    "text",
    [
        "REQ-00417729",
        "req-00417729",
        "Req 0041 7729",
        "REQ00417729",
        "00417729",
        "0041 7729",
        "il numero è REQ-00417729, di venerdì 20/11/2026",
        "nomor permohonan saya req-00417729.",
        "my request is number 00417729, please",
        "REQ\uff0d\uff10\uff10\uff14\uff11\uff17\uff17\uff12\uff19".replace("\uff0d", "-"),
        "REQ-00417729 e ancora REQ-00417729",
    ],
)
def test_a_number_is_read_wherever_it_stands(text: str) -> None:
    field = PARSERS["request_number"](text, CONTEXT)

    assert (field.value, field.mask) == ("REQ-00417729", "********729")


@pytest.mark.parametrize(
    "text",
    [
        "", "boh", "REQ-", "REQ-1234567", "REQ-123456789", "1234567", "123456789",
        "REQ-00417729 o REQ-00417730", "+39 320 123 4519", "20/11/2026", "x" * 10_000,
        "9" * 10_000, "REQ-" + " " * 5_000 + "1",
    ],
)  # fmt: skip
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        PARSERS["request_number"](text, CONTEXT)

    assert refused.value.reason == "request_number_malformed"
