"""Opening a one-time page by its token: one place that says whether a link still works."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from backend.core.challenges import Challenge, State
from backend.core.errors import LinkExpired, LinkUnknown, LinkUsed, SportelloError
from backend.core.pages import Page
from backend.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class OpenedPage:
    """A page whose link works, with the challenge that shares its message."""

    page: Page
    challenge: Challenge | None = field(default=None)

    @property
    def facts(self) -> dict[str, str]:
        """What a refusal may say of the page."""
        return {
            "market": self.page.market,
            "language": self.page.language,
            "kind": self.page.kind,
        }


def open_page(uow: UnitOfWork, token: str, now: datetime) -> OpenedPage:
    """The page of *token*; looking consumes nothing.

    Raises:
        LinkUnknown: no page has this token.
        LinkExpired: its time is over, or a newer code took its place.
        LinkUsed: it has done its work, or the code of the same message has.
    """
    page = uow.pages.by_token(token)
    if page is None:
        raise LinkUnknown
    challenge = uow.challenges.get(page.challenge_id) if page.challenge_id else None
    opened = OpenedPage(page, challenge)
    if failure := _refusal(page, challenge, now):
        raise failure(**opened.facts)
    return opened


def use_page(uow: UnitOfWork, token: str, now: datetime) -> OpenedPage:
    """Open the page of *token* and mark it used, as part of *uow*.

    Raises:
        LinkUnknown, LinkExpired: as `open_page`.
        LinkUsed: as `open_page`, or somebody was first this very moment.
    """
    opened = open_page(uow, token, now)
    if not uow.pages.use(opened.page.id, now):
        raise LinkUsed(**opened.facts)
    return opened


def _refusal(page: Page, challenge: Challenge | None, now: datetime) -> type[SportelloError] | None:
    if page.used_at is not None:
        return LinkUsed
    if challenge and challenge.state is State.VERIFIED:
        return LinkUsed
    is_over = challenge is not None and challenge.state is not State.ISSUED
    return LinkExpired if is_over or now >= page.expires_at else None
