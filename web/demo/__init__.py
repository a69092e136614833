"""A sample insurer's page with the chat on it."""

from web.demo.router import make_router

__all__ = ["make_router"]
