"""The ways out for messages, and which one the settings choose for each channel."""

from __future__ import annotations

from backend.adapters.senders.development import DevelopmentSender
from backend.adapters.senders.smtp import SmtpSender
from backend.adapters.senders.twilio_sms import TwilioSmsSender
from backend.adapters.senders.twilio_whatsapp import (
    ContentTemplates,
    TwilioMediaRemover,
    TwilioWhatsAppSender,
    make_client,
)
from backend.core.whatsapp import CHANNEL as WHATSAPP
from backend.core.whatsapp import MEDIA_CHANNEL as WHATSAPP_MEDIA
from backend.ports import Sender
from backend.settings import Settings


def make_senders(settings: Settings, templates: ContentTemplates) -> dict[str, Sender]:
    """One sender for each channel, as *settings* ask for."""
    senders = {"sms": _sms(settings), "email": _email(settings)}
    if settings.sender_whatsapp == "twilio":
        senders |= _whatsapp(settings, templates)
    return senders


def _whatsapp(settings: Settings, templates: ContentTemplates) -> dict[str, Sender]:
    client = make_client(
        settings.twilio_account_sid,
        settings.twilio_auth_token.get_secret_value(),
        api_base_url=settings.twilio_api_base_url,
    )
    status_url = f"{settings.public_base_url}/whatsapp/status"
    return {
        WHATSAPP: TwilioWhatsAppSender(client, templates, status_url=status_url),
        WHATSAPP_MEDIA: TwilioMediaRemover(client),
    }


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
