"""The market's password rules as a page shows them, and refusals as sentences beside the field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from backend.core.markets import PasswordRules
from web.rendering import Words

CONFIRMATION_REASONS: Final = frozenset({"mismatch"})


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the list; `name` is also the name of the browser's own check."""

    name: str
    facts: Mapping[str, int] = field(default_factory=dict)


REPETITION: Final = Rule("match")


def rules_of(rules: PasswordRules) -> list[Rule]:
    """What the list shows: the rules that a browser can check while the customer types."""
    length = Rule("length", {"min": rules.least, "max": rules.most})
    return [length, *(Rule(need) for need in rules.needs)]


def rules_for_browsers(rules: PasswordRules) -> str:
    """The rules in the notation of the `passwordrules` attribute, which Safari proposes from."""
    needs = "".join(f" required: {need};" for need in rules.needs)
    return f"minlength: {rules.least}; maxlength: {rules.most};{needs}"


def problems_of(reasons: Iterable[str], rules: PasswordRules, words: Words) -> dict[str, list[str]]:
    """Each refusal as a sentence, beside the field it concerns; never the value itself."""
    beside: dict[str, list[str]] = {"problems": [], "confirmation_problems": []}
    for reason in reasons:
        place = "confirmation_problems" if reason in CONFIRMATION_REASONS else "problems"
        sentence = words.known(f"reason_{reason}", "reason_other", min=rules.least, max=rules.most)
        if sentence not in beside[place]:
            beside[place].append(sentence)
    return beside
