"""`make whatsapp-sandbox`: how to connect Twilio's WhatsApp sandbox, step by step.

It prints and changes nothing. What is configured stands in the steps already, and what is missing
is said.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from urllib.parse import urlsplit

from backend.core.errors import ConfigurationInvalid
from backend.settings import Settings, load

SANDBOX = "+14155238886"
_CONSOLE = "https://console.twilio.com"


def main() -> int:
    """Print the steps; 2 if the settings do not hold."""
    try:
        settings = load()
    except ConfigurationInvalid as failure:
        sys.stderr.write(f"{failure}\n")
        return 2
    print("\n".join(steps(settings)))
    return 0


def steps(settings: Settings) -> Iterator[str]:
    """The lines to print."""
    base = settings.public_base_url
    yield "Connect the desk to Twilio's WhatsApp sandbox"
    yield ""
    yield f"1. Sign in at {_CONSOLE}; Messaging > Try it out > Send a WhatsApp message."
    yield f"   Send `join <code>` from your phone to {SANDBOX}. It holds for three days."
    yield ""
    yield "2. Give Twilio a way to this machine: a tunnel to the web process."
    yield f"     cloudflared tunnel --url http://127.0.0.1:{settings.web_port}"
    yield from _about_address(base)
    yield ""
    yield "3. Put this into the environment of `make run`:"
    yield from (f"     {line}" for line in environment(settings))
    yield ""
    yield "4. In the sandbox's settings enter, both with POST:"
    yield f"     When a message comes in:  {base}/whatsapp/inbound"
    yield f"     Status callback URL:      {base}/whatsapp/status"
    yield ""
    yield "5. Start the desk and write to the sandbox. What went wrong is told by"
    yield "     .venv/bin/sportello outbox dead --channel whatsapp"
    yield f"   and by {_CONSOLE} > Monitor > Errors (11200: the address is not reached;"
    yield "   403: the address there differs from SPORTELLO_PUBLIC_BASE_URL)."
    yield ""
    yield "The sandbox sends one message in three seconds, 50 a day on a trial account, and after"
    yield "24 hours only its own templates."


def environment(settings: Settings) -> Iterator[str]:
    """What has to be set, with what is set already."""
    hosts = [*settings.trusted_hosts, urlsplit(settings.public_base_url).hostname or ""]
    given = {
        "SPORTELLO_SENDER_WHATSAPP": "twilio",
        "SPORTELLO_TWILIO_ACCOUNT_SID": settings.twilio_account_sid or "AC…",
        # Never printed: a terminal is read over a shoulder, and kept by its scroll-back.
        "SPORTELLO_TWILIO_AUTH_TOKEN": "(set)"
        if settings.twilio_auth_token.get_secret_value()
        else "…",
        "SPORTELLO_WHATSAPP_NUMBERS": _pairs(settings) or f"it={SANDBOX}",
        "SPORTELLO_PUBLIC_BASE_URL": settings.public_base_url,
        "SPORTELLO_TRUSTED_HOSTS": ",".join(dict.fromkeys(hosts)),
    }
    return (f"{name}={value}" for name, value in given.items())


def _pairs(settings: Settings) -> str:
    return ",".join(f"{name}={number}" for name, number in settings.whatsapp_numbers.items())


def _about_address(base: str) -> Iterator[str]:
    if urlsplit(base).scheme == "https":
        yield f"   SPORTELLO_PUBLIC_BASE_URL is {base}; it must be the tunnel's address."
    else:
        yield f"   SPORTELLO_PUBLIC_BASE_URL is {base}, which Twilio cannot reach: set it to"
        yield "   the https address that the tunnel prints, then run this again."


if __name__ == "__main__":
    sys.exit(main())
