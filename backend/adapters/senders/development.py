"""The way out in development: nowhere. What would have left stays readable in the outbox."""

from __future__ import annotations

from backend.ports import OutgoingMessage, Receipt


class DevelopmentSender:
    """Takes every message and keeps none: its row in the outbox is what developers read."""

    def send(self, message: OutgoingMessage) -> Receipt:
        """Accept, so that the outbox goes through the same states as with a real sender."""
        return Receipt(provider_id=f"development-{message.id}")
