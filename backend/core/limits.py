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
    match_request_day: int = 5
    """Contacts that do not belong to a request, per request number."""

    flow_idle: int = 900
    grant_ttl: int = 300
    identity_age: int = 1800
    """How long a conversation that proved who writes may go on without a new code."""
    identity_token_life: int = 300
    """The longest that a token of the page around the widget may live, from its issue on."""
    identity_token_skew: int = 30
    """How far the clock of the page's server may be ahead of ours."""
    password_link_ttl: int = 600
    page_renewals: int = 3
    """One-time pages made anew in one flow."""
    page_grace: int = 300
    """How long after the end of its page a flow can still make it anew."""

    mobile_cooldown: int = 48 * 3600
    """After a change: so long the new number alone is no proof enough for a new password."""
    veto_ttl: int = 48 * 3600
    """How long "it wasn't me" stops a change or undoes it."""

    login_free: int = 5
    login_wait: int = 30
    login_wait_most: int = 900
    session_idle: int = 900
    session_absolute: int = 8 * 3600

    password_hashing_at_once: int = 4
    """Argon2id takes 46 MiB a time: more at once would let a flood of logins take the memory."""

    upload_bytes: int = 10 * 1024 * 1024
    """Of one file."""
    upload_files: int = 4
    """Kept for one request, whatever was sent in how many goes."""
    upload_side: int = 12_000
    upload_pixels: int = 40_000_000
    upload_pages: int = 20
    upload_link_ttl: int = 1800
    upload_unclaimed: int = 86_400
    """How long a file is kept that never became part of a request."""
    upload_checks_at_once: int = 2
    """A photo takes a few hundred MB while it is decoded."""
    document_pages: int = 500
    """Of a policy document: the insurer's conditions are longer than an identity card."""
    document_link_ttl: int = 600

    @property
    def otp_life(self) -> timedelta:
        """How long a code may be typed."""
        return timedelta(seconds=self.otp_ttl)

    @property
    def grant_life(self) -> timedelta:
        """How long the step after a right code may wait."""
        return timedelta(seconds=self.grant_ttl)
