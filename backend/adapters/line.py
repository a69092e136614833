"""Where the writers of one process wait for each other."""

from __future__ import annotations

from collections import deque
from threading import Lock


class Line:
    """First come, first served; whoever is in a hurry goes before all who are not."""

    def __init__(self) -> None:
        self._guard = Lock()
        self._is_taken = False
        self._hurried: deque[Lock] = deque()
        self._others: deque[Lock] = deque()

    def enter(self, *, seconds: float, hurried: bool = False) -> bool:
        """Wait for one's turn, at most so long; False if it did not come."""
        with self._guard:
            if not self._is_taken:
                self._is_taken = True
                return True
            turn = Lock()
            turn.acquire()
            queue = self._hurried if hurried else self._others
            queue.append(turn)
        if turn.acquire(timeout=seconds):
            return True
        with self._guard:
            if turn not in queue:
                return True  # it came at the last moment
            queue.remove(turn)
            return False

    def leave(self) -> None:
        """Hand the turn over to the next."""
        with self._guard:
            queue = self._hurried or self._others
            if queue:
                queue.popleft().release()
            else:
                self._is_taken = False
