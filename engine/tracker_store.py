"""The tracker store: masks before it writes, keeps recent conversations warm, and says when it failed.

Rasa wraps every store so that errors are swallowed: a failed read looks like a new customer and a
failed write is lost in memory. `peek` and `take_failure` tell the channel what happened, so that it
can ask the gateway to try again. A conversation must be locked while it is worked on.
"""

import asyncio
import json
import logging
from collections import OrderedDict, deque
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, Generator, List, Optional, Set, Tuple

import sqlalchemy as sa
import sqlalchemy.event
from rasa.core.agent import Agent
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import SQLTrackerStore, TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, Event, SessionStarted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session, sessionmaker

from engine import kept_events
from engine.database_url import tracker_database_url

logger = logging.getLogger(__name__)

_TIMEOUT_SECONDS = 3
_DEFAULT_WARM_CONVERSATIONS = 2000


class TrackerStoreFailed(Exception):
    """The database did not take or give a conversation."""


@dataclass
class _Warm:
    tracker: DialogueStateTracker
    last_row: int  # id of the newest stored event: tells whether another process wrote since


class MaskedTrackerStore(SQLTrackerStore):
    """`tracker_store: {type: engine.tracker_store.MaskedTrackerStore}` in endpoints.yml.

    Without a `url` it takes the one of `engine.database_url`. SQLite and PostgreSQL.
    """

    def __init__(
        self,
        domain: Optional[Domain] = None,
        host: Optional[str] = None,
        event_broker: Optional[EventBroker] = None,
        warm_conversations: int = _DEFAULT_WARM_CONVERSATIONS,
        **_kwargs: Any,
    ) -> None:
        # Not SQLTrackerStore's __init__: it makes an engine without timeouts and waits for ever.
        TrackerStore.__init__(self, domain, event_broker)
        self.engine = create_engine(host or tracker_database_url())
        self.sessionmaker = sessionmaker(bind=self.engine)
        self._warm: "OrderedDict[str, _Warm]" = OrderedDict()
        self._warm_conversations = warm_conversations
        self._taken: Dict[str, Tuple[int, int]] = {}  # sender -> stored events in hand, newest row
        self._failed: Set[str] = set()
        self._has_tables = False

    @contextmanager
    def session_scope(self) -> Generator[Session, None, None]:
        """A session that is closed whatever happens; errors are raised, never the end of the process."""
        session = self.sessionmaker()
        try:
            if not self._has_tables:
                self.Base.metadata.create_all(self.engine)
                self._has_tables = True
            yield session
        except Exception:
            session.rollback()
            raise
        finally:
            session.close()

    async def retrieve(self, sender_id: str) -> Optional[DialogueStateTracker]:
        """Take the conversation's tracker in hand; `save` gives it back to the warm ones.

        A turn that breaks off before `save` leaves nothing warm: the next one reads the database.
        """
        try:
            tracker, stored, last_row = await asyncio.to_thread(self._load, sender_id)
        except Exception as error:
            self._fail(sender_id, error)
            raise
        self._taken[sender_id] = (stored, last_row)
        return tracker

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Write masked copies of the new events, and keep only those in memory too."""
        sender_id = tracker.sender_id
        if sender_id in self._failed:
            raise TrackerStoreFailed(
                "this turn could not read its conversation, so it may not write it"
            )
        stored, last_row = self._taken.get(sender_id, (0, 0))
        events = list(tracker.events)
        kept = kept_events.masked(events[stored:], _asked_before(events[:stored]))
        try:
            last_row = await asyncio.to_thread(self._write, sender_id, kept, last_row)
        except Exception as error:
            self._fail(sender_id, error)
            raise
        _replace_events(tracker, stored, events, kept)
        self._taken[sender_id] = (len(tracker.events), last_row)
        if tracker.events:
            self._keep_warm(sender_id, tracker, last_row)

    async def peek(self, sender_id: str) -> Optional[DialogueStateTracker]:
        """The conversation as it stands, for reading only.

        Raises:
            TrackerStoreFailed: if the database does not answer, also when the tracker is warm.
        """
        try:
            tracker, stored, last_row = await asyncio.to_thread(self._load, sender_id)
        except Exception as error:
            self._warm.pop(sender_id, None)
            raise TrackerStoreFailed(type(error).__name__) from error
        if tracker is not None and stored:
            self._keep_warm(sender_id, tracker, last_row)
        return tracker

    def current(self, sender_id: str) -> Optional[DialogueStateTracker]:
        """The conversation as `save` left it, without asking the database again."""
        warm = self._warm.get(sender_id)
        return warm.tracker if warm else None

    def take_failure(self, sender_id: str) -> bool:
        """Whether reading or writing this conversation failed since the last call."""
        failed = sender_id in self._failed
        self._failed.discard(sender_id)
        self._taken.pop(sender_id, None)
        return failed

    def _load(self, sender_id: str) -> Tuple[Optional[DialogueStateTracker], int, int]:
        with self.session_scope() as session:
            newest = sa.func.max(self.SQLEvent.id)
            last_row = (
                session.query(newest).filter(self.SQLEvent.sender_id == sender_id).scalar() or 0
            )
            warm = self._warm.pop(sender_id, None)
            if warm is not None and warm.last_row == last_row:
                return warm.tracker, len(warm.tracker.events), last_row
            if not last_row:
                return None, 0, 0
            rows = self._event_query(session, sender_id, fetch_events_from_all_sessions=False).all()
        events = [json.loads(row.data) for row in rows]
        tracker = DialogueStateTracker.from_dict(sender_id, events, self.domain.slots)
        return tracker, len(tracker.events), last_row

    def _write(self, sender_id: str, events: List[Event], last_row: int) -> int:
        if not events:
            return last_row
        rows = [self._row(sender_id, event) for event in events]
        with self.session_scope() as session:
            session.add_all(rows)
            session.flush()
            newest = max(row.id for row in rows)
            session.commit()
        return newest

    def _row(self, sender_id: str, event: Event) -> SQLTrackerStore.SQLEvent:
        data = event.as_dict()
        return self.SQLEvent(
            sender_id=sender_id,
            type_name=event.type_name,
            timestamp=data.get("timestamp"),
            intent_name=data.get("parse_data", {}).get("intent", {}).get("name"),
            action_name=data.get("name"),
            data=json.dumps(data),
        )

    def _keep_warm(self, sender_id: str, tracker: DialogueStateTracker, last_row: int) -> None:
        self._warm[sender_id] = _Warm(tracker, last_row)
        self._warm.move_to_end(sender_id)
        while len(self._warm) > self._warm_conversations:
            self._warm.popitem(last=False)

    def _fail(self, sender_id: str, error: Exception) -> None:
        self._failed.add(sender_id)
        self._warm.pop(sender_id, None)
        logger.error("the tracker store failed: %s", type(error).__name__)


def create_engine(url: str) -> Engine:
    """An engine that gives up after seconds and notices dead connections."""
    parsed = sa.engine.make_url(url)
    if parsed.get_backend_name() == "postgresql":
        # the engine's environment has psycopg2, the rest of the house psycopg 3
        return sa.create_engine(
            parsed.set(drivername="postgresql+psycopg2"),
            pool_size=2,
            max_overflow=2,
            pool_timeout=_TIMEOUT_SECONDS,
            pool_pre_ping=True,
            connect_args={
                "connect_timeout": _TIMEOUT_SECONDS,
                "options": f"-c statement_timeout={_TIMEOUT_SECONDS * 1000}",
            },
        )
    if parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(
        parsed,
        poolclass=sa.pool.QueuePool,
        connect_args={"timeout": _TIMEOUT_SECONDS, "check_same_thread": False},
    )
    sa.event.listen(engine, "connect", _use_wal)
    return engine


def masked_store_of(agent: Agent) -> MaskedTrackerStore:
    """The store in use, which must be ours: Rasa falls back to memory without a word."""
    store = getattr(agent.tracker_store, "_tracker_store", agent.tracker_store)
    if not isinstance(store, MaskedTrackerStore):
        raise RuntimeError(
            f"endpoints.yml must name engine.tracker_store.MaskedTrackerStore; Rasa uses {type(store).__name__}"
        )
    return store


def _use_wal(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.close()


def _asked_before(events: List[Event]) -> Optional[str]:
    asking: Optional[str] = None
    for event in events:
        asking = kept_events.asked_after(event, asking)
    return asking


def _replace_events(
    tracker: DialogueStateTracker, stored: int, events: List[Event], kept: List[Event]
) -> None:
    """Put the masked copies in the tracker, and leave in it just what a fresh read would give."""
    for original, masked in zip(events[stored:], kept, strict=False):
        if isinstance(original, UserUttered) and tracker.latest_message is original:
            tracker.latest_message = masked
        elif isinstance(original, BotUttered) and tracker.latest_bot_utterance is original:
            tracker.latest_bot_utterance = masked
        elif (
            isinstance(original, SlotSet)
            and masked is not original
            and (
                tracker.slots.get(original.key)
                and tracker.slots[original.key].value == original.value
            )
        ):
            tracker.slots[original.key].value = masked.value  # type: ignore[attr-defined]
    remaining = events[:stored] + kept
    starts = [index for index, event in enumerate(remaining) if isinstance(event, SessionStarted)]
    tracker.events = deque(remaining[starts[-1] :] if starts else remaining)
