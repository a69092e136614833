"""A backend whose flows answer what a test tells them to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from actions import runtime
from actions.flows import FLOWS
from backend.core.errors import Unavailable
from backend.core.flow import Step, Turn


@dataclass
class FakeFlow:
    """A flow service: keeps the turns it got, answers with the next step."""

    step: Step = field(default_factory=lambda: Step(asking="first_name"))
    turns: list[Turn] = field(default_factory=list)
    abandoned: list[str] = field(default_factory=list)
    down: bool = False

    def advance(self, turn: Turn) -> Step:
        self.turns.append(turn)
        if self.down:
            raise Unavailable("database")
        return self.step

    def resume(self, conversation_id: str, market: str) -> Step:
        if self.down:
            raise Unavailable("database")
        return self.step

    def abandon(self, conversation_id: str) -> None:
        self.abandoned.append(conversation_id)


@pytest.fixture(name="flow")
def _flow() -> Iterator[FakeFlow]:
    flow = FakeFlow()
    desk: Any = SimpleNamespace(
        flows=dict.fromkeys(FLOWS, flow),
        abandon=flow.abandon,
        settings=SimpleNamespace(public_base_url="https://desk.example"),
    )
    runtime.use(lambda: desk)
    yield flow
    runtime.use(None)
