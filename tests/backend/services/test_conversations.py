"""The store of conversations where many ask it at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest

from backend.core.conversation import Claim, Incoming, Kind, Saying, Status, TurnOutcome
from backend.services.conversations import Conversations, ConversationUnknown
from tests.backend.desk import Desk

DONE = TurnOutcome(
    Status.DONE, (Saying("ecco", (("Sì", "/affirm"),)),), "it", None, None, customer_text="ciao"
)


@pytest.fixture
def store(any_desk: Desk) -> Conversations:
    return Conversations(any_desk.backend.uow, any_desk.backend.clock)


def opened(store: Conversations, sender: str = "anna") -> str:
    return store.of_sender(sender, channel="web", market=None, default=("it", "it")).id


def text(words: str, name: str | None = None) -> Incoming:
    return Incoming(Kind.TEXT, text=words, provider_message_id=name)


def at_once[T](work: Callable[[int], T], times: int = 8) -> list[T]:
    """Run `work` in so many threads that all begin together."""
    barrier = Barrier(times)

    def run(number: int) -> T:
        barrier.wait(10)
        return work(number)

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(run, range(times)))


def test_sender_who_writes_twice_at_once_has_one_conversation(store: Conversations) -> None:
    found = at_once(lambda _: opened(store))
    assert len(set(found)) == 1


def test_message_that_arrives_many_times_at_once_is_stored_once(store: Conversations) -> None:
    conversation = opened(store)
    received = at_once(lambda _: store.receive(conversation, text("ciao", "SM1")))
    assert len({each.inbound_id for each in received}) == 1
    assert Counter(each.is_new for each in received) == {True: 1, False: 7}


def test_turn_is_given_to_one_process_only(store: Conversations) -> None:
    conversation = opened(store)
    store.receive(conversation, text("ciao"))
    claims = at_once(lambda n: store.claim(conversation, f"w_{n}", now=0.0, until=10.0))
    assert len([claim for claim in claims if claim is not None]) == 1


def test_turn_that_two_processes_ran_is_stored_by_one_of_them(store: Conversations) -> None:
    conversation = opened(store)
    store.receive(conversation, text("ciao"))
    claims: list[tuple[str, Claim]] = []
    for number in range(4):
        claim = store.claim(conversation, f"w_{number}", now=number * 20, until=number * 20 + 10)
        assert claim is not None
        claims.append((f"w_{number}", claim))
    stored = at_once(lambda n: store.finish(claims[n][1], claims[n][0], DONE), times=4)
    assert stored == [False, False, False, True]
    assert [line.seq for line in store.lines(conversation)] == [1, 2]


def test_messages_are_claimed_in_the_order_they_came(store: Conversations) -> None:
    conversation = opened(store)
    for number in range(3):
        store.receive(conversation, text(f"n{number}"))
    seen = []
    while claim := store.claim(conversation, "w_1", now=0.0, until=10.0):
        seen.append(claim.incoming.text)
        assert store.finish(claim, "w_1", DONE)
    assert seen == ["n0", "n1", "n2"]
    assert [line.seq for line in store.lines(conversation)] == [1, 2, 3, 4, 5, 6]


def test_claim_that_is_kept_up_is_not_taken_over(store: Conversations) -> None:
    conversation = opened(store)
    store.receive(conversation, text("ciao"))
    assert store.claim(conversation, "w_1", now=0.0, until=10.0)
    assert store.waiting("w_2", now=9.0) == []
    assert store.keep_claim(conversation, "w_1", until=20.0)
    assert store.claim(conversation, "w_2", now=11.0, until=30.0) is None
    assert store.waiting("w_2", now=21.0) == [conversation]
    assert store.claim(conversation, "w_2", now=21.0, until=30.0)
    assert not store.keep_claim(conversation, "w_1", until=40.0)


def test_conversation_with_nothing_to_do_is_let_go_of(store: Conversations) -> None:
    conversation = opened(store)
    assert store.claim(conversation, "w_1", now=0.0, until=10.0) is None
    store.receive(conversation, text("ciao"))
    assert store.claim(conversation, "w_2", now=1.0, until=10.0)


def test_only_the_newest_turns_buttons_are_live(store: Conversations) -> None:
    conversation = opened(store)
    for _ in range(2):
        store.receive(conversation, text("ciao"))
        claim = store.claim(conversation, "w_1", now=0.0, until=10.0)
        assert claim is not None
        store.finish(claim, "w_1", DONE)
    offered = [button.id for line in store.lines(conversation) for button in line.buttons]
    assert store.snapshot(conversation).choices == (offered[1],)


def test_pressed_button_is_resolved_only_in_its_own_conversation(store: Conversations) -> None:
    own, other = opened(store), opened(store, "bruno")
    store.receive(own, text("ciao"))
    claim = store.claim(own, "w_1", now=0.0, until=10.0)
    assert claim is not None
    store.finish(claim, "w_1", DONE)
    [button] = store.snapshot(own).choices
    for conversation, found in ((own, True), (other, False)):
        store.receive(conversation, Incoming(Kind.BUTTON, button_id=button))
        pressed = store.claim(conversation, "w_1", now=0.0, until=10.0)
        assert pressed is not None
        assert (pressed.pressed is not None) is found


def test_sender_is_found_again_on_every_channel_and_market(store: Conversations) -> None:
    made = {
        (channel, market): store.of_sender(
            "anna", channel=channel, market=market, default=("it", "it")
        ).id
        for channel in ("web", "whatsapp")
        for market in ("it", "id")
    }
    assert len(set(made.values())) == 4
    for (channel, market), conversation in made.items():
        found = store.of_sender("anna", channel=channel, market=market, default=("it", "it"))
        assert found.id == conversation


def test_message_to_no_conversation_is_refused(store: Conversations) -> None:
    with pytest.raises(ConversationUnknown):
        store.receive("c_0123456789012345678901", text("ciao"))


def test_failed_turns_are_counted_until_one_succeeds(store: Conversations) -> None:
    conversation = opened(store)
    counts = []
    for status in (Status.FAILED, Status.FAILED, Status.DONE):
        store.receive(conversation, text("ciao"))
        claim = store.claim(conversation, "w_1", now=0.0, until=10.0)
        assert claim is not None
        store.finish(claim, "w_1", replace(DONE, status=status))
        counts.append(store.snapshot(conversation).conversation.failures)
    assert counts == [1, 2, 0]
