"""`sportello accounts`: take accounts of an older system in."""

from __future__ import annotations

import typer

from tools.imports import DryRun, File, tell
from tools.opened import opened_backend

app = typer.Typer(help="Accounts of an older system.", no_args_is_help=True)


@app.callback()
def _family() -> None:
    """Accounts of an older system."""


@app.command("import")
def import_file(
    file: File,
    *,
    dry_run: DryRun = False,
) -> None:
    """Open an account for every customer of the file, with the password they had.

    Bad rows are told by line and column and left out; the status is 1 then.
    """
    with opened_backend() as backend:
        report = backend.older_accounts.import_file(file, dry_run=dry_run)
    tell(file, report, dry_run=dry_run)
