"""The web application: routes, middleware and error handling, visible in one call."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from pathlib import Path

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.templating import Jinja2Templates
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import JSONResponse
from starlette.staticfiles import StaticFiles

from backend.bootstrap import Backend
from backend.core import errors
from backend.core.whatsapp import CHANNEL as WHATSAPP
from backend.core.whatsapp import MEDIA_CHANNEL as WHATSAPP_MEDIA
from backend.texts import Texts
from web import area, demo, dev, health, pages
from web.chores import Chores
from web.gateway import whatsapp, widget
from web.gateway.engine import EngineClient
from web.gateway.numbers import GatewayNumbers
from web.gateway.service import Gateway
from web.incidents import IncidentMiddleware
from web.rendering import wished_language
from web.security import BodyLimitMiddleware, CrossOriginMiddleware, SecurityHeadersMiddleware

log = structlog.get_logger(__name__)

_HERE = Path(__file__).parent
_BODY_LIMIT = 256 * 1024
_LIMITS: Mapping[str, int | None] = {"/t/": None, "/whatsapp/": whatsapp.BODY_LIMIT}

_STATUS: Mapping[type[errors.SportelloError], int] = {
    errors.NotAllowed: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.Expired: 410,
    errors.Mismatch: 422,
    errors.Invalid: 422,
    errors.TooMany: 429,
    errors.Rejected: 502,
    errors.Unavailable: 503,
}


def create_app(
    backend: Backend, engine: EngineClient, *, numbers: GatewayNumbers | None = None
) -> FastAPI:
    """Put the web process together; `engine` is whoever runs the turns."""
    numbers = numbers or GatewayNumbers()
    chores = Chores(
        deliver=partial(backend.notices.deliver_due, channels=("sms", "email")),
        deliver_too=_whatsapp_workers(backend, numbers.whatsapp_workers),
        sweep=backend.sweep,
        retain=backend.maintenance.retain,
        tidy=backend.tidy,
    )
    gateway = Gateway(backend, engine, numbers, after_turn=chores.nudge)
    app = FastAPI(
        title="Sportello",
        openapi_url=None,
        lifespan=_lifespan(gateway, chores),
        middleware=_middleware(backend),
        exception_handlers={
            errors.SportelloError: _answer_error,
            RequestValidationError: _answer_invalid,
        },
    )
    app.state.gateway = gateway
    _include_routes(app, backend, engine, gateway, chores)
    return app


def _whatsapp_workers(backend: Backend, workers: int) -> list[Callable[[], int]]:
    """Several, since each waits for the provider; none of them takes what another has."""
    if backend.whatsapp is None:
        return []
    deliver = backend.notices.deliver_due
    return [
        *(partial(deliver, channels=(WHATSAPP,)) for _ in range(workers)),
        partial(deliver, channels=(WHATSAPP_MEDIA,)),
    ]


def _include_routes(
    app: FastAPI, backend: Backend, engine: EngineClient, gateway: Gateway, chores: Chores
) -> None:
    templates = Jinja2Templates(_HERE / "templates")
    app.include_router(health.make_router(health.checks_of(backend, engine)))
    app.include_router(widget.make_router(backend, gateway))
    app.include_router(whatsapp.make_router(backend, gateway))
    app.include_router(pages.make_router(backend, gateway, templates))
    app.include_router(area.make_router(backend, gateway, templates))
    app.include_router(demo.make_router(backend, gateway, templates))
    app.mount("/static", StaticFiles(directory=_HERE / "static"), name="static")
    if not backend.settings.is_production:
        app.include_router(dev.make_router(backend, gateway, chores))


def _middleware(backend: Backend) -> list[Middleware]:
    """From the outside in."""
    settings = backend.settings
    texts = Texts.load(settings.texts_dir / "gateway.yml")

    def words(request: Request, incident: str) -> str:
        return texts.get("failure", wished_language(request), incident=incident)

    return [
        Middleware(
            SecurityHeadersMiddleware, https=settings.public_base_url.startswith("https://")
        ),
        Middleware(TrustedHostMiddleware, allowed_hosts=list(settings.trusted_hosts)),
        Middleware(CrossOriginMiddleware, prefix=widget.PREFIX, origins=settings.widget_origins),
        Middleware(IncidentMiddleware, words=words),
        Middleware(BodyLimitMiddleware, limit=_BODY_LIMIT, larger=_LIMITS),
    ]


def _lifespan(
    gateway: Gateway, chores: Chores
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def run(_app: FastAPI) -> AsyncIterator[None]:
        await gateway.start()
        await chores.start()
        log.info("web_started")
        try:
            yield
        finally:
            log.info("web_stopping")
            await gateway.stop()
            await chores.stop()

    return run


async def _answer_error(_request: Request, failure: Exception) -> JSONResponse:
    status = next((_STATUS[kind] for kind in type(failure).__mro__ if kind in _STATUS), 500)
    code = failure.reason if isinstance(failure, errors.SportelloError) else "internal"
    return JSONResponse({"error": code}, status)


async def _answer_invalid(_request: Request, failure: Exception) -> JSONResponse:
    """Name the fields, never what was in them."""
    problems = failure.errors() if isinstance(failure, RequestValidationError) else []
    fields = [".".join(str(part) for part in problem["loc"]) for problem in problems]
    return JSONResponse({"error": "invalid", "fields": fields}, 422)
