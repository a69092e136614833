"""Which policy may be linked to which account (guide gen-iclick-link-policy).

| account's policy | Individu         | Group            | DPLK |
|------------------|------------------|------------------|------|
| Group            | yes              | no               | yes  |
| Individu, DPLK   | yes              | a person decides | yes  |

In Italy every policy of the same person may be linked.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from backend.core.customers import Policy


class Linkable(StrEnum):
    """What the matrix says."""

    YES = "yes"
    NO = "no"
    PERSON = "person"


def linkable(market: str, linked: Sequence[Policy], policy_type: str) -> Linkable:
    """Whether a policy of *policy_type* may join an account that holds *linked*.

    The account's own policy is the one linked first; *linked* comes in that order.
    """
    if market != "id" or policy_type != "group" or not linked:
        return Linkable.YES
    return Linkable.NO if linked[0].type == "group" else Linkable.PERSON
