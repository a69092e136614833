"""PDFs made anew, and refused where they do more than show pages."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Final

from pikepdf import (
    Array,
    DataDecodingError,
    Dictionary,
    Name,
    Object,
    ObjectStreamMode,
    PasswordError,
    Pdf,
    PdfError,
    Stream,
)

from backend.core.limits import Limits
from backend.core.uploads import PDF, CleanFile, FileRefused, Reason

_ACTIVE_KEYS: Final = frozenset({
    "/JS", "/JavaScript", "/EmbeddedFiles", "/EF", "/AF", "/XFA", "/RichMediaContent",
    "/RichMediaSettings", "/Collection",
})  # fmt: skip
_ACTIVE_KINDS: Final = frozenset({
    "/JavaScript", "/Launch", "/GoToE", "/GoToR", "/SubmitForm", "/ImportData", "/Rendition",
    "/Movie", "/Sound", "/RichMediaExecute", "/GoTo3DView", "/EmbeddedFile", "/FileAttachment",
    "/RichMedia", "/3D", "/Screen",
})  # fmt: skip
"""Of actions (/S), of annotations (/Subtype) and of streams (/Type)."""
_SAID_BY: Final = ("/S", "/Subtype", "/Type")
_PRIVATE: Final = ("/Metadata", "/PieceInfo", "/LastModified")
_DEEPEST: Final = 50


def clean_pdf(content: bytes, limits: Limits) -> CleanFile:
    """The pages of a PDF in a new one, without what tells of author and program.

    Raises:
        FileRefused: it is broken, locked, too long, or holds scripts, files or actions.
    """
    try:
        # A damaged file is not repaired: what a reader would make of it cannot be known.
        with Pdf.open(BytesIO(content), attempt_recovery=False, suppress_warnings=True) as pdf:
            if pdf.is_encrypted:
                raise FileRefused(Reason.PROTECTED)
            _require_pages(len(pdf.pages), limits)
            for parts in _dictionaries(pdf):
                _require_passive(parts)
            if pdf.get_warnings():
                raise FileRefused(Reason.BROKEN)
            return CleanFile(PDF, _written(pdf))
    except PasswordError as failure:
        raise FileRefused(Reason.PROTECTED) from failure
    except (PdfError, DataDecodingError, ValueError, TypeError, KeyError, MemoryError) as failure:
        raise FileRefused(Reason.BROKEN) from failure


def _require_pages(pages: int, limits: Limits) -> None:
    if pages < 1:
        raise FileRefused(Reason.BROKEN)
    if pages > limits.upload_pages:
        raise FileRefused(Reason.PAGES)


def _dictionaries(pdf: Pdf) -> Iterator[Object]:
    """Every dictionary of the file, also of objects that no page leads to."""
    for whole in pdf.objects:
        yield from _within(whole, 0)


def _within(thing: Object, depth: int) -> Iterator[Object]:
    if depth > _DEEPEST:
        raise FileRefused(Reason.BROKEN)
    if isinstance(thing, Dictionary | Stream):
        yield thing
        inner = [thing[key] for key in thing.keys()]  # noqa: SIM118 - not a mapping of Python's
    elif isinstance(thing, Array):
        inner = list(thing)
    else:
        return
    for part in inner:
        # An indirect one stands among the objects of the file itself.
        if isinstance(part, Object) and not part.is_indirect:
            yield from _within(part, depth + 1)


def _require_passive(parts: Object) -> None:
    if any(key in _ACTIVE_KEYS for key in parts.keys()):  # noqa: SIM118
        raise FileRefused(Reason.ACTIVE)
    said = [parts.get(name) for name in _SAID_BY]
    if any(isinstance(kind, Name) and str(kind) in _ACTIVE_KINDS for kind in said):
        raise FileRefused(Reason.ACTIVE)


def _written(pdf: Pdf) -> bytes:
    if "/Info" in pdf.trailer:
        del pdf.trailer["/Info"]
    for parts in _dictionaries(pdf):
        for name in _PRIVATE:
            if name in parts:
                del parts[name]
    target = BytesIO()
    # The same pages give the same bytes, so that a second import finds nothing new.
    pdf.save(target, deterministic_id=True, object_stream_mode=ObjectStreamMode.generate)
    return target.getvalue()
