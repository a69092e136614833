"""Fields and files of a posted form, read up to a limit and never beyond."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request
from starlette.types import Message, Receive

type Form = Mapping[str, str]

_MOST_BYTES: Final = 256 * 1024
_MOST_FIELDS: Final = 20
_PATIENCE: Final = 3
"""So many times the limit is still received, and thrown away, so that an answer can be read."""


class BodyTooLarge(Exception):
    """The body goes on after the limit."""


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file of the form, with what the browser says of it."""

    name: str = field(repr=False)
    media_type: str
    content: bytes = field(repr=False)


async def read_form(request: Request) -> Form:
    """The text fields of the body; files are dropped, of a repeated field the last one counts.

    Raises:
        BodyTooLarge: it is more than a form without files can be.
    """
    capped = _capped(request, _MOST_BYTES)
    async with capped.form(max_files=0, max_fields=_MOST_FIELDS) as form:
        return _texts(form)


async def read_upload(
    request: Request, *, most_bytes: int, most_files: int
) -> tuple[Form, Mapping[str, SentFile]]:
    """The text fields and the files of the body; of a repeated one the last counts.

    The files stay in memory: nothing of an identity document is written to disk on the way.

    Raises:
        BodyTooLarge: it is more than *most_bytes*.
        HTTPException: it is no form, or holds too many files (400).
    """
    capped = _capped(request, most_bytes)
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        async with capped.form(max_files=0, max_fields=_MOST_FIELDS) as form:
            return _texts(form), {}
    parser = _InMemory(
        capped.headers, capped.stream(), max_files=most_files, max_fields=_MOST_FIELDS
    )
    try:
        form = await parser.parse()
    except MultiPartException as failure:
        raise HTTPException(400, failure.message) from failure
    try:
        return _texts(form), await _files(form)
    finally:
        await form.close()


class _InMemory(MultiPartParser):
    # Starlette would let a file above 1 MB go through an unsealed temporary file.
    spool_max_size = 1 << 40


def _texts(form: FormData) -> Form:
    return {name: value for name, value in form.multi_items() if isinstance(value, str)}


async def _files(form: FormData) -> Mapping[str, SentFile]:
    # A field of which no file was chosen comes as an empty file without a name.
    return {
        name: SentFile(value.filename or "", value.content_type or "", await value.read())
        for name, value in form.multi_items()
        if isinstance(value, UploadFile) and (value.filename or value.size)
    }


def _capped(request: Request, most: int) -> Request:
    """The same request, whose body ends in an error where it is more than *most* bytes."""
    seen = 0

    async def receive() -> Message:
        nonlocal seen
        if _announced(request) > (1 + _PATIENCE) * most:
            raise BodyTooLarge
        message = await request.receive()
        seen += len(message.get("body", b""))
        if seen > most:
            await _throw_away(request.receive, message, _PATIENCE * most)
            raise BodyTooLarge
        return message

    return Request(request.scope, receive)


def _announced(request: Request) -> int:
    length = request.headers.get("content-length", "0")
    return int(length) if length.isdecimal() else 0


async def _throw_away(receive: Receive, message: Message, most: int) -> None:
    while message.get("more_body") and most > 0:
        message = await receive()
        most -= len(message.get("body", b""))
