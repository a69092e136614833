"""The customer area: signing in with a second code, and what the account may see."""

from web.area.router import make_router

__all__ = ["make_router"]
