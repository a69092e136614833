"""What every import command shares: its arguments, and how it tells what came of a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from backend.services.customers import ImportReport

File = Annotated[Path, typer.Argument(help="CSV file, UTF-8, with a header line.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Check only; write nothing.")]

_errors = Console(stderr=True, highlight=False, soft_wrap=True)


def tell(file: Path, report: ImportReport, *, dry_run: bool = False) -> None:
    """Print what an import did, its problems on stderr.

    Raises:
        typer.Exit: with 1, when a row was bad.
    """
    for problem in report.problems:
        _errors.print(f"{file}: {problem}", markup=False)
    verb = "would be taken" if dry_run else "taken"
    print(f"{report.taken} of {report.rows} rows {verb}.")
    if not report.is_clean:
        raise typer.Exit(1)
