"""Conversations as JSON, the same in the development doors and on the widget's socket."""

from __future__ import annotations

import re
from typing import Any

from backend.services.conversations import Snapshot
from web.gateway.service import Shown

_ADDRESS = re.compile(r"https?://[^\s<>\"']+")
_TRAILING = ".,;:!?)]}»”"


def state_of(snapshot: Snapshot) -> dict[str, Any]:
    """Where a conversation stands."""
    conversation = snapshot.conversation
    return {
        "flow": conversation.flow,
        "asking": conversation.asking,
        "language": conversation.language,
        "market": conversation.market,
        "held_by": conversation.held_by,
    }


def line_of(shown: Shown) -> dict[str, Any]:
    """One line of the conversation as its customer sees it."""
    line = shown.line
    return {
        "seq": line.seq,
        "from": line.author.value,
        "text": line.text,
        "buttons": [{"id": button.id, "title": button.title} for button in line.buttons],
        "page": _page_of(shown),
        "links": _links_of(shown),
        "at": line.at.isoformat().replace("+00:00", "Z"),
    }


def _page_of(shown: Shown) -> dict[str, Any] | None:
    page = shown.line.page
    if page is None:
        return None
    return {
        "kind": page.kind,
        "minutes": page.minutes,
        "url": shown.page_url,
        "expires_at": page.expires_at.isoformat().replace("+00:00", "Z"),
    }


def _links_of(shown: Shown) -> list[str]:
    """The page's address, then those in the text, each once."""
    found = [match.rstrip(_TRAILING) for match in _ADDRESS.findall(shown.line.text)]
    links = [shown.page_url, *found] if shown.page_url else found
    return list(dict.fromkeys(links))
