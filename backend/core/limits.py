"""Every number the services live by, in one place.

Sources: the insurer's guides (code life, resend after expiry, link life) and the project's own
rules; each is tested just below, at and just above its value.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Limits:
    """Durations are in seconds unless the name says otherwise."""

    otp_digits: int = 6
    otp_ttl: int = 120
    link_ttl: int = 600
    otp_tries: int = 5
    otp_resends: int = 3

    send_destination_hour: int = 5
    send_destination_day: int = 10
    send_conversation_hour: int = 5
    send_client_hour: int = 10
    sms_prefix_hour: int = 20
    """Per number range (a number without its last four digits): pumping uses whole ranges."""
    sms_day: int = 5_000

    wrong_subject_day: int = 10
    wrong_client_hour: int = 30
    wrong_global_alarm_hour: int = 200
    wrong_global_stop_hour: int = 1_000

    match_conversation: int = 5
    match_client_hour: int = 10
    match_policy_day: int = 5

    flow_idle: int = 900
    grant_ttl: int = 300
    password_link_ttl: int = 600
    page_renewals: int = 3
    """One-time pages made anew in one flow."""

    login_free: int = 5
    login_wait: int = 30
    login_wait_most: int = 900
    session_idle: int = 900
    session_absolute: int = 8 * 3600

    password_hashing_at_once: int = 4
    """Argon2id takes 46 MiB a time: more at once would let a flood of logins take the memory."""

    @property
    def otp_life(self) -> timedelta:
        """How long a code may be typed."""
        return timedelta(seconds=self.otp_ttl)

    @property
    def grant_life(self) -> timedelta:
        """How long the step after a right code may wait."""
        return timedelta(seconds=self.grant_ttl)
