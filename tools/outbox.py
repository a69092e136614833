"""`sportello outbox`: messages that were given up, and another try."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from backend.core.masking import mask_contact
from tools.opened import opened_backend

app = typer.Typer(help="Messages that were given up.", no_args_is_help=True)
# Lines stay whole: a pipe has no width to break them at.
console = Console(highlight=False, soft_wrap=True, markup=False)


@app.callback()
def _family() -> None:
    """Messages that were given up."""


@app.command("dead")
def dead(
    channel: Annotated[str | None, typer.Option("--channel", help="whatsapp, sms, email.")] = None,
) -> None:
    """List messages that were given up, the latest first; of contacts, masks only."""
    with opened_backend() as backend:
        letters = backend.deliveries.dead(channel)
    for letter in letters:
        to = "?" if letter.to is None else mask_contact(letter.to)
        fields = (
            letter.id,
            letter.channel,
            to,
            letter.template,
            f"{letter.created_at:%Y-%m-%d %H:%M}",
            letter.reason,
            str(letter.delivery_code or "-"),
            "words kept" if letter.has_words else "words gone",
        )
        console.print("  ".join(fields))
    if not letters:
        console.print("None.")


@app.command("resend")
def resend(
    notice: Annotated[str, typer.Argument(help="The id that `dead` shows; its words are kept.")],
) -> None:
    """Have a message sent again by the running desk, with as many tries as a new one."""
    with opened_backend() as backend:
        backend.deliveries.resend(notice)
    console.print(f"{notice} will be sent again.")
