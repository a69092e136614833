"""Identity documents that customers send in on a one-time page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from backend.adapters.crypto import new_id
from backend.core.audit import AuditEntry, Event
from backend.core.errors import LinkUnknown, UploadRefused
from backend.core.files import NewFile, Purpose
from backend.core.markets import Markets
from backend.core.pages import Page, PageKind
from backend.core.uploads import (
    BACK,
    FRONT,
    CleanFile,
    FileRefused,
    Reason,
    Upload,
    media_type_of,
    needs_back,
)
from backend.ports import Clock, FileCleaner
from backend.services.opening import open_page, use_page
from backend.services.pages import PageResult
from backend.unit_of_work import UnitOfWork, UnitOfWorkFactory


@dataclass(frozen=True, slots=True)
class UploadOffer:
    """For whom an upload page is made, and what it belongs to."""

    conversation_id: str
    market: str
    language: str
    account_id: str | None = None
    reference: str | None = None
    """A request that needs documents again; None begins a new upload."""


class Uploads:
    """Makes upload pages and takes what is sent there."""

    def __init__(
        self, uow: UnitOfWorkFactory, clock: Clock, markets: Markets, cleaner: FileCleaner
    ) -> None:
        self._uow = uow
        self._clock = clock
        self._markets = markets
        self._cleaner = cleaner

    def offer(self, uow: UnitOfWork, offer: UploadOffer, now: datetime) -> Page:
        """A page for one upload; its `reference` is what `uow.files` will know the files by."""
        life = timedelta(seconds=self._markets.limits(offer.market).upload_link_ttl)
        return uow.pages.add(
            kind=PageKind.UPLOAD,
            conversation_id=offer.conversation_id,
            market=offer.market,
            language=offer.language,
            account_id=offer.account_id,
            reference=offer.reference or new_id("u"),
            now=now,
            expires_at=now + life,
        )

    def store(
        self, token: str, document_type: str, front: Upload | None, back: Upload | None
    ) -> PageResult:
        """Check the files and keep them, once; nothing is kept where one is refused.

        Raises:
            UploadRefused: with a reason for every field that has one; the page stays open.
            LinkUnknown, LinkExpired, LinkUsed: as `Pages.view`.
            Unavailable: the files cannot be looked at now.
        """
        with self._uow(read_only=True) as uow:
            page, reference = self._opened(uow, token)
            kept = len(uow.files.of_reference(reference))
        limits = self._markets.limits(page.market)
        # Outside of any unit of work: it takes a while.
        clean = self._checked(page.market, document_type, {FRONT: front, BACK: back})
        if kept + len(clean) > limits.upload_files:
            raise UploadRefused(((FRONT, Reason.TOO_MANY),))
        now = self._clock.now()
        with self._uow() as uow:
            page = use_page(uow, token, now).page
            gone_at = now + timedelta(seconds=limits.upload_unclaimed)
            for side, file in clean.items():
                new = NewFile(
                    Purpose.IDENTITY, reference, file.media_type, file.content, side, document_type
                )
                uow.files.add(new, now, unclaimed_until=gone_at)
            entry = AuditEntry(
                Event.DOCUMENT_UPLOADED,
                subject=page.account_id or "",
                conversation_id=page.conversation_id,
                reason=f"{document_type} {'+'.join(clean)}",
            )
            uow.audit.add(entry, now)
            uow.commit()
        return PageResult(page.conversation_id, page.market, page.language)

    def _opened(self, uow: UnitOfWork, token: str) -> tuple[Page, str]:
        page = open_page(uow, token, self._clock.now()).page
        if page.kind != PageKind.UPLOAD or page.reference is None:
            raise LinkUnknown
        return page, page.reference

    def _checked(
        self, market: str, document_type: str, sides: dict[str, Upload | None]
    ) -> dict[str, CleanFile]:
        """The files made anew, by side.

        Raises:
            UploadRefused: for every field at once.
        """
        limits = self._markets.limits(market)
        problems: list[tuple[str, str]] = []
        if document_type not in self._markets[market].identity_documents:
            problems.append(("document_type", Reason.DOCUMENT_TYPE))
        clean: dict[str, CleanFile] = {}
        kinds: dict[str, str] = {}
        for side, upload in sides.items():
            if upload is None or not upload.content:
                if side == FRONT or needs_back(document_type, kinds.get(FRONT)):
                    problems.append((side, Reason.MISSING))
                continue
            try:
                kinds[side] = media_type_of(upload, limits.upload_bytes)
                clean[side] = self._cleaner.clean(kinds[side], upload.content, limits)
            except FileRefused as refused:
                problems.append((side, refused.reason))
        if problems:
            raise UploadRefused(tuple(problems))
        return clean
