"""`sportello documents`: take the insurer's policy documents in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tools.customers import show
from tools.opened import opened_backend

app = typer.Typer(help="Documents of policies.", no_args_is_help=True)


@app.callback()
def _family() -> None:
    """Documents of policies."""


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="CSV file, UTF-8, with a header line.")],
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check only; write nothing.")] = False,
) -> None:
    """Upsert documents by market, policy number, title and day of issue.

    The PDFs lie in the folder of the CSV file or below it. Bad rows are told by line and column
    and left out; the status is 1 then.
    """
    with opened_backend() as backend:
        report = backend.documents.import_file(file, dry_run=dry_run)
    show(file, report, dry_run=dry_run)
    if not report.is_clean:
        raise typer.Exit(1)
