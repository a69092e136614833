"""Sealing, indexes and hashes: bound to key, column and kind."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr
from sqlalchemy import Column, Integer, MetaData, Table, create_engine, select
from sqlalchemy.exc import StatementError

from backend.adapters.crypto import SealBroken, Vault, new_id, new_token
from backend.adapters.tables import Sealed

VAULT = Vault(SecretStr("a secret"))


@given(text=st.text())
def test_what_is_sealed_opens_as_it_was(text: str) -> None:
    assert VAULT.unseal(VAULT.seal(text, "t.c"), "t.c") == text


@given(content=st.binary())
def test_what_is_no_text_opens_as_it_was(content: bytes) -> None:
    blob = VAULT.seal_bytes(content, "t.c")

    assert VAULT.unseal_bytes(blob, "t.c") == content
    with pytest.raises(SealBroken):
        VAULT.unseal_bytes(blob, "t.d")


def test_bytes_that_are_no_text_do_not_open_as_text() -> None:
    with pytest.raises(SealBroken):
        VAULT.unseal(VAULT.seal_bytes(b"\xff\xfe", "t.c"), "t.c")


def test_the_same_text_is_sealed_differently_every_time() -> None:
    assert VAULT.seal("x", "t.c") != VAULT.seal("x", "t.c")


@pytest.mark.parametrize("place", range(30))
def test_an_altered_seal_does_not_open(place: int) -> None:
    blob = bytearray(VAULT.seal("x", "t.c"))
    blob[place % len(blob)] ^= 1

    with pytest.raises(SealBroken):
        VAULT.unseal(bytes(blob), "t.c")


def test_a_seal_opens_only_as_its_column_and_with_its_key() -> None:
    blob = VAULT.seal("x", "t.c")

    with pytest.raises(SealBroken):
        VAULT.unseal(blob, "t.d")
    with pytest.raises(SealBroken):
        Vault(SecretStr("another")).unseal(blob, "t.c")
    with pytest.raises(SealBroken):
        VAULT.unseal(b"", "t.c")


def test_an_index_is_stable_and_bound_to_kind_and_key() -> None:
    index = VAULT.index("email", "a@example.it")

    assert index == Vault(SecretStr("a secret")).index("email", "a@example.it")
    assert len({index, VAULT.index("mobile", "a@example.it"),
                Vault(SecretStr("another")).index("email", "a@example.it")}) == 3  # fmt: skip


def test_parts_of_a_hash_do_not_run_into_each_other() -> None:
    assert VAULT.hash_code("a", "bc", "d", "e") != VAULT.hash_code("ab", "c", "d", "e")


def test_a_sealed_column_refuses_clear_text() -> None:
    engine = create_engine("sqlite://")
    table = Table("t", MetaData(), Column("id", Integer, primary_key=True), Column("c", Sealed))
    table.create(engine)

    with engine.begin() as connection:
        connection.execute(table.insert().values(c=VAULT.seal("x", "t.c")))
        for clear in ("clear", b"clear"):
            with pytest.raises((StatementError, TypeError)):
                connection.execute(table.insert().values(c=clear))
        (row,) = connection.execute(select(table))
    assert VAULT.unseal(row.c, "t.c") == "x"


def test_a_vault_does_not_show_its_key() -> None:
    assert "secret" not in repr(VAULT)


def test_ids_and_tokens_have_their_form() -> None:
    assert len(new_id("c")) == 24
    assert new_id("c").startswith("c_")
    assert len(new_token()) == 43
    assert new_token() != new_token()
