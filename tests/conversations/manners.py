"""What every flow does alike: three wrong answers, codes that are wrong, late, or go elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

from tests.conversations.effects import another
from tests.talk import Reply
from tests.walk import Walk

PERSON = {"it": "Parla con operatore", "id": "Bicara petugas", "en": "Talk to a person"}
AGAIN = {"it": "me lo rimanda?", "id": "kirim ulang", "en": "send it again, please"}
BY_MAIL = {"it": "me lo mandi via email", "id": "lewat email saja", "en": "by email please"}
OVER = {"it": "scaduto", "id": "kedaluwarsa", "en": "expired"}
WRONG = {"it": "non è quello giusto", "id": "belum cocok", "en": "isn't the right code"}
CODE_LIFE = 120


def errs(walk: Walk, wrong: Sequence[str]) -> None:
    """Three wrong answers: told, explained otherwise, and a person offered; then it is asked on."""
    language, asking = str(walk.talk.last.state["language"]), walk.talk.last.asking
    said = [walk.gives(answer) for answer in wrong]

    assert [reply.asking for reply in said] == [asking] * 3, said
    assert len({reply.text for reply in said}) == 3, [reply.text for reply in said]
    offers = [PERSON[language] in reply.titles for reply in said]
    assert offers == [False, False, True], [reply.titles for reply in said]


def slips_with_code(walk: Walk, language: str) -> Reply:
    """A wrong code, the right one too late, and the one that was sent again: it is taken."""
    wrong = walk.gives(another(walk.code()))
    assert (wrong.asking, WRONG[language] in wrong.text) == ("otp_code", True), wrong
    old = walk.code()
    walk.talk.moves_clock(CODE_LIFE + 1)
    late = walk.gives(old)
    assert (late.asking, OVER[language] in late.text) == ("otp_code", True), late
    again = walk.gives(AGAIN[language])
    assert again.asking == "otp_code", again
    assert walk.code() != old
    taken = walk.gives(walk.code())
    assert taken.asking != "otp_code", taken
    return taken


def has_it_mailed(walk: Walk, language: str, mail: str) -> Reply:
    """The code by e-mail instead, at once; the one by SMS is worth nothing then."""
    old, before = walk.code(), len(walk.talk.sent_to(mail))
    moved = walk.gives(BY_MAIL[language])
    assert moved.asking == "otp_code", moved
    assert len(walk.talk.sent_to(mail)) == before + 1
    assert walk.gives(old).asking == "otp_code"
    taken = walk.gives(walk.talk.code_for(mail))
    assert taken.asking != "otp_code", taken
    return taken
