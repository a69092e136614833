"""The eight ways to interrupt a question, and the right state after each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from tests.conversations.effects import outbox
from tests.conversations.manners import CODE_LIFE
from tests.conversations.product import words
from tests.conversations.product.corrections import corrects
from tests.conversations.product.going import Going
from tests.conversations.product.lacking import lacks
from tests.talk import Reply

_SHORTEST_REASON: Final = 40
_NO_CODE: Final = {
    "it": ("nessun codice", "pagina", "link"),
    "id": ("belum ada kode", "halaman", "tautan"),
    "en": ("haven't sent a code", "page", "link"),
}
_PAGES: Final = frozenset({"password_page", "document_upload"})


def asks_question(going: Going) -> None:
    """It is answered, and the same thing asked again."""
    wordings = words.QUESTION[going.pair.language]
    said, fact = wordings[going.pair.variant % len(wordings)]
    reply = going.talk.says(said)

    assert fact in reply.text, reply.text
    going.goes_on(reply)


def asks_why(going: Going) -> None:
    """A reason is given, and the same thing asked again."""
    before = going.last
    reply = _says(going, words.WHY)
    reason = str(reply.replies[0]["text"])

    assert len(reason) > _SHORTEST_REASON, reason
    assert reason not in before.text, f"only the question again: {reason}"
    assert len(reply.replies) > 1, f"the question is not asked again: {reply.text}"
    going.goes_on(reply)


def wants_code_again(going: Going) -> None:
    """Where a code is open a new one comes; elsewhere it is said that none is under way."""
    is_code = going.pair.slot == "otp_code"
    if is_code:
        going.talk.moves_clock(CODE_LIFE + 1)
    before = len(outbox(going.talk))
    reply = _says(going, words.RESEND)

    assert len(outbox(going.talk)) == before + is_code, reply.text
    going.goes_on(reply)
    if not is_code:
        known = _NO_CODE[going.pair.language]
        fitting = known[1:] if going.pair.slot in _PAGES else known[:1]
        assert any(word in reply.text.casefold() for word in fitting), reply.text


def changes_language(going: Going) -> None:
    """The other language is spoken, then the first one again; the question stays."""
    pair = going.pair
    said, language = words.OTHER_LANGUAGE[pair.language][pair.variant % 2]
    before = going.last.text
    changed = going.talk.says(said)
    assert changed.state["language"] == language, changed.text
    assert changed.text != before
    going.goes_on(changed)
    back = going.talk.says(words.BACK_TO[pair.language])

    assert back.state["language"] == pair.language, back.text
    going.goes_on(back)


def wants_another_task(going: Going) -> None:
    """Both tasks are offered; the first one goes on where it was."""
    flow = going.pair.flow
    offered = going.talk.says(words.OTHER_TASK[going.pair.language][flow == "reset_password"])
    assert (offered.flow, offered.asking) == (flow, "flow_choice"), offered
    assert len(offered.titles) == 2, offered.titles

    going.goes_on(going.talk.presses(offered.titles[0]))


def gives_up(going: Going) -> None:
    """The flow is over, and there is a way on."""
    reply = _says(going, words.CANCEL)

    assert reply.flow is None, f"still {reply.flow}/{reply.asking}: {reply.text}"
    assert reply.titles or len(reply.text) > _SHORTEST_REASON, reply.text


def _says(going: Going, wordings: Mapping[str, tuple[str, ...]]) -> Reply:
    said = wordings[going.pair.language]
    return going.talk.says(said[going.pair.variant % len(said)])


IN_PASSING: Final[Mapping[str, Callable[[Going], None]]] = MappingProxyType(
    {
        "question": asks_question,
        "why": asks_why,
        "resend": wants_code_again,
        "language": changes_language,
        "other_task": wants_another_task,
        "cancel": gives_up,
    }
)
"""In one conversation after the other, since each leaves it where it was; giving up comes last."""
ALONE: Final[Mapping[str, Callable[[Going], None]]] = MappingProxyType(
    {"not_available": lacks, "correction": corrects}
)
"""Each in a conversation of its own."""
INTERRUPTIONS: Final = (*IN_PASSING, *ALONE)
