"""Which passwords a market takes."""

from __future__ import annotations

import pytest

from backend.core.limits import Limits
from backend.core.passwords import Reason, prepare, refusals
from backend.markets import load_markets
from tests.backend.desk import ROOT

MARKETS = load_markets(ROOT / "markets", Limits())
IT, ID = MARKETS["it"].password, MARKETS["id"].password
OWNER = "giulia.bianchi@example.it"


@pytest.mark.parametrize(
    ("password", "reasons"),
    [
        ("Gira7so", {"too_short"}),
        ("Gira7sol", set()),
        ("Girasole7BluNott", set()),
        ("Girasole7BluNotte", {"too_long"}),
        ("girasole7blu", {"no_upper"}),
        ("GIRASOLE7BLU", {"no_lower"}),
        ("GirasoleBlu", {"no_digit"}),
        ("Password1", {"guessable"}),
        ("Qwerty123", {"guessable"}),
        ("Generali2025", {"guessable"}),
        ("Areaclienti1", {"guessable"}),
        ("", {"too_short", "no_upper", "no_lower", "no_digit"}),
    ],
)
def test_italy(password: str, reasons: set[str]) -> None:
    assert set(refusals(password, IT, OWNER)) == reasons


@pytest.mark.parametrize(
    ("password", "reasons"),
    [
        ("kuda7la", {"too_short"}),
        ("kudalaut", set()),
        ("kuda laut biru di pantai " + "x" * 39, set()),
        ("kuda laut biru di pantai " + "x" * 40, {"too_long"}),
        ("password", {"guessable"}),
        ("12345678", {"guessable"}),
        ("iclick2023", {"guessable"}),
    ],
)
def test_indonesia_asks_for_length_only(password: str, reasons: set[str]) -> None:
    assert set(refusals(password, ID, "kupu7294mq")) == reasons


@pytest.mark.parametrize("password", ["Giulia.Bianchi@example.it", "KUPU7294MQ", "3201234519"])
def test_the_user_name_is_no_password(password: str) -> None:
    owner = {"K": "kupu7294mq", "3": "+3201234519"}.get(password[0], OWNER)
    assert Reason.IS_USERNAME in refusals(password, ID, owner)


def test_code_points_are_counted_not_bytes() -> None:
    assert refusals("èàòùìéçñ", ID, OWNER) == ()
    assert Reason.TOO_SHORT in refusals("èàòùìéç", ID, OWNER)


def test_a_decomposed_password_is_the_same_password() -> None:
    assert prepare("cafe\u0301") == prepare("caf\u00e9")
