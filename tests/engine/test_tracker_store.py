import asyncio
import json
import os
import sqlite3
from pathlib import Path
from typing import List

import pytest
import sqlalchemy as sa
from engine.tracker_store import (
    MaskedTrackerStore,
    TrackerStoreFailed,
    create_engine,
    masked_store_of,
)
from rasa.core.agent import Agent
from rasa.core.tracker_store import FailSafeTrackerStore, InMemoryTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    BotUttered,
    Event,
    SessionStarted,
    SlotSet,
    UserUttered,
)

from tests.engine.small_assistant import DOMAIN

CONVERSATION = "c_aaaaaaaaaaaaaaaaaaaaaa"
SECRETS = ["giulia", "bianchi", "3201234519", "123456", "bncgli85d43l219m", "gattonero", "/t/abc"]


def uttered(
    text: str, *entities: dict, intent: str = "inform", confidence: float = 0.9
) -> UserUttered:
    parsed = {"name": intent, "confidence": confidence}
    parse_data = {
        "text": text,
        "intent": parsed,
        "entities": list(entities),
        "intent_ranking": [parsed],
        "text_tokens": [[0, 3]],
        "language": {"name": "it"},
    }
    return UserUttered(
        text, parsed, list(entities), parse_data, message_id="m_1", metadata={"client": "hash"}
    )


async def take_turn(store: MaskedTrackerStore, *events: Event) -> None:
    tracker = await store.get_or_create_tracker(CONVERSATION, append_action_listen=False)
    tracker.update_with_events(list(events), store.domain)
    await store.save(tracker)


def stored(store: MaskedTrackerStore) -> List[dict]:
    with store.engine.connect() as connection:
        return [
            json.loads(row[0])
            for row in connection.execute(sa.text("select data from events order by id"))
        ]


TURN = (
    ActionExecuted("action_session_start"),
    SessionStarted(),
    SlotSet("requested_slot", "contact"),
    uttered(
        "giulia.bianchi@example.it 3201234519",
        {"entity": "email", "value": "giulia.bianchi@example.it"},
    ),
    SlotSet("contact", "Giulia Bianchi 3201234519"),
    BotUttered(
        "Mandato a giulia.bianchi@example.it: http://x/t/abc", {"buttons": []}, {"url": "/t/abc"}
    ),
    SlotSet("requested_slot", None),
    uttered("BNCGLI85D43L219M e il codice 123456, password: gattonero"),
)


async def test_no_secret_reaches_the_database(store: MaskedTrackerStore, tmp_path: Path) -> None:
    await take_turn(store, *TURN)
    store.engine.dispose()
    written = b"".join(path.read_bytes() for path in tmp_path.glob("tracker.db*")).decode(
        "utf-8", "ignore"
    )
    found = [secret for secret in SECRETS if secret in written.lower()]
    assert not found
    assert "hash" not in str(stored(store)[3]["metadata"])


async def test_parse_data_keep_only_what_the_dialogue_needs(store: MaskedTrackerStore) -> None:
    await take_turn(store, *TURN)
    kept = [event for event in stored(store) if event["event"] == "user"][-1]
    assert set(kept["parse_data"]) <= {"intent", "entities", "text", "message_id", "metadata"}
    assert kept["parse_data"]["intent"] == {"name": "inform", "confidence": 0.9}


async def test_memory_holds_just_what_the_database_gives(store: MaskedTrackerStore) -> None:
    await take_turn(store, *TURN)
    await take_turn(store, uttered("Anna"), SlotSet("language", "it"))
    warm = store.current(CONVERSATION)
    cold = await MaskedTrackerStore(store.domain, host=str(store.engine.url)).retrieve(CONVERSATION)
    assert warm is not None and cold is not None
    assert [event.as_dict() for event in warm.events] == [event.as_dict() for event in cold.events]
    assert warm.current_slot_values() == cold.current_slot_values()
    assert warm.latest_message.text == cold.latest_message.text


async def test_masks_and_choices_in_slots_are_kept(store: MaskedTrackerStore) -> None:
    await take_turn(store, SlotSet("contact", "gi****@e****.it"), SlotSet("language", "it"))
    assert [event["value"] for event in stored(store)] == ["gi****@e****.it", "it"]


async def test_every_event_is_written_once(store: MaskedTrackerStore) -> None:
    for number in range(4):
        await take_turn(store, uttered(f"turno {number}"), BotUttered("ok"))
    assert len(stored(store)) == 8


async def test_a_turn_that_breaks_off_leaves_no_trace(store: MaskedTrackerStore) -> None:
    await take_turn(store, uttered("uno"))
    tracker = await store.get_or_create_tracker(CONVERSATION, append_action_listen=False)
    tracker.update(uttered("mai salvato"), store.domain)
    tracker = await store.get_or_create_tracker(CONVERSATION, append_action_listen=False)
    assert [event.text for event in tracker.events] == ["uno"]


