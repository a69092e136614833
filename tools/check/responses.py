"""Responses: every key in three languages, same placeholders, buttons that fit, nothing missing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from backend.core.flow import ERROR_REMARKS, REMARKS
from backend.core.requests import Reason, State
from tools.check.finding import LANGUAGES, Finding, compose, entries, items, plain

LONGEST_TITLE = 20  # WhatsApp cuts what is longer
LONGEST_BODY = 1024
PLACEHOLDER = re.compile(r"\{(\w+)\}")
# Facts that the actions add to those of a step and of the market.
ADDED_FACTS = {
    "login_url", "other_assistance", "summary", "value", "incident", "minutes", "link_minutes",
    "seconds", "destination", "username", "attempts_left", "consent_url", "policy_example",
    "mobile_example", "current", "wanted",
}.union(*REMARKS.values())  # fmt: skip
SPOKEN_BY_SCHEME = {"no_contact_fits": ("agency", "employer", "inarcassa", "cassa_geometri")}
SPOKEN_BY_REASON = {"request_rejected": tuple(Reason)}
# What the chat says by itself when a request is decided.
NEWS = (
    *(state for state in State if state not in {State.SUBMITTED, State.REJECTED}),
    *(f"{State.REJECTED}__{reason}" for reason in Reason),
)


def check(files: Iterable[Path], facts: set[str]) -> Iterator[Finding]:
    """Findings in the responses of *files*; *facts* are the placeholders that the markets give."""
    homes: dict[str, tuple[str, int]] = {}
    for path in files:
        for key, line, node in items(dict_of(path).get("responses")):
            if key in homes:
                there = "{}:{}".format(*homes[key])
                yield Finding(
                    str(path), line, f"{key} stands in {there} too; the last one would win"
                )
            homes[key] = (str(path), line)
            yield from _variations(str(path), key, line, node, facts)
    yield from _missing(homes)


def dict_of(path: Path) -> dict[str, Any]:
    """Top-level keys of a YAML file -> nodes."""
    return {key: node for key, _, node in items(compose(path))}


def _variations(path: str, key: str, line: int, node: Any, facts: set[str]) -> Iterator[Finding]:
    by_condition: dict[str, dict[str, Mapping[str, Any]]] = {}
    default: Mapping[str, Any] | None = None
    for at, entry in entries(node):
        variation = plain(entry)
        conditions = {c["name"]: c["value"] for c in variation.get("condition", [])}
        language = conditions.pop("language", "")
        others = ",".join(f"{name}={value}" for name, value in sorted(conditions.items()))
        if not language and not conditions:
            default = variation
        by_condition.setdefault(others, {})[language or "en"] = variation
        yield from _one(path, key, at, variation, facts)
    if default is None:
        yield Finding(
            path, line, f"{key} has no variation without a condition: it could fall silent"
        )
    for others, languages in by_condition.items():
        if others == "" and len(by_condition) > 1:
            continue
        yield from _parity(path, key, line, others, languages)


def _one(
    path: str, key: str, line: int, variation: Mapping[str, Any], facts: set[str]
) -> Iterator[Finding]:
    text = str(variation.get("text", ""))
    unknown = set(PLACEHOLDER.findall(text)) - facts - ADDED_FACTS
    for name in sorted(unknown):
        yield Finding(path, line, f"{key}: nobody fills {{{name}}}")
    if len(text) > LONGEST_BODY:
        yield Finding(path, line, f"{key}: {len(text)} characters; WhatsApp takes {LONGEST_BODY}")
    for button in variation.get("buttons", []):
        title = str(button.get("title", ""))
        if not 0 < len(title) <= LONGEST_TITLE:
            yield Finding(
                path, line, f"{key}: button «{title}» needs 1 to {LONGEST_TITLE} characters"
            )


def _parity(
    path: str, key: str, line: int, others: str, languages: Mapping[str, Mapping[str, Any]]
) -> Iterator[Finding]:
    where = f" for {others}" if others else ""
    missing = [language for language in LANGUAGES if language not in languages]
    if missing:
        yield Finding(path, line, f"{key}{where} is missing in {', '.join(missing)}")
    shapes = {
        language: (
            frozenset(PLACEHOLDER.findall(str(variation.get("text", "")))),
            tuple(str(b.get("payload")) for b in variation.get("buttons", [])),
        )
        for language, variation in languages.items()
    }
    if len(set(shapes.values())) > 1:
        yield Finding(path, line, f"{key}{where}: languages differ in placeholders or in buttons")


def _missing(homes: Mapping[str, Any]) -> Iterator[Finding]:
    """A remark of a service that nobody would hear."""
    for code in sorted(REMARKS):
        for name in _names_of(code):
            if name not in homes:
                yield Finding("data", 0, f"{name} is said by a service and written nowhere")
    for state in NEWS:
        if f"utter_request_news__{state}" not in homes:
            yield Finding("data", 0, f"nobody is told that a request was decided so: {state}")


def _names_of(code: str) -> list[str]:
    kinds = {**SPOKEN_BY_SCHEME, **SPOKEN_BY_REASON}.get(code)
    if kinds:
        return [f"utter_{code}__{kind}" for kind in kinds]
    return [f"utter_error__{code}" if code in ERROR_REMARKS else f"utter_{code}"]
