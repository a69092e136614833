"""`sportello requests`: what waits for a person's decision, and the decision."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from backend.core.masking import mask_contact
from backend.core.requests import Reason, Request, State, masked_details
from tools.opened import opened_backend

Number = Annotated[str, typer.Argument(help="REQ- and eight digits.")]
By = Annotated[str, typer.Option("--by", help="Your e-mail address.")]
Version = Annotated[int, typer.Option("--version", help="Of the request as you saw it.")]

app = typer.Typer(help="Requests that a person decides.", no_args_is_help=True)
# Lines stay whole: a pipe has no width to break them at.
console = Console(highlight=False, soft_wrap=True)


@app.callback()
def _family() -> None:
    """Requests that a person decides."""


@app.command("list")
def list_requests(
    *,
    market: Annotated[str | None, typer.Option("--market", help="it or id; all else.")] = None,
    state: Annotated[State | None, typer.Option("--state")] = State.SUBMITTED,
) -> None:
    """List requests, the oldest first."""
    with opened_backend() as backend:
        if market is not None:
            market = backend.markets[market].name
        with backend.uow(read_only=True) as uow:
            found = backend.requests.listing(uow, market, state)
        now = backend.clock.now()
    table = Table("number", "kind", "age", "market", "version", "state", box=None, pad_edge=False)
    for request in found:
        table.add_row(
            request.number,
            request.kind,
            _age(request, now),
            request.market,
            str(request.version),
            request.state,
        )
    console.print(table if found else "None.")


@app.command()
def show(number: Number) -> None:
    """Show one request; of what is personal, masks only."""
    with opened_backend() as backend, backend.uow(read_only=True) as uow:
        request = backend.requests.numbered(uow, _written(number))
        has_documents = backend.requests.has_documents(uow, request)
        now = backend.clock.now()
    lines = {
        "number": request.number,
        "kind": request.kind,
        "state": request.state,
        "version": str(request.version),
        "market": request.market,
        "language": request.language,
        "channel": request.channel,
        "age": _age(request, now),
        "identity": "proven" if request.is_proven else "not proven",
        "answer to": mask_contact(request.contact),
        "documents": "there" if has_documents else "missing",
        **masked_details(request),
    }
    if request.decided_at:
        lines["decided at"] = request.decided_at.isoformat(timespec="seconds")
    if request.reason:
        lines["reason"] = request.reason
    width = max(map(len, lines))
    for name, value in lines.items():
        console.print(f"{name:<{width}}  {value}", markup=False)


@app.command()
def approve(number: Number, *, by: By, version: Version) -> None:
    """Say yes: what was asked is done, and the customer hears of it."""
    with opened_backend() as backend:
        backend.requests.approve(_written(number), by, version)
    console.print(f"{_written(number)} is approved.")


@app.command()
def reject(
    number: Number,
    *,
    by: By,
    reason: Annotated[Reason, typer.Option("--reason", help="The customer hears it in words.")],
    version: Version,
    note: Annotated[str, typer.Option("--note", help="For staff only.")] = "",
) -> None:
    """Say no: nothing changes, and the customer hears why."""
    with opened_backend() as backend:
        backend.requests.reject(_written(number), by, reason, version, note)
    console.print(f"{_written(number)} is rejected.")


def _written(number: str) -> str:
    return number.strip().upper()


def _age(request: Request, now: datetime) -> str:
    """In the largest unit that is full: `3 d`, `5 h`, `12 min`."""
    age = now - request.submitted_at
    for name, unit in (("d", timedelta(days=1)), ("h", timedelta(hours=1))):
        if age >= unit:
            return f"{age // unit} {name}"
    return f"{max(0, age // timedelta(minutes=1))} min"
