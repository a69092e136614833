"""`sportello customer`: what the law gives one customer: a copy, an erasure, their consents."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated

import typer

from backend.core.errors import Unavailable
from tools.opened import opened_backend

Market = Annotated[str, typer.Argument(help="it or id.")]
CustomerId = Annotated[str, typer.Argument(help="The insurer's number of the customer.")]

app = typer.Typer(help="One customer's rights over their data.", no_args_is_help=True)
_OWNER_ONLY = 0o600


@app.callback()
def _family() -> None:
    """One customer's rights over their data."""


@app.command()
def export(
    market: Market,
    customer_id: CustomerId,
    *,
    out: Annotated[
        Path | None, typer.Option("--out", help="File to write; readable by you alone.")
    ] = None,
) -> None:
    """Print everything kept about a customer, as JSON with times in UTC."""
    with opened_backend() as backend:
        told = backend.privacy.export(market, customer_id)
    text = json.dumps(told, ensure_ascii=False, indent=2) + "\n"
    if out is None:
        print(text, end="")
        return
    out.unlink(missing_ok=True)
    with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY), "w") as file:
        file.write(text)
    print(f"Written to {out}.")


@app.command()
def erase(
    market: Market,
    customer_id: CustomerId,
    *,
    confirm: Annotated[str, typer.Option("--confirm", help="The customer's number once more.")],
    also_file: Annotated[
        bool,
        typer.Option(
            "--also-file", help="The insurer's file too: customer, policies and documents."
        ),
    ] = False,
) -> None:
    """Delete the account and everything the desk has collected about a customer.

    Consents stay without a name, and the audit as it is.
    """
    if confirm != customer_id:
        typer.echo("sportello: --confirm must repeat the customer's number", err=True)
        raise typer.Exit(1)
    with opened_backend() as backend:
        erased = backend.privacy.erase(market, customer_id, also_file=also_file)
        for family, rows in erased.rows.items():
            print(f"{family}: {rows}")
        print(f"tracker_events: {erased.tracker_events}")
        try:
            backend.privacy.scrub()
        except Unavailable as busy:
            typer.echo(
                "sportello: erased, but the files of the database still hold traces:"
                " run `sportello customer scrub` when it is quiet",
                err=True,
            )
            raise typer.Exit(1) from busy


@app.command()
def scrub() -> None:
    """Leave nothing of what was erased in the files of the databases."""
    with opened_backend() as backend:
        backend.privacy.scrub()
    print("The files hold nothing of what was erased.")


@app.command()
def consents(market: Market, customer_id: CustomerId) -> None:
    """List a customer's consents, also of accounts that were closed."""
    with opened_backend() as backend:
        found = backend.privacy.consents_of_customer(market, customer_id)
    for consent in found:
        ended = f"withdrawn {consent.withdrawn_at.isoformat()}" if consent.withdrawn_at else "given"
        print(
            f"{consent.given_at.isoformat()}  {consent.kind} {consent.version}"
            f"  {consent.language}  {consent.channel}  {ended}"
        )
    if not found:
        print("No consents.")
