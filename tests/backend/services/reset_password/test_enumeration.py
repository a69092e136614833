"""Known, unknown and locked user names: same words, same steps, same work."""

from __future__ import annotations

import pytest

from backend.core.decoys import decoy_contacts
from backend.core.errors import LoginRefused
from backend.core.flow import Step
from tests.backend.desk import Desk, Talk
from tests.backend.services.people import GIULIA, registered
from tests.backend.services.statements import statements

UNKNOWN = "lucia.bianchi@example.it"


def tries(desk: Desk, username: str, market: str = "it") -> tuple[list[Step], list[list[str]]]:
    talk = desk.talk(market, flow="reset_password", client=f"from-{username}")
    steps, work = [], []
    for answers in (
        {"username": username},
        {"contact_choice": "email"},
        {"otp_code": "000000"},
        {"otp_code": "000001"},
    ):
        with statements(desk.backend.engine) as seen:
            steps.append(talk.says(**answers))
        work.append(seen)
    return steps, work


def told(steps: list[Step]) -> list[tuple[str | None, list[str], int]]:
    return [
        (step.asking, [remark.code for remark in step.remarks], len(step.choices)) for step in steps
    ]


def an_unknown_name_with_two_contacts(desk: Desk) -> str:
    for number in range(50):
        name = f"lucia.bianchi{number}@example.it"
        digest = desk.backend.vault.index("decoy", f"it/{name}")
        if len(decoy_contacts("it", name, digest)) == 2:
            return name
    raise AssertionError("no such name")


def test_an_unknown_name_gets_the_words_of_a_known_one(desk: Desk) -> None:
    registered(desk, "giulia")
    known, _ = tries(desk, GIULIA)
    unknown, _ = tries(desk, an_unknown_name_with_two_contacts(desk))

    assert told(known) == told(unknown)


def test_an_unknown_name_costs_the_work_of_a_known_one(desk: Desk) -> None:
    registered(desk, "giulia")
    name = an_unknown_name_with_two_contacts(desk)
    _, known = tries(desk, GIULIA)
    _, unknown = tries(desk, name)

    assert [len(one) for one in known] == [len(one) for one in unknown], (known, unknown)


def test_a_locked_name_gets_the_words_of_any(desk: Desk) -> None:
    registered(desk, "giulia")
    free, _ = tries(desk, GIULIA)
    desk.clock.forward(3600)
    for _ in range(7):
        try:
            desk.backend.area.login(GIULIA, "wrong")
        except LoginRefused:
            continue
        except Exception:  # noqa: BLE001 - throttled by now
            break
    locked, _ = tries(desk, GIULIA)

    assert told(free) == told(locked)


def test_nothing_leaves_the_house_for_an_unknown_name(desk: Desk) -> None:
    before = len(desk.backend.notices.listing())
    tries(desk, UNKNOWN)
    desk.backend.notices.deliver_due()

    assert len(desk.backend.notices.listing()) == before


def test_the_same_unknown_name_has_the_same_contacts_every_time(desk: Desk) -> None:
    masks = []
    for _ in range(2):
        talk: Talk = desk.talk("id", flow="reset_password")
        step = talk.says(username="budi4321kt")
        masks.append([choice.title for choice in step.choices] or step.facts.get("destination"))

    assert masks[0] == masks[1]
    assert masks[0]


@pytest.mark.parametrize("market", ["it", "id"])
def test_some_unknown_names_have_one_contact_as_some_customers_do(desk: Desk, market: str) -> None:
    counts = {
        len(decoy_contacts(market, f"name{n}", desk.backend.vault.index("decoy", str(n))))
        for n in range(60)
    }

    assert counts == {1, 2}
