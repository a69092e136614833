"""How every page for customers is rendered: words by language, CSRF cookie and field, status.

Knows nothing of links, accounts or policies; the routers hand over what to show.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from fastapi.templating import Jinja2Templates
from starlette.requests import Request
from starlette.responses import Response

from backend.texts import LANGUAGES, Texts
from web.security import CSRF_FIELD, Csrf

if TYPE_CHECKING:
    from backend.bootstrap import Backend

LANGUAGE_COOKIE = "sportello_language"
_MINUTE = 60


class Words:
    """The texts of one file in one language; what the templates call `t`."""

    def __init__(self, texts: Texts, language: str) -> None:
        self._texts = texts
        self.language = language

    def __call__(self, key: str, **facts: str | int) -> str:
        return self._texts.get(key, self.language, **facts)

    def known(self, key: str, otherwise: str, **facts: str | int) -> str:
        """*key*, or *otherwise* where there is no such key."""
        return self(key if key in self._texts else otherwise, **facts)

    def counted(self, key: str, count: int) -> str:
        """`<key>_one` or `<key>_other`, with the number in it."""
        return self(f"{key}_one" if count == 1 else f"{key}_other", count=count)

    def duration(self, seconds: int) -> str:
        """Seconds below two minutes, else whole minutes, never fewer than are left."""
        if seconds < 2 * _MINUTE:
            return self.counted("seconds", max(seconds, 0))
        return self.counted("minutes", math.ceil(seconds / _MINUTE))


class Renderer:
    """Turns a template and its facts into an answer in the customer's language."""

    def __init__(
        self, backend: Backend, templates: Jinja2Templates, *, files: tuple[str, ...]
    ) -> None:
        self._templates = templates
        self._texts = _merged(backend, files)
        self._markets = backend.markets
        self.https = backend.settings.public_base_url.startswith("https://")
        self.csrf = Csrf(backend.vault.derive("csrf"), https=self.https)

    def words(self, language: str) -> Words:
        """The texts in *language*."""
        return Words(self._texts, language)

    def page(
        self,
        request: Request,
        template: str,
        *,
        language: str,
        market: str | None = None,
        status: int = 200,
        **facts: Any,
    ) -> Response:
        """The page, with its CSRF cookie."""
        context = {
            "t": self.words(language),
            "language": language,
            "csrf_name": CSRF_FIELD,
            "csrf_value": self.csrf.field(request),
            "market": self._markets[market] if market else None,
            **facts,
        }
        response = self._templates.TemplateResponse(
            request, template, context, status_code=status, headers={"Content-Language": language}
        )
        self.csrf.attach(request, response)
        return response


def _merged(backend: Backend, files: tuple[str, ...]) -> Texts:
    """One look-up over several files; a later file's key wins."""
    folder = backend.settings.texts_dir
    entries = {}
    for name in files:
        texts = Texts.load(folder / name)
        entries.update({key: texts.variants(key) for key in texts.keys()})  # noqa: SIM118
    return Texts(entries)


def wished_language(request: Request, default: str = "en") -> str:
    """`?lang=`, else the one chosen before, else the best of Accept-Language, else *default*."""
    chosen = chosen_language(request)
    if chosen:
        return chosen
    for wish in _accepted(request.headers.get("accept-language", "")):
        if wish in LANGUAGES:
            return wish
    return default


def chosen_language(request: Request) -> str | None:
    """The language somebody chose by the switch, now or before."""
    for wish in (request.query_params.get("lang"), request.cookies.get(LANGUAGE_COOKIE)):
        if wish in LANGUAGES:
            return wish
    return None


def remember_language(request: Request, response: Response, *, https: bool) -> None:
    """Keep a language chosen by `?lang=` for the rest of the visit."""
    wish = request.query_params.get("lang")
    if wish in LANGUAGES:
        response.set_cookie(
            LANGUAGE_COOKIE, wish, path="/", httponly=True, samesite="lax", secure=https
        )


def _accepted(header: str) -> list[str]:
    """Primary language tags of an Accept-Language header, best first (RFC 9110 §12.5.4)."""
    weighed: list[tuple[float, str]] = []
    for entry in header[:500].split(","):
        tag, _, parameters = entry.strip().partition(";")
        name, _, quality = parameters.strip().partition("=")
        try:
            weight = float(quality) if name.strip() == "q" else 1.0
        except ValueError:
            weight = 0.0
        if weight > 0:
            weighed.append((weight, tag.strip().lower().partition("-")[0]))
    return [tag for _, tag in sorted(weighed, key=lambda pair: -pair[0])]