async def test_another_process_writing_is_noticed(store: MaskedTrackerStore) -> None:
    await take_turn(store, uttered("uno"))
    await take_turn(MaskedTrackerStore(store.domain, host=str(store.engine.url)), uttered("due"))
    tracker = await store.retrieve(CONVERSATION)
    assert tracker is not None
    assert [event.text for event in tracker.events] == ["uno", "due"]


async def test_a_new_session_forgets_the_old_events(store: MaskedTrackerStore) -> None:
    await take_turn(store, SessionStarted(), uttered("uno"))
    await take_turn(store, ActionExecuted("action_session_start"), SessionStarted(), uttered("due"))
    await take_turn(store, uttered("tre"))
    warm = store.current(CONVERSATION)
    assert warm is not None
    assert [e.text for e in warm.events if isinstance(e, UserUttered)] == ["due", "tre"]
    assert len(stored(store)) == 6


async def test_only_recent_conversations_stay_warm(tmp_path: Path) -> None:
    store = MaskedTrackerStore(
        Domain.from_yaml(DOMAIN), host=f"sqlite:///{tmp_path}/few.db", warm_conversations=2
    )
    for name in "abc":
        tracker = await store.get_or_create_tracker(name, append_action_listen=False)
        tracker.update(uttered("ciao"), store.domain)
        await store.save(tracker)
    assert store.current("a") is None
    assert store.current("c") is not None


async def test_a_dead_database_is_told_and_loses_nothing(store: MaskedTrackerStore) -> None:
    await take_turn(store, uttered("uno"))
    safe = FailSafeTrackerStore(store)
    tracker = await safe.get_or_create_tracker(CONVERSATION, append_action_listen=False)
    tracker.update(uttered("due"), store.domain)
    working, store.sessionmaker = store.sessionmaker, _broken
    await safe.save(tracker)
    with pytest.raises(TrackerStoreFailed):
        await store.peek(CONVERSATION)
    assert store.take_failure(CONVERSATION)
    assert not store.take_failure(CONVERSATION)
    store.sessionmaker = working
    again = await store.retrieve(CONVERSATION)
    assert again is not None
    assert [event.text for event in again.events] == ["uno"]


async def test_a_turn_that_could_not_read_may_not_write(store: MaskedTrackerStore) -> None:
    await take_turn(store, uttered("uno"))
    safe = FailSafeTrackerStore(store)
    working, store.sessionmaker = store.sessionmaker, _broken
    tracker = await safe.get_or_create_tracker(CONVERSATION, append_action_listen=False)
    store.sessionmaker = working
    tracker.update(uttered("come se fosse nuovo"), store.domain)
    await safe.save(tracker)
    assert store.take_failure(CONVERSATION)
    assert len(stored(store)) == 1


async def test_a_value_error_does_not_end_the_process(store: MaskedTrackerStore) -> None:
    with pytest.raises(ValueError, match="boom"), store.session_scope():
        raise ValueError("boom")


def test_a_store_in_memory_is_refused() -> None:
    agent = Agent(Domain.empty(), tracker_store=InMemoryTrackerStore(Domain.empty()))
    with pytest.raises(RuntimeError, match="InMemoryTrackerStore"):
        masked_store_of(agent)


def test_sqlite_runs_in_wal_mode(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path}/new/wal.db")
    engine.connect().close()
    mode = sqlite3.connect(tmp_path / "new" / "wal.db").execute("pragma journal_mode").fetchone()
    assert mode == ("wal",)


def _broken() -> None:
    raise sa.exc.OperationalError("select", {}, Exception("connection refused"))


@pytest.mark.services
async def test_postgresql_keeps_a_conversation_too() -> None:
    url = os.environ.get("SPORTELLO_TEST_POSTGRES_URL")
    if not url:
        pytest.skip("SPORTELLO_TEST_POSTGRES_URL is not set")
    store = MaskedTrackerStore(Domain.from_yaml(DOMAIN), host=url)
    with store.session_scope():
        pass  # makes the table
    with store.engine.begin() as connection:
        connection.execute(sa.text("delete from events"))
    await asyncio.gather(*[take_turn_of(store, f"c_{number}") for number in range(8)])
    cold = await MaskedTrackerStore(store.domain, host=url).retrieve("c_3")
    assert cold is not None
    assert cold.latest_message.text == "ciao •••"


async def take_turn_of(store: MaskedTrackerStore, conversation: str) -> None:
    tracker = await store.get_or_create_tracker(conversation, append_action_listen=False)
    tracker.update(uttered("ciao 3201234519"), store.domain)
    await store.save(tracker)
