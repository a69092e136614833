"""The one-time pages behind `/t/<token>`."""

from web.pages.router import make_router

__all__ = ["make_router"]
