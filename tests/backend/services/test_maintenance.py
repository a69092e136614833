"""The way back to the demo data, and who may not take it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from backend.adapters import schema
from backend.bootstrap import build
from backend.core.errors import NotAllowed
from backend.core.flow import Command
from tests.backend.desk import Desk, desk_settings
from tests.fakes import FixedClock


def test_a_reset_leaves_the_demo_customers_and_nothing_else(desk: Desk) -> None:
    talk = desk.talk()
    talk.gives(profile="person", first_name="Giulia Bianchi", contact="3201234519")
    talk.says(Command.AFFIRM)

    desk.backend.reset()

    with desk.backend.uow(read_only=True) as uow:
        filled = {
            table.name
            for table in schema.load_tables().sorted_tables
            if uow.connection.execute(select(func.count()).select_from(table)).scalar_one()
        }
    assert filled == {
        "customers", "policies", "files", "policy_documents", "audit", "audit_head",
    }  # fmt: skip


def test_production_has_no_reset_and_no_demo(tmp_path: Path) -> None:
    settings = desk_settings(
        tmp_path,
        profile="production",
        secret_key="k" * 40,
        gateway_secret="g" * 40,
        sender_sms="twilio",
        sender_email="smtp",
        smtp_host="mail.example.com",
        twilio_account_sid="AC" + "0" * 32,
        twilio_auth_token="t" * 32,
        twilio_from="+15005550006",
        public_base_url="https://desk.example.com",
        trusted_hosts=("desk.example.com",),
    )
    backend = build(settings, clock=FixedClock())

    for forbidden in (backend.reset, backend.development.load_demo):
        with pytest.raises(NotAllowed):
            forbidden()
    backend.close()


def test_development_processes_share_one_moved_clock(tmp_path: Path) -> None:
    web, actions = (build(desk_settings(tmp_path)) for _ in range(2))
    schema.load_tables().create_all(web.engine)
    before = actions.clock.now()

    web.clock.advance(timedelta(seconds=121))  # type: ignore[attr-defined]

    moved = (actions.clock.now() - before).total_seconds()
    assert 121 <= moved < 131
    web.clock.reset()  # type: ignore[attr-defined]
    assert (actions.clock.now() - before).total_seconds() < 10
    web.close()
    actions.close()


def test_the_migrations_make_what_the_tables_say(tmp_path: Path) -> None:
    backend = build(desk_settings(tmp_path), clock=FixedClock())

    schema.upgrade(backend.engine)

    assert schema.differences(backend.engine) == []
    backend.close()
