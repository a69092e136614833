"""Masks never show more than they should, whatever comes in."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.masking import (
    MIN_HIDDEN,
    mask_contact,
    mask_date,
    mask_email,
    mask_mobile,
    mask_name,
    mask_tail,
    mask_tax_code,
)

LABEL = st.from_regex(r"[a-z0-9]{1,20}", fullmatch=True)
LOCAL = st.from_regex(r"[a-z0-9._+-]{1,30}", fullmatch=True)


@pytest.mark.parametrize(
    ("contact", "mask"),
    [
        ("+393201234519", "320 *****19"),
        ("+6281234567890", "0812 ******90"),
        ("+62811222333", "0811 ****33"),
        ("giulia.bianchi@example.it", "gi****@e****.it"),
        ("budi.santoso@example.co.id", "bu****@e****.co.id"),
        ("nino@danino.example", "****@d****.example"),
        ("ab@c.it", "****@****.it"),
        ("a@mail.provider.it", "****@m****.it"),
    ],
)
def test_contacts_are_masked_as_the_guides_print_them(contact: str, mask: str) -> None:
    assert mask_contact(contact) == mask


@given(local=LOCAL, name=LABEL, ending=st.sampled_from(["it", "com", "co.id", "example"]))
def test_an_email_mask_hides_at_least_four_of_either_side(
    local: str, name: str, ending: str
) -> None:
    shown_local, _, shown_domain = mask_email(f"{local}@{name}.{ending}").partition("@")
    head = shown_local.rstrip("*")

    assert shown_local.endswith("*" * MIN_HIDDEN)
    assert len(head) <= 2
    assert not head or len(local) - len(head) >= MIN_HIDDEN
    head = shown_domain.removesuffix(f".{ending}").rstrip("*")
    assert len(head) <= 1
    assert not head or len(name) - len(head) >= MIN_HIDDEN


@given(local=LOCAL, name=LABEL)
def test_an_email_mask_tells_no_length(local: str, name: str) -> None:
    assert len(mask_email(f"{local}@{name}.it")) <= len("gi****@e****.it")


@given(digits=st.from_regex(r"\+(39|62)?\d{1,14}", fullmatch=True))
def test_a_number_mask_hides_at_least_four_digits(digits: str) -> None:
    mask = mask_mobile(digits)

    assert mask.count("*") >= MIN_HIDDEN
    assert len(re.sub(r"\D", "", mask)) <= 6
    assert digits.removeprefix("+") not in mask


@given(value=st.from_regex(r"[A-Z0-9-]{1,20}", fullmatch=True), shown=st.integers(0, 4))
def test_a_tail_mask_hides_at_least_four(value: str, shown: int) -> None:
    mask = mask_tail(value, shown)

    assert mask.count("*") >= MIN_HIDDEN
    assert len(mask.replace("*", "")) <= shown


@given(name=st.text(max_size=60))
def test_a_name_mask_shows_initials_only(name: str) -> None:
    shown = mask_name(name).replace("*", "").split()

    assert len(shown) <= 4
    assert all(len(initial) <= 3 for initial in shown)  # "ß" has the initial "SS"
    assert "****" in mask_name(name)


def test_other_masks() -> None:
    assert mask_tax_code("BNCGLI85D43L219M") == "BNC*********219M"
    assert mask_date("1985-04-03") == "**/**/1985"
