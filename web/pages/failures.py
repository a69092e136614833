"""Which page a customer sees when a one-time link cannot do its work. One table, one place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from backend.core.errors import Conflict, Expired, NotFound, SportelloError, TooMany
from backend.core.pages import PageKind
from backend.texts import LANGUAGES
from web.rendering import Renderer, wished_language


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    name: str
    mark: str
    help_title: str | None = None
    leads_to_area: bool = False


_EXPIRED: Final = _Answer(410, "expired", "time")
_USED: Final = _Answer(410, "used", "success", "used_otherwise", leads_to_area=True)
_UNKNOWN: Final = _Answer(404, "unknown", "search")
_RENEW_REFUSED: Final = _Answer(429, "renew_refused", "time")
_UNAVAILABLE: Final = _Answer(503, "unavailable", "alert")

_EXPIRED_BY_KIND: Final[Mapping[str, _Answer]] = {
    PageKind.DOCUMENT: _Answer(410, "document_expired", "time", leads_to_area=True),
    PageKind.VETO: _Answer(410, "veto_expired", "time", "veto_call"),
}
_USED_BY_KIND: Final[Mapping[str, _Answer]] = {
    PageKind.UPLOAD: _Answer(410, "upload_used", "success", "used_otherwise"),
    PageKind.DOCUMENT: _Answer(
        410, "document_used", "success", "used_otherwise", leads_to_area=True
    ),
    PageKind.VETO: _Answer(410, "veto_used", "success", "veto_call"),
}


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
    if answer.help_title:
        facts["help_title"] = renderer.words(language)(answer.help_title)
    if answer.leads_to_area:
        facts |= {"link": "/area/login", "link_text": "open_area", "link_class": "button-quiet"}
    return renderer.page(
        request,
        template,
        language=language,
        market=str(market) if market else None,
        status=answer.status,
        **facts,
    )


def _answer(failure: SportelloError, *, renewing: bool) -> _Answer:
    kind = str(failure.facts.get("kind", ""))
    match failure:
        case Expired():
            return _EXPIRED_BY_KIND.get(kind, _EXPIRED)
        case Conflict():
            return _USED_BY_KIND.get(kind, _USED)
        case NotFound():
            return _UNKNOWN
        case TooMany():
            # While confirming: the code's tries are spent, and its link with it.
            return _RENEW_REFUSED if renewing else _EXPIRED
        case _:
            return _UNAVAILABLE
