"""`/demo`: what an insurer's own page looks like with the chat embedded, in both markets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.templating import Jinja2Templates
from starlette.responses import Response

from web.rendering import Renderer, wished_language

if TYPE_CHECKING:
    from backend.bootstrap import Backend
    from web.gateway.service import Gateway

_DEFAULT_MARKET = "it"


def make_router(backend: Backend, gateway: Gateway, templates: Jinja2Templates) -> APIRouter:  # noqa: ARG001 - all routers are made alike
    """The route of the sample page."""
    router = APIRouter()
    renderer = Renderer(backend, templates, files=("pages.yml",))

    def show(request: Request) -> Response:
        names = backend.markets.names()
        wish = request.query_params.get("market")
        market = backend.markets[wish if wish in names else _DEFAULT_MARKET]
        return renderer.page(
            request,
            "demo/index.html",
            language=wished_language(request, default=market.default_language),
            market=market.name,
            markets=names,
        )

    router.add_api_route("/demo", show, methods=["GET", "HEAD"], include_in_schema=False)
    return router
