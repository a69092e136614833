"""The `sportello` command; every family of commands registers here.

A family is a module of `tools` with a typer `app`. Refusals of the backend end a command with one
line on stderr and status 1; nothing of a customer is printed.
"""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperGroup

from backend.core.errors import SportelloError
from tools import (
    accounts,
    customer,
    customers,
    database,
    demo,
    documents,
    outbox,
    requests,
    retention,
)


class _Desk(TyperGroup):
    """Tells errors of the house in one line instead of a traceback."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except SportelloError as failure:
            typer.echo(f"sportello: {failure}", err=True)
            raise typer.Exit(1) from failure


app = typer.Typer(
    name="sportello",
    cls=_Desk,
    help="The desk's own tools.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
)
app.add_typer(accounts.app, name="accounts")
app.add_typer(customer.app, name="customer")
app.add_typer(customers.app, name="customers")
app.add_typer(database.app, name="db")
app.add_typer(demo.app, name="demo")
app.add_typer(documents.app, name="documents")
app.add_typer(outbox.app, name="outbox")
app.add_typer(requests.app, name="requests")
app.add_typer(retention.app, name="retention")

if __name__ == "__main__":
    app()
