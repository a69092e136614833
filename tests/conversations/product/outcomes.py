"""What came of every cell, gone through when the first test asks for it."""

from __future__ import annotations

from typing import Final

import httpx

from tests.conversations.product.going import Going, House
from tests.conversations.product.interruptions import ALONE, IN_PASSING
from tests.conversations.product.routes import Pair

type Outcome = str | None
"""What went wrong; None: all was right."""


# A door that fails, or a button or message that is not there, is wrong like a word that is.
_WRONG: Final = (AssertionError, LookupError, ValueError, httpx.HTTPError)


class Outcomes:
    """Goes through the interruptions of a pair once; a failure of one hides none of the others."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._known: dict[str, Outcome] = {}

    def of(self, pair: Pair, interruption: str) -> Outcome:
        """What came of this cell."""
        name = pair.name(interruption)
        if name not in self._known:
            if interruption in ALONE:
                self._known[name] = self._alone(pair, interruption)
            else:
                self._known |= self._in_passing(pair)
        return self._known[name]

    def _alone(self, pair: Pair, interruption: str) -> Outcome:
        try:
            ALONE[interruption](self._house.comes_to(pair))
        except _WRONG as wrong:
            return str(wrong) or repr(wrong)
        return None

    def _in_passing(self, pair: Pair) -> dict[str, Outcome]:
        found: dict[str, Outcome] = {}
        going: Going | None = None
        for interruption, happens in IN_PASSING.items():
            wrong: Outcome = None
            try:
                going = going or self._house.comes_to(pair)
                happens(going)
            except _WRONG as error:
                # Who knows where that left the conversation: the next one gets a fresh one.
                wrong, going = str(error) or repr(error), None
            found[pair.name(interruption)] = wrong
        return found
