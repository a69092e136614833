"""Changes of the mobile number: what is on file, who hears of it, how long it is fresh."""

from __future__ import annotations

from datetime import timedelta

import pytest

from backend.core.audit import Event
from backend.core.contact_changes import Cause
from backend.core.errors import Conflict
from backend.core.limits import Limits
from tests.backend.desk import Desk
from tests.backend.services.request_counter import Counter

OLD, NEW = "+6281234567890", "+6281355556666"
EMAIL = "budi.santoso@example.co.id"
COOLDOWN = Limits().mobile_cooldown


@pytest.fixture
def counter(desk: Desk) -> Counter:
    return Counter(desk, "id", "ID-0001")


def is_fresh(counter: Counter) -> bool:
    with counter.desk.backend.uow(read_only=True) as uow:
        return counter.desk.backend.contact_changes.mobile_is_fresh(
            uow, counter.customer.id, counter.desk.clock.now()
        )


def test_the_mobile_is_replaced_and_the_rest_stays(counter: Counter) -> None:
    before = counter.customer.details

    change = counter.changes_by_codes(NEW)

    assert change
    assert (change.old, change.new, change.cause) == (OLD, NEW, Cause.CODES)
    assert (change.changed_at, change.reverted_at) == (counter.desk.clock.now(), None)
    assert change.conversation_id == counter.conversation
    assert counter.mobile == NEW
    after = counter.customer.details
    assert (after.email, after.first_name, after.date_of_birth) == (
        before.email, before.first_name, before.date_of_birth,
    )  # fmt: skip
    with counter.desk.backend.uow(read_only=True) as uow:
        assert uow.customers.with_datum("id", "mobile", OLD) == []
    assert counter.audited(Event.MOBILE_CHANGED) == 1


def test_every_old_contact_gets_a_link_and_the_new_one_none(counter: Counter) -> None:
    counter.changes_by_codes(NEW)

    assert [len(counter.tokens(to)) for to in (OLD, EMAIL, NEW)] == [1, 1, 0]
    assert counter.tokens(OLD) != counter.tokens(EMAIL)
    assert all("0813 ******66" in counter.desk.sent(to)[0] for to in (OLD, EMAIL))
    assert counter.sent("mobile_changed_new") == 1
    assert NEW not in "".join(counter.desk.sent(OLD) + counter.desk.sent(EMAIL))


def test_a_first_number_is_told_to_the_address_on_file(desk: Desk) -> None:
    dewi = Counter(desk, "id", "ID-0005")

    change = dewi.changes_by_codes(NEW)

    assert change
    assert change.old is None
    assert len(dewi.tokens("dewi.lestari@example.co.id")) == 1


def test_the_number_that_is_on_file_already_is_no_change(counter: Counter) -> None:
    assert counter.changes_by_codes(OLD) is None
    assert counter.changes() == []
    assert counter.desk.sent(OLD) == []


def test_two_customers_may_share_a_number(counter: Counter) -> None:
    siti = Counter(counter.desk, "id", "ID-0002")
    for each in (counter, siti):
        each.changes_by_codes(NEW)

    assert counter.mobile == siti.mobile == NEW


def test_a_number_that_signs_somebody_else_in_is_refused(counter: Counter) -> None:
    Counter(counter.desk, "id", "ID-0002").opens_account(NEW)

    with pytest.raises(Conflict, match="number_in_use"):
        counter.changes_by_codes(NEW)
    assert counter.mobile == OLD


def test_ones_own_user_name_and_one_of_another_market_are_no_obstacle(counter: Counter) -> None:
    counter.opens_account(NEW)
    Counter(counter.desk, "it", "IT-0001").opens_account(NEW)

    assert counter.changes_by_codes(NEW)


@pytest.mark.parametrize(("seconds", "fresh"), [(-1, True), (0, False), (1, False)])
def test_a_changed_number_is_fresh_for_two_days(
    counter: Counter, seconds: int, fresh: bool
) -> None:
    assert not is_fresh(counter)
    counter.changes_by_codes(NEW)
    assert is_fresh(counter)

    counter.desk.clock.forward(COOLDOWN + seconds)

    assert is_fresh(counter) is fresh


def test_a_second_change_begins_the_time_anew(counter: Counter) -> None:
    counter.changes_by_codes(NEW)
    counter.desk.clock.forward(COOLDOWN - 1)
    counter.changes_by_codes("+6281377778888")
    counter.desk.clock.forward(COOLDOWN - 1)

    with counter.desk.backend.uow(read_only=True) as uow:
        until = counter.desk.backend.contact_changes.fresh_until(
            uow, counter.customer.id, counter.desk.clock.now()
        )

    assert until == counter.desk.clock.now() + timedelta(seconds=1)


def test_the_default_numbers_are_those_of_the_rules() -> None:
    assert (Limits().mobile_cooldown, Limits().veto_ttl) == (48 * 3600, 48 * 3600)
