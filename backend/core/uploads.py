"""Which files a customer may send in, told by what is in them; a name proves nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

JPEG: Final = "image/jpeg"
PNG: Final = "image/png"
PDF: Final = "application/pdf"
FRONT, BACK = "front", "back"

_BEGINNINGS: Final[Mapping[bytes, str]] = {
    b"\xff\xd8\xff": JPEG,
    b"\x89PNG\r\n\x1a\n": PNG,
    b"%PDF-": PDF,
}
_EXTENSIONS: Final[Mapping[str, str]] = {"jpg": JPEG, "jpeg": JPEG, "png": PNG, "pdf": PDF}
_END_OF_PDF: Final = b"%%EOF"
_PADDING: Final = b" \t\r\n\f\x00"


class Reason(StrEnum):
    """Why a file is refused."""

    MISSING = "file_missing"
    TYPE = "file_type"
    TOO_BIG = "file_too_big"
    DISGUISED = "file_disguised"
    BROKEN = "file_broken"
    DIMENSIONS = "file_dimensions"
    PROTECTED = "file_protected"
    ACTIVE = "file_active"
    PAGES = "file_pages"
    TOO_MANY = "file_too_many"
    DOCUMENT_TYPE = "document_type_unknown"


class FileRefused(Exception):
    """One file cannot be taken."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as a browser sent it."""

    name: str = field(repr=False)
    media_type: str
    """As the browser has it; never believed."""
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class CleanFile:
    """A file made anew from what was sent."""

    media_type: str
    content: bytes = field(repr=False)


def media_type_of(upload: Upload, most_bytes: int) -> str:
    """What the file is by its content.

    Raises:
        FileRefused: it is empty, too big, of a type that is not taken, or not what it says it is.
    """
    if not upload.content:
        raise FileRefused(Reason.MISSING)
    if len(upload.content) > most_bytes:
        raise FileRefused(Reason.TOO_BIG)
    found = sniffed(upload.content)
    claimed = _claimed(upload)
    if found is None:
        raise FileRefused(Reason.DISGUISED if claimed else Reason.TYPE)
    if claimed and (claimed == PDF) != (found == PDF):
        raise FileRefused(Reason.DISGUISED)
    if found == PDF:
        require_nothing_behind(upload.content)
    return found


def sniffed(content: bytes) -> str | None:
    """The type of which the first bytes speak, if it is one that is taken."""
    return next((kind for start, kind in _BEGINNINGS.items() if content.startswith(start)), None)


def require_nothing_behind(pdf: bytes) -> None:
    """Refuse a PDF that is something else as well: an archive or a page stands behind its end.

    Raises:
        FileRefused: it has no end, or goes on after it.
    """
    _, end, behind = pdf.rpartition(_END_OF_PDF)
    if not end:
        raise FileRefused(Reason.BROKEN)
    if behind.strip(_PADDING):
        raise FileRefused(Reason.DISGUISED)


def needs_back(document_type: str, front_media_type: str | None) -> bool:
    """Whether the back must come too: not of a passport, nor where a PDF holds both sides."""
    return document_type != "passport" and front_media_type != PDF


def _claimed(upload: Upload) -> str | None:
    """What the file says it is: by its name, else by its header."""
    extension = upload.name.rpartition(".")[2].casefold() if "." in upload.name else ""
    if extension:
        return _EXTENSIONS.get(extension)
    header = upload.media_type.partition(";")[0].strip().casefold()
    return header if header in _BEGINNINGS.values() else None
