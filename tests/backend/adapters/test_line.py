"""The order in which a process's writers get their turn."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from backend.adapters.line import Line

SECONDS = 5.0


@pytest.fixture(name="waits")
def _waits(line: Line) -> Callable[[str, bool], threading.Thread]:
    """Puts somebody into the line, and returns once they wait there."""

    def wait(name: str, hurried: bool) -> threading.Thread:
        def work() -> None:
            assert line.enter(seconds=SECONDS, hurried=hurried)
            SERVED.append(name)
            line.leave()

        before = waiting(line)
        thread = threading.Thread(target=work)
        thread.start()
        while waiting(line) == before:
            threading.Event().wait(0.001)
        return thread

    SERVED.clear()
    return wait


SERVED: list[str] = []


def waiting(line: Line) -> int:
    return len(line._hurried) + len(line._others)


@pytest.fixture(name="line")
def _line() -> Line:
    return Line()


def test_whoever_is_in_a_hurry_goes_first_and_each_kind_in_its_order(
    line: Line, waits: Callable[[str, bool], threading.Thread]
) -> None:
    assert line.enter(seconds=SECONDS)
    threads = [waits("a", False), waits("b", False), waits("c", True), waits("d", True)]
    line.leave()
    for thread in threads:
        thread.join(SECONDS)
    assert SERVED == ["c", "d", "a", "b"]
    assert line.enter(seconds=0.0)


def test_whoever_waited_in_vain_holds_up_nobody(line: Line) -> None:
    assert line.enter(seconds=SECONDS)
    assert not line.enter(seconds=0.0)
    assert not line.enter(seconds=0.0, hurried=True)
    line.leave()
    assert line.enter(seconds=0.0)
