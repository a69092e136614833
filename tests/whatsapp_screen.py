"""Draws what a customer saw on WhatsApp, as a page that can be looked at and photographed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

_BOLD = re.compile(r"(?<![\w*])\*(?=\S)([^*\n]+?)(?<=\S)\*(?![\w*])")
_ADDRESS = re.compile(r"https?://[^\s<]+")
_STYLE = """
body { margin: 0; background: #e7e2da; color: #1b1f23;
  font: 15px/1.35 system-ui, "DejaVu Sans", sans-serif }
main { max-width: 390px; margin: 0 auto; padding: 12px;
  display: flex; flex-direction: column; gap: 6px }
p { margin: 0; padding: 7px 10px; border-radius: 10px; background: #fff; max-width: 86%;
  white-space: pre-wrap; overflow-wrap: anywhere; align-self: flex-start }
p.customer { background: #d8f3d0; align-self: flex-end }
.choices { display: flex; flex-direction: column; gap: 2px; width: 88% }
.choices span { background: #fff; border-radius: 8px; padding: 8px; text-align: center }
a, .choices span { color: #0b6bcb }
"""


def page_of(lines: Sequence[Mapping[str, Any]]) -> str:
    """The lines of a `WhatsAppTalk` as HTML: bold, links and buttons as a telephone draws them."""
    drawn = "\n".join(_drawn(line) for line in lines)
    head = f'<meta charset="utf-8"><title>WhatsApp</title><style>{_STYLE}</style>'
    return f"<!doctype html><html><head>{head}</head><body><main>{drawn}</main></body></html>"


def _drawn(line: Mapping[str, Any]) -> str:
    is_tap = line["from"] == "customer" and re.fullmatch(r"\[.+\]", line["text"])
    words = escape(line["text"][1:-1] if is_tap else line["text"])
    words = _BOLD.sub(r"<b>\1</b>", words)
    words = _ADDRESS.sub(lambda found: f"<a>{found.group()}</a>", words)
    tapped = [each["title"] for each in line["buttons"] if not each["id"].isdecimal()]
    shown = "".join(f"<span>{escape(title)}</span>" for title in tapped)
    choices = f'<div class="choices">{shown}</div>' if shown else ""
    return f'<p class="{line["from"]}">{words}</p>{choices}'
