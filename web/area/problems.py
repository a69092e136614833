"""What a customer reads when signing in does not work. One table, one place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from backend.core.errors import (
    CodeExhausted,
    CodeExpired,
    CodesBlocked,
    CodeUsed,
    CodeWait,
    CodeWrong,
    DestinationLimit,
    Invalid,
    SendsStopped,
    SportelloError,
)
from web.rendering import Words


@dataclass(frozen=True, slots=True)
class Problem:
    """One refusal: the text's key, the status of the answer, and what is still open."""

    text: str
    status: int
    can_type: bool = True
    """The code on its way may still be typed."""
    can_resend: bool = True
    """Another code may be asked for, now or soon."""


_PROBLEMS: Final[Mapping[type[SportelloError], Problem]] = {
    CodeWrong: Problem("code_wrong", 422),
    CodeExpired: Problem("code_expired", 410, can_type=False),
    CodeUsed: Problem("code_expired", 410, can_type=False),
    CodeExhausted: Problem("code_exhausted", 429, can_type=False),
    CodeWait: Problem("code_wait", 429),
    CodesBlocked: Problem("codes_stopped", 429, can_type=False, can_resend=False),
    DestinationLimit: Problem("codes_paused", 429, can_resend=False),
    SendsStopped: Problem("codes_paused", 503, can_resend=False),
    Invalid: Problem("code_malformed", 422),
}


def problem_of(failure: SportelloError) -> Problem:
    """The most fitting line of the table.

    Raises:
        SportelloError: *failure* itself, where it is none of signing in.
    """
    for kind in type(failure).__mro__:
        if kind in _PROBLEMS:
            return _PROBLEMS[kind]
    raise failure


def sentence(problem: Problem, failure: SportelloError, words: Words) -> str:
    """The problem in words, with the numbers that matter."""
    facts: dict[str, str] = {}
    if isinstance(failure, CodeWrong):
        facts["attempts"] = words.counted("attempts", int(failure.facts["attempts_left"]))
    if isinstance(failure, (CodeWait, CodeExhausted)):
        facts["duration"] = words.duration(int(failure.facts["seconds"]))
    return words(problem.text, **facts)
