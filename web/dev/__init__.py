"""Development doors: they do not exist in production."""

from web.dev.router import make_router

__all__ = ["make_router"]
