"""A stored document as an answer that a browser shows and does not keep."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from starlette.responses import Response

if TYPE_CHECKING:
    from backend.services.documents import OpenedDocument

_POLICY: Final = "default-src 'none'; frame-ancestors 'none'; sandbox"
"""Whatever a document may hold, it runs nothing, loads nothing and stands in no frame."""


def shown_inline(opened: OpenedDocument) -> Response:
    """The document, under its title."""
    return Response(
        opened.content,
        media_type=opened.media_type,
        headers={
            "Content-Disposition": _disposition(f"{opened.title}.pdf"),
            "Content-Security-Policy": _POLICY,
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        },
    )


def _disposition(name: str) -> str:
    """`inline` with the name twice (RFC 6266): plain for old programs, whole for the others."""
    plain = re.sub(r"[^A-Za-z0-9 ._-]", "_", name)
    return f"inline; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
