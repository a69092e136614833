"""`sportello documents`: take the insurer's policy documents in."""

from __future__ import annotations

import typer

from tools.imports import DryRun, File, tell
from tools.opened import opened_backend

app = typer.Typer(help="Documents of policies.", no_args_is_help=True)


@app.callback()
def _family() -> None:
    """Documents of policies."""


@app.command("import")
def import_file(
    file: File,
    *,
    dry_run: DryRun = False,
) -> None:
    """Upsert documents by market, policy number, title and day of issue.

    The PDFs lie in the folder of the CSV file or below it. Bad rows are told by line and column
    and left out; the status is 1 then.
    """
    with opened_backend() as backend:
        report = backend.documents.import_file(file, dry_run=dry_run)
    tell(file, report, dry_run=dry_run)
