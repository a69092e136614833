"""The window slides, and forgets."""

from __future__ import annotations

from web.gateway.limits import SlidingWindow


class Stopwatch:
    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def test_event_beyond_the_limit_waits_until_the_oldest_is_out() -> None:
    watch = Stopwatch()
    window = SlidingWindow(2, 10.0, seconds=watch)
    assert window.wait_for("anna") == 0
    watch.seconds += 4
    assert window.wait_for("anna") == 0
    assert window.wait_for("anna") == 6.0
    watch.seconds += 5.9
    assert window.wait_for("anna") > 0
    watch.seconds += 0.1
    assert window.wait_for("anna") == 0


def test_keys_are_counted_apart() -> None:
    window = SlidingWindow(1, 10.0, seconds=Stopwatch())
    assert window.wait_for("anna") == 0
    assert window.wait_for("bruno") == 0
    assert window.wait_for("anna") > 0


def test_memory_is_bounded_by_forgetting_whoever_was_quiet_longest() -> None:
    window = SlidingWindow(1, 10.0, keys=2, seconds=Stopwatch())
    for key in ("anna", "bruno", "carla"):
        window.wait_for(key)
    assert window.wait_for("anna") == 0
    assert window.wait_for("carla") > 0
