"""How a message has to look to be shown whole by WhatsApp, and when it may be sent freely.

Lengths are those of WhatsApp and of Twilio's API, in UTF-16 units, which is how they count.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from backend.core.conversation import Button
from backend.core.notices import Words

CHANNEL: Final = "whatsapp"
MEDIA_CHANNEL: Final = "whatsapp_media"
"""Not messages: what customers sent and the provider is to delete."""

TEXT_MOST: Final = 1_600
BODY_MOST: Final = 1_024
TAPS_MOST: Final = 3
"""More would need an approved template."""
TAP_TITLE_MOST: Final = 20
ROWS_MOST: Final = 10
ROW_TITLE_MOST: Final = 24

_WINDOW: Final = timedelta(hours=24) - timedelta(minutes=2)
"""After a customer's last message; a little less, for the way to WhatsApp."""
_STILL_ASKED_FOR: Final = timedelta(minutes=30)
"""As long as a page that the conversation waits for may be open."""

_BOLD: Final = re.compile(r"(?<!\*)\*\*(?=[\w«“\"'(])([^\n]*?[^\s*])\*\*(?!\*)")
_LINK: Final = re.compile(r"\[([^\]\n]+)\]\((https?://[^\s)]+)\)")
_HEADING: Final = re.compile(r"^#{1,6} +(.+?)$", re.MULTILINE)
_MARK: Final = "\ue000"
"""Where bold begins and ends, until the other asterisks are gone; nobody writes it."""
_HIDING: Final = re.compile(r"(?<=[^\s*])\*+|\*+(?=[^\s*])")
_BLANK_LINES: Final = re.compile(r"\n{3,}")
_ENDS: Final = (
    re.compile(r"\n\s*\n"),
    re.compile(r"[.!?…][\"'»”)]*\s+|\n"),
    re.compile(r"\s+"),
)


class Form(StrEnum):
    """How choices are shown."""

    TAPS = "taps"
    ROWS = "rows"
    NUMBERS = "numbers"


@dataclass(frozen=True, slots=True)
class Phrases:
    """Words around choices, in the customer's language."""

    choose: str
    """Stands where a message is nothing but its choices."""
    open_list: str
    by_number: str


def form_of(titles: Sequence[str]) -> Form:
    """The best form that shows every title whole."""
    longest = max(map(size, titles), default=0)
    if len(set(titles)) < len(titles):
        return Form.NUMBERS
    if len(titles) <= TAPS_MOST and longest <= TAP_TITLE_MOST:
        return Form.TAPS
    if len(titles) <= ROWS_MOST and longest <= ROW_TITLE_MOST:
        return Form.ROWS
    return Form.NUMBERS


def in_pieces(
    text: str, choices: Sequence[Button], phrases: Phrases, *, first_number: int = 1
) -> list[Words]:
    """A message as those that WhatsApp takes, in their order; the last one has the choices.

    `first_number` is that of the first choice, where the same turn has offered others before.
    """
    told = plain(text)
    if not choices:
        return [Words(None, piece) for piece in split(told, TEXT_MOST)]
    told = told or phrases.choose
    choices = [Button(each.id, plain(each.title)) for each in choices]
    rows = [f"{number}. {each.title}" for number, each in enumerate(choices, first_number)]
    numbered = "\n".join(rows) + f"\n\n{phrases.by_number}"
    if form_of([each.title for each in choices]) is Form.NUMBERS:
        return [Words(None, piece) for piece in _with_list(told, numbered)]
    *before, last = split(told, BODY_MOST)
    asked = Words(
        None,
        last,
        choices=tuple(choices),
        open_list=phrases.open_list,
        numbered=f"{last}\n\n{numbered}"[:TEXT_MOST],
    )
    return [*(Words(None, piece) for piece in before), asked]


def plain(text: str) -> str:
    """Markdown as WhatsApp writes it: one asterisk for bold, addresses in the open.

    Asterisks that hide a datum (`**/**/1985`) would make bold of what stands between them:
    they become dots.
    """
    shown = _LINK.sub(lambda link: _address(link[1], link[2]), text)
    shown = _HEADING.sub(r"**\1**", shown)
    shown = _BOLD.sub(rf"{_MARK}\1{_MARK}", shown)
    shown = _HIDING.sub(lambda stars: "•" * len(stars[0]), shown).replace(_MARK, "*")
    return _BLANK_LINES.sub("\n\n", shown).strip()


def split(text: str, most: int) -> list[str]:
    """Pieces of at most `most`, cut between paragraphs, else sentences, else words."""
    pieces = []
    rest = text.strip()
    while size(rest) > most:
        cut = _cut(rest, most)
        pieces.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*pieces, rest] if rest else pieces


def size(text: str) -> int:
    """The length as WhatsApp counts it."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def may_write_freely(now: datetime, last_heard: datetime) -> bool:
    """Whether words of our own may be sent, not only an approved template."""
    return now - last_heard < _WINDOW


def is_unasked(now: datetime, last_heard: datetime) -> bool:
    """Whether a message that the house begins comes out of the blue for the customer."""
    return now - last_heard > _STILL_ASKED_FOR


def _address(title: str, address: str) -> str:
    return address if title == address else f"{title}: {address}"


def _cut(text: str, most: int) -> int:
    head = text[:most]
    while size(head) > most:
        head = head[: len(head) - (size(head) - most + 1) // 2]
    for ends in _ENDS:
        found = [end.end() for end in ends.finditer(head) if end.start() > most // 4]
        if found:
            return found[-1]
    return len(head)


def _with_list(text: str, numbered: str) -> list[str]:
    """The list stays whole and under its question wherever both fit."""
    if size(text) + size(numbered) + 2 <= TEXT_MOST:
        return [f"{text}\n\n{numbered}"]
    return [*split(text, TEXT_MOST), *split(numbered, TEXT_MOST)]
