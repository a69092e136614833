"""Which page a customer sees when a one-time link cannot do its work. One table, one place."""

from __future__ import annotations

from dataclasses import dataclass

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
    told = failure.facts.get("language")
    market = failure.facts.get("market")
    facts = {
        "language": told if told in LANGUAGES else wished_language(request),
        "market": market if isinstance(market, str) else None,
        "status": answer.status,
    }
    if answer is _EXPIRED:
        return renderer.page(request, "pages/expired.html", action=f"/t/{token}", **facts)
    if answer is _USED:
        facts |= {"link": "/area/login", "link_text": "open_area", "link_class": "button-quiet"}
        facts["help_title"] = renderer.words(str(facts["language"]))("used_otherwise")
    return renderer.page(request, "pages/message.html", name=answer.name, mark=answer.mark, **facts)


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
