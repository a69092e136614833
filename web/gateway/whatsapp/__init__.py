"""WhatsApp's way in, through Twilio: signed webhooks, stored before they are acknowledged."""

from web.gateway.whatsapp.router import BODY_LIMIT, make_router

__all__ = ["BODY_LIMIT", "make_router"]
