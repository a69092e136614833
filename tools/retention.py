"""`sportello retention`: delete what was kept long enough."""

from __future__ import annotations

from typing import Annotated

import typer

from tools.opened import opened_backend

app = typer.Typer(help="How long things are kept.", no_args_is_help=True)


@app.callback()
def _family() -> None:
    """How long things are kept."""


@app.command()
def run(
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count only; delete nothing.")] = False,
) -> None:
    """Delete what was kept as long as its market says; the web process does it every hour.

    A line per family and market; rows of no market that can be told are shown under `any`.
    """
    with opened_backend() as backend:
        found = backend.retention.run(dry_run=dry_run)
    for one in found:
        print(f"{one.family} {one.market or 'any'}: {one.rows}")
    verb = "would be deleted" if dry_run else "deleted"
    print(f"{sum(one.rows for one in found)} rows {verb}.")
