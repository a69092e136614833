"""`sportello demo`: fictional customers for development."""

from __future__ import annotations

import typer

from tools.imports import tell
from tools.opened import opened_backend

app = typer.Typer(help="Fictional customers, for development.", no_args_is_help=True)


@app.callback()
def _family() -> None:
    """Fictional customers, for development."""


@app.command()
def load() -> None:
    """Take the demo customers in; those that are there stay as they are."""
    with opened_backend() as backend:
        report = backend.development.load_demo()
    tell(backend.settings.demo_dir / "customers.csv", report)
