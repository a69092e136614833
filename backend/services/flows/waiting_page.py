"""A one-time page that a flow waits for: shown, reminded of, made anew when it ran out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from typing import Any, Final

from backend.core.flow import Command, Outcome, PageRef
from backend.core.pages import Page
from backend.services.flows.work import Work

_WANTS_LINK: Final = frozenset(
    {Command.RESEND, Command.PAGE_RENEWAL, Command.NOT_AVAILABLE, Command.OTHER_CHANNEL}
)


@dataclass(frozen=True, slots=True)
class WaitingPage:
    """What is said of the page, as codes of remarks."""

    link: str
    """Carries the page."""
    waiting: str

    def begin(self, work: Work[Any], page: Page) -> None:
        """Show *page*; the flow waits for it from here on."""
        work.draft.page_id = page.id
        self._show(work, page)

    @staticmethod
    def is_done(work: Work[Any]) -> bool:
        """Whether the page has done its work."""
        page = work.uow.pages.get(work.draft.page_id or "")
        return page is not None and page.used_at is not None

    def remind(self, work: Work[Any], make: Callable[[], Page]) -> None:
        """One message while the page waits; *make* gives another one, as often as is allowed."""
        page = work.uow.pages.get(work.draft.page_id or "")
        if page and page.is_open(work.now):
            work.waits_until = page.expires_at
            if work.command in _WANTS_LINK:
                self._show(work, page)
            elif not work.remarks:
                work.tell(self.waiting)
        elif work.draft.page_renewals < work.limits.page_renewals:
            work.draft.page_renewals += 1
            self.begin(work, make())
        else:
            work.end(Outcome.PERSON, "contact_help")

    def _show(self, work: Work[Any], page: Page) -> None:
        work.waits_until = page.expires_at
        show_page(work, page, self.link)


def show_page(work: Work[Any], page: Page, remark: str, **facts: str) -> None:
    """Let *remark* carry the page's link."""
    minutes = max(1, ceil((page.expires_at - work.now).total_seconds() / 60))
    work.page = PageRef(page.id, page.kind, minutes)
    work.tell(remark, minutes=minutes, **facts)
