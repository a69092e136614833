"""`sportello customers`: take the insurer's files in."""

from __future__ import annotations

import typer

from tools.imports import DryRun, File, tell
from tools.opened import opened_backend

app = typer.Typer(help="Customers and their policies.", no_args_is_help=True)


@app.callback()
def _family() -> None:
    """Customers and their policies."""


@app.command("import")
def import_file(
    file: File,
    *,
    dry_run: DryRun = False,
) -> None:
    """Upsert customers and policies by market and policy number.

    Bad rows are told by line and column and left out; the status is 1 then.
    """
    with opened_backend() as backend:
        report = backend.customers.import_file(file, dry_run=dry_run)
    tell(file, report, dry_run=dry_run)
