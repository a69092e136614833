"""The claims of the page around the widget: their form, their age, their length of life."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from backend.core.errors import IdentityTokenRefused
from backend.core.identity_tokens import read_claims
from backend.core.limits import Limits

LIMITS = Limits()
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
START = int(NOW.timestamp())
LIFE, SKEW = LIMITS.identity_token_life, LIMITS.identity_token_skew


def claims(**changes: Any) -> dict[str, Any]:
    right = {
        "aud": "sportello", "sub": "giulia.bianchi@example.it", "market": "it",
        "iat": START, "exp": START + LIFE, "jti": "j1",
    }  # fmt: skip
    return {name: value for name, value in (right | changes).items() if value is not ...}


def reason(**changes: Any) -> str:
    with pytest.raises(IdentityTokenRefused) as refused:
        read_claims(claims(**changes), LIMITS, NOW)
    return refused.value.reason


def test_right_claims_are_read() -> None:
    read = read_claims(claims(), LIMITS, NOW)

    assert (read.username, read.market, read.name) == ("giulia.bianchi@example.it", "it", "j1")
    assert read.expires_at == NOW + timedelta(seconds=LIFE)
    assert read.session_id is None
    assert "giulia" not in repr(read)


def test_a_life_of_300_seconds_is_taken_and_one_of_301_is_not() -> None:
    assert LIFE == 300
    read_claims(claims(exp=START + 300), LIMITS, NOW)
    read_claims(claims(exp=START + 299), LIMITS, NOW)

    assert reason(exp=START + 301) == "token_too_long"
    assert reason(exp=START + 300.5) == "token_too_long"
    assert reason(iat=START - 1, exp=START + 300) == "token_too_long"


def test_it_is_over_at_the_second_it_names() -> None:
    read_claims(claims(iat=START - 299, exp=START + 1), LIMITS, NOW)

    assert reason(iat=START - 300, exp=START) == "token_expired"
    assert reason(iat=START - 301, exp=START - 1) == "token_expired"
    assert reason(exp=START - 1) == "token_expired"


def test_a_clock_a_little_ahead_is_forgiven_and_one_far_ahead_is_not() -> None:
    at_most = START + SKEW
    read_claims(claims(iat=at_most, exp=at_most + LIFE), LIMITS, NOW)
    read_claims(claims(nbf=at_most), LIMITS, NOW)

    assert reason(iat=at_most + 1, exp=at_most + 2) == "token_early"
    assert reason(nbf=at_most + 1) == "token_early"


@pytest.mark.parametrize("claim", ["sub", "market", "iat", "exp", "jti"])
@pytest.mark.parametrize(
    "value", [..., None, "", True, [], {}, float("nan"), float("inf"), 10**400, "x" * 321]
)
def test_a_claim_without_the_right_form_is_refused(claim: str, value: Any) -> None:
    assert reason(**{claim: value}) in {"token_malformed", "token_early", "token_too_long"}


@pytest.mark.parametrize("value", ["", 7, "x" * 321])
def test_a_malformed_session_is_refused(value: Any) -> None:
    assert reason(sid=value) == "token_malformed"
