"""How much may be sent: to one destination, by one conversation or client, over one channel.

Messages that anybody can set off count here, whatever they say: codes, and answers that go to the
contact on file (SMS pumping).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from backend.core.budgets import Budget
from backend.core.limits import Limits

_RANGE_DIGITS: Final = 4
"""Numbers that differ in so many last digits are one range."""


def destination_budgets(limits: Limits, channel: str, contact: str) -> list[Budget]:
    """What may be sent to *contact*, and by a channel that costs money."""
    budgets = [
        Budget.per_hour("send_destination", limits.send_destination_hour, contact),
        Budget.per_day("send_destination", limits.send_destination_day, contact),
    ]
    if channel == "sms":
        number_range = contact[:-_RANGE_DIGITS]
        budgets += [
            Budget.per_hour("sms_prefix", limits.sms_prefix_hour, number_range),
            Budget.per_day("sms", limits.sms_day),
        ]
    return budgets


def sender_budgets(limits: Limits, conversation_id: str, client: str | None) -> list[Budget]:
    """What one conversation and one client may set off."""
    budgets = [Budget.per_hour("send_conversation", limits.send_conversation_hour, conversation_id)]
    if client:
        budgets.append(Budget.per_hour("send_client", limits.send_client_hour, client))
    return budgets


def void(budgets: Iterable[Budget]) -> list[Budget]:
    """As many budgets that are nobody's, for a message that never leaves the house."""
    return [replace(budget, key=f"decoy/{budget.key}") for budget in budgets]
