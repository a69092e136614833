"""The gateway's own numbers; those of the services are in the backend's limits."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class GatewayNumbers:
    """Durations are in seconds."""

    text_length: int = 1_000

    engine_timeout: float = 20.0
    engine_pauses: tuple[float, ...] = (0.3, 1.0, 2.0, 4.0, 8.0)
    """Pauses before the second, the third, … try: an engine that starts again takes ten seconds."""
    engine_patience: float = 25.0
    """No new try so long after the first one began; an apology is better then."""
    claims_most: int = 5
    """After so many starts of one turn it is the turn that ends processes: apologise instead."""

    arrivals_at_once: int = 4
    turns_at_once: int = 32
    turns_per_engine: int = 4
    """An engine is one process: more turns do not end sooner, and keep the door waiting."""
    claim_life: float = 12.0
    claim_kept_every: float = 4.0
    sweep_every: float = 2.0
    grace: float = 10.0
    """How long running turns may take to end when the process is told to."""

    frame_bytes: int = 8 * 1024
    hello_within: float = 10.0
    messages: int = 20
    messages_within: float = 10.0
    frames: int = 300
    """Frames of any kind within the same time: whoever sends more is cut off."""
    sockets_per_session: int = 10
    poll_for: float = 25.0
    """So long a poll waits for news: less than proxies let a request lie."""
    sessions: int = 300
    sessions_within: float = 600.0
    look_again: float = 5.0
    """A socket looks for messages that another process wrote."""

    whatsapp_workers: int = 4
    """How many answers may be on their way to the provider at once."""

    dev_wait: float = 90.0
