"""What Twilio's error codes mean for a message (https://www.twilio.com/docs/api/errors)."""

from __future__ import annotations

from typing import Final

PASSING: Final = frozenset(
    {
        14107,  # rate limit of the sending number
        20003,  # our credentials do not hold
        20005,  # our account is not active
        20429,  # too many requests
        21212,  # our From is not valid
        21603,  # our From is missing
        21606,  # our From cannot send SMS
        21611,  # the queue of our From is full
        21703,  # our messaging service has no numbers
        30001,  # queue overflow
        30002,  # our account is suspended
        30022,  # rate limit of the carrier for our brand
        63001,  # WhatsApp does not know our sender's credentials
        63002,  # WhatsApp does not find our sender
        63007,  # our From is no WhatsApp sender of this account
        63010,  # failure within Twilio
        63012,  # failure within WhatsApp
        63018,  # rate limit of WhatsApp
        63038,  # our account's daily limit
    }
)
"""They concern the moment or our account: they pass, or an operator mends them."""

FINAL: Final = frozenset(
    {
        21211,  # not a valid number
        21408,  # SMS to this country are switched off
        21610,  # the owner has answered STOP
        21612,  # no route to this number
        21614,  # not a mobile number
        60410,  # blocked as fraud
    }
)
"""They may come with a status that elsewhere passes, and are final all the same."""

WINDOW_CLOSED: Final = 63016
"""Words of our own, more than 24 hours after the customer's last message."""

CONTENT: Final = frozenset(
    {
        21655,  # there is no such content
        21656,  # a variable of the content does not hold
        21658,  # likewise
        63005,  # WhatsApp takes no content of this kind
        63013,  # against a rule for this form of message
        63021,  # the content does not hold
        63030,  # a parameter that this kind of message does not take
    }
)
"""The form of a message is refused, not its words: they may go as plain text."""
