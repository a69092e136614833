"""Which page a customer sees when a one-time link cannot do its work. One table, one place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from backend.core.errors import Conflict, Expired, NotFound, SportelloError, TooMany
from backend.texts import LANGUAGES
from web.rendering import Renderer, wished_language


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    name: str
    mark: str


_EXPIRED = _Answer(410, "expired", "time")
_USED = _Answer(410, "used", "success")
_UNKNOWN = _Answer(404, "unknown", "search")
_RENEW_REFUSED = _Answer(429, "renew_refused", "time")
_UNAVAILABLE = _Answer(503, "unavailable", "alert")


def failure_page(
    renderer: Renderer,
    request: Request,
    failure: SportelloError,
    token: str,
    *,
    renewing: bool = False,
) -> Response:
    """The kind page for *failure*, in the language of its conversation where that is known."""
    answer = _answer(failure, renewing=renewing)
    told, market = failure.facts.get("language"), failure.facts.get("market")
    language = str(told) if told in LANGUAGES else wished_language(request)
    facts: dict[str, Any] = {"name": answer.name, "mark": answer.mark}
    template = "pages/message.html"
    if answer is _EXPIRED:
        template, facts = "pages/expired.html", {"action": f"/t/{token}"}
    elif answer is _USED:
        facts |= {
            "link": "/area/login",
            "link_text": "open_area",
            "link_class": "button-quiet",
            "help_title": renderer.words(language)("used_otherwise"),
        }
    return renderer.page(
        request,
        template,
        language=language,
        market=str(market) if market else None,
        status=answer.status,
        **facts,
    )


def _answer(failure: SportelloError, *, renewing: bool) -> _Answer:
    match failure:
        case Expired():
            return _EXPIRED
        case Conflict():
            return _USED
        case NotFound():
            return _UNKNOWN
        case TooMany():
            # While confirming: the code's tries are spent, and its link with it.
            return _RENEW_REFUSED if renewing else _EXPIRED
        case _:
            return _UNAVAILABLE
