"""Requests as a state machine, and what of them may be shown."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import product

import pytest

from backend.core.errors import Invalid
from backend.core.requests import (
    Kind,
    NewRequest,
    Request,
    State,
    masked_details,
    may_become,
    require_whole,
)

FINAL = [state for state in State if state is not State.SUBMITTED]
NEW = NewRequest(
    market="id",
    kind=Kind.MOBILE_CHANGE,
    customer_id=1,
    account_id=None,
    conversation_id="c_1",
    language="id",
    channel="web",
    is_proven=False,
    details={"new_mobile": "+6281234567890"},
    contact="budi@example.co.id",
)


@pytest.mark.parametrize("state", FINAL)
def test_an_open_request_may_end_in_any_way(state: State) -> None:
    assert may_become(State.SUBMITTED, state)


@pytest.mark.parametrize(("state", "other"), list(product(FINAL, State)))
def test_what_has_ended_stays_as_it_is(state: State, other: State) -> None:
    assert not may_become(state, other)


def test_nothing_is_submitted_twice() -> None:
    assert not may_become(State.SUBMITTED, State.SUBMITTED)


@pytest.mark.parametrize(
    ("kind", "account", "details"),
    [
        (Kind.MOBILE_CHANGE, None, {}),
        (Kind.MOBILE_CHANGE, None, {"new_mobile": ""}),
        (Kind.LINK_POLICY, "a_1", {}),
        (Kind.LINK_POLICY, None, {"policy_id": 4}),
    ],
)
def test_what_its_approval_would_miss_is_missed_at_once(
    kind: Kind, account: str | None, details: dict[str, object]
) -> None:
    with pytest.raises(Invalid) as refused:
        require_whole(replace(NEW, kind=kind, account_id=account, details=details))

    assert refused.value.reason == "request_incomplete"


def test_details_are_shown_as_masks_only() -> None:
    told = {
        "first_name": "Budi", "new_mobile": "+6281234567890", "date_of_birth": "1990-08-17",
        "place_of_birth": "Surabaya", "address": "Jalan Merdeka 1", "sex": "M", "policy_id": 7,
        "policy_number": "00120451", "tax_code": "BNCGLI85D43L219M", "document_type": "ktp",
        "something_new": "secret",
    }  # fmt: skip
    now = datetime(2026, 11, 20, tzinfo=UTC)
    request = Request(
        "r_1", "REQ-00000001", "id", Kind.MOBILE_CHANGE, State.SUBMITTED, 1, 1, None, "c_1", "id",
        "web", False, now, None, None, None, told, "budi@example.co.id", None,
    )  # fmt: skip

    assert masked_details(request) == {
        "address": "****",
        "date_of_birth": "**/**/1990",
        "document_type": "ktp",
        "first_name": "B****",
        "new_mobile": "0812 ******90",
        "place_of_birth": "****",
        "policy_id": "7",
        "policy_number": "*****451",
        "sex": "****",
        "something_new": "****",
        "tax_code": "BNC*********219M",
    }


def test_a_request_does_not_tell_its_contents_when_it_is_printed() -> None:
    assert "6281234567890" not in repr(NEW)
    assert "budi" not in repr(NEW)
