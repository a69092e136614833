"""The ways out for messages, and which one the settings choose for each channel."""

from __future__ import annotations

from backend.adapters.senders.development import DevelopmentSender
from backend.adapters.senders.smtp import SmtpSender
from backend.adapters.senders.twilio_sms import TwilioSmsSender
from backend.ports import Sender
from backend.settings import Settings


def make_senders(settings: Settings) -> dict[str, Sender]:
    """One sender for each channel, as *settings* ask for."""
    return {"sms": _sms(settings), "email": _email(settings)}


def _sms(settings: Settings) -> Sender:
    if settings.sender_sms == "development":
        return DevelopmentSender()
    return TwilioSmsSender(
        settings.twilio_account_sid,
        settings.twilio_auth_token.get_secret_value(),
        sender=settings.twilio_from,
        messaging_service_sid=settings.twilio_messaging_service_sid,
        api_base_url=settings.twilio_api_base_url,
    )


def _email(settings: Settings) -> Sender:
    if settings.sender_email == "development":
        return DevelopmentSender()
    return SmtpSender(
        settings.smtp_host,
        settings.smtp_port,
        sender=settings.smtp_from,
        username=settings.smtp_username,
        password=settings.smtp_password.get_secret_value(),
        starttls=settings.smtp_starttls,
    )
