"""`sportello accounts`: take accounts of an older system in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tools.customers import show
from tools.opened import opened_backend

app = typer.Typer(help="Accounts of an older system.", no_args_is_help=True)


@app.callback()
def _family() -> None:
    """Accounts of an older system."""


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="CSV file, UTF-8, with a header line.")],
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check only; write nothing.")] = False,
) -> None:
    """Open an account for every customer of the file, with the password they had.

    Bad rows are told by line and column and left out; the status is 1 then.
    """
    with opened_backend() as backend:
        report = backend.older_accounts.import_file(file, dry_run=dry_run)
    show(file, report, dry_run=dry_run)
    if not report.is_clean:
        raise typer.Exit(1)
