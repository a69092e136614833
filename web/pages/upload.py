"""The page on which an identity document is sent in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from backend.core.errors import UploadRefused
from backend.core.uploads import BACK, FRONT, JPEG, PDF, PNG, Reason, Upload
from web.forms import BodyTooLarge, SentFile, read_upload
from web.pages.parts import PageParts

if TYPE_CHECKING:
    from backend.services.pages import PageView

_MEGABYTE: Final = 1024 * 1024
_BESIDE_FILES: Final = 64 * 1024
"""What a form needs beside its files."""
_ACCEPTED: Final = ",".join((JPEG, PNG, PDF))


class UploadPage:
    """A kind of document, its front and its back."""

    def __init__(self, parts: PageParts) -> None:
        self._parts = parts

    async def show(self, request: Request, token: str, view: PageView) -> Response:
        """The form."""
        return self._form(request, token, view)

    async def submit(self, request: Request, token: str, view: PageView) -> Response:
        """Take the files, and let the conversation go on."""
        limits = self._parts.backend.markets.limits(view.market)
        try:
            form, files = await read_upload(
                request,
                most_bytes=2 * limits.upload_bytes + _BESIDE_FILES,
                most_files=limits.upload_files,
            )
        except BodyTooLarge:
            return self._form(request, token, view, problems=(("form", Reason.TOO_BIG),))
        if not self._parts.is_ours(request, form):
            return self._parts.stale(request, token)
        chosen = form.get("document_type", "")
        try:
            result = await run_in_threadpool(
                self._parts.backend.uploads.store,
                token,
                chosen,
                _upload(files.get(FRONT)),
                _upload(files.get(BACK)),
            )
        except UploadRefused as refused:
            return self._form(request, token, view, problems=refused.problems, chosen=chosen)
        await self._parts.tell(result.conversation_id, "page_done")
        return self._parts.done(request, view)

    def _form(
        self,
        request: Request,
        token: str,
        view: PageView,
        *,
        problems: tuple[tuple[str, str], ...] = (),
        chosen: str = "",
    ) -> Response:
        facts = self._facts(view)
        return self._parts.form(
            request,
            token,
            view,
            status=_status(problems),
            problems=self._sentences(view, problems),
            first_problem=problems[0][0] if problems else None,
            chosen=chosen,
            document_types=self._parts.backend.markets[view.market].identity_documents,
            accepted=_ACCEPTED,
            facts=facts,
            # What the browser says by itself, before anything is sent.
            too_big=self._sentence(view, Reason.TOO_BIG),
            wrong_type=self._sentence(view, Reason.TYPE),
        )

    def _facts(self, view: PageView) -> Mapping[str, Any]:
        limits = self._parts.backend.markets.limits(view.market)
        return {
            "megabytes": limits.upload_bytes // _MEGABYTE,
            "pages": limits.upload_pages,
            "files": limits.upload_files,
            "bytes": limits.upload_bytes,
        }

    def _sentences(
        self, view: PageView, problems: tuple[tuple[str, str], ...]
    ) -> Mapping[str, list[str]]:
        return {field: [self._sentence(view, reason)] for field, reason in problems}

    def _sentence(self, view: PageView, reason: str) -> str:
        words = self._parts.render.words(view.language)
        return words.known(f"reason_{reason}", "reason_file_broken", **self._facts(view))


def _upload(sent: SentFile | None) -> Upload | None:
    return Upload(sent.name, sent.media_type, sent.content) if sent else None


def _status(problems: tuple[tuple[str, str], ...]) -> int:
    if not problems:
        return 200
    return 413 if any(reason == Reason.TOO_BIG for _, reason in problems) else 422
