"""What of a message is the answer."""

from __future__ import annotations

import pytest

from actions.data import bare
from tests.actions.conftest import FakeFlow
from tests.actions.tracker import call, entity, run


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("ecco Torino", "Torino"),
        ("ok. Via Po 12, grazie", "Via Po 12"),
        ("è Reggio di Calabria", "Reggio di Calabria"),
        ("oke Surabaya ya kak", "Surabaya"),
        ("here you go: 4 High Street thx", "4 High Street"),
        ("Via della Grazia 3", "Via della Grazia 3"),
        ("Ecco", "Ecco"),
    ],
)
def test_politeness_around_an_answer_is_no_part_of_it(said: str, answer: str) -> None:
    assert bare(said) == answer


@pytest.mark.parametrize("said", ["Luca Ferrari grazie", "ecco Luca Ferrari", "ok. Luca Ferrari"])
async def test_a_name_is_taken_without_what_stands_around_it(flow: FakeFlow, said: str) -> None:
    first, last = entity("first_name", "Luca", said), entity("last_name", "Ferrari", said)

    await run(call("validate_register_form", said, "inform", first, last,
                   asking="first_name", form="register_form"))  # fmt: skip

    given = flow.turns[0].answers
    assert given["first_name"] == "Luca Ferrari" or (given["first_name"], given["last_name"]) == (
        "Luca",
        "Ferrari",
    )
