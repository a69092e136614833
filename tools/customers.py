"""`sportello customers`: take the insurer's files in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from backend.services.customers import ImportReport
from tools.opened import opened_backend

app = typer.Typer(help="Customers and their policies.", no_args_is_help=True)
errors = Console(stderr=True, highlight=False, soft_wrap=True)


@app.callback()
def _family() -> None:
    """Customers and their policies."""


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="CSV file, UTF-8, with a header line.")],
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check only; write nothing.")] = False,
) -> None:
    """Upsert customers and policies by market and policy number.

    Bad rows are told by line and column and left out; the status is 1 then.
    """
    with opened_backend() as backend:
        report = backend.customers.import_file(file, dry_run=dry_run)
    show(file, report, dry_run=dry_run)
    if not report.is_clean:
        raise typer.Exit(1)


def show(file: Path, report: ImportReport, *, dry_run: bool = False) -> None:
    """Print what an import did, its problems on stderr."""
    for problem in report.problems:
        errors.print(f"{file}: {problem}", markup=False)
    verb = "would be taken" if dry_run else "taken"
    print(f"{report.taken} of {report.rows} rows {verb}.")
