"""Noon in Rome: at night nobody is written to unasked, and tests run at any time of day."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo


def until_noon(now: datetime, *, days: int = 1) -> timedelta:
    """How long it is from *now* to noon so many days later."""
    here = now.astimezone(ZoneInfo("Europe/Rome"))
    noon = datetime.combine(here.date() + timedelta(days=days), time(12), here.tzinfo)
    return noon - now
