"""The waits between wrong passwords."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from backend.core.limits import Limits
from backend.core.logins import Throttle, after_failure

NOW = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("failures", "seconds"),
    [(3, 0), (4, 30), (5, 60), (6, 120), (7, 240), (8, 480), (9, 900), (10, 900), (5_000, 900)],
)
def test_five_are_free_then_waits_double_up_to_a_quarter_of_an_hour(
    failures: int, seconds: int
) -> None:
    throttle = after_failure(Throttle(failures, NOW), Limits(), NOW)

    assert throttle.seconds_left(NOW) == seconds
    assert throttle.failures == failures + 1


def test_the_first_failure_starts_the_count() -> None:
    assert after_failure(None, Limits(), NOW) == Throttle(1, NOW)
