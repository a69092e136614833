"""Fields of a posted form, as text and nothing else."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request

type Form = Mapping[str, str]


async def read_form(request: Request) -> Form:
    """The text fields of the body; files are dropped, of a repeated field the last one counts."""
    async with request.form(max_files=0, max_fields=20) as form:
        return {name: value for name, value in form.items() if isinstance(value, str)}
