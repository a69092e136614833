"""Contacts of somebody who does not exist, so that an unknown user name looks like a known one.

They follow from a keyed digest of the user name: the same question gets the same answer, and
nobody without the key can tell them from real ones. Nothing is ever sent to them.
"""

from __future__ import annotations

from backend.core.fields.contacts import channel_of

_LETTERS = "abcdefghilmnoprstuvz"
_PREFIXES = {"it": ("+39320", "+39333", "+39347", "+39388"), "id": ("+62812", "+62813", "+62857")}
_DIGITS_AFTER_PREFIX = {"it": 7, "id": 8}
_DOMAINS = {"it": ("{}xxxxx.it", "{}xxxxx.com"), "id": ("{}xxxxx.com", "{}xxxxx.co.id")}
_ALONE_ONE_IN = 5
"""So many customers have one contact on file only."""


def decoy_contacts(market: str, username: str, digest: str) -> dict[str, str]:
    """Channel -> contact, the phone first; *digest* is a keyed hash of market and user name.

    Where the user name is a contact, it is one of them.
    """
    seed = int.from_bytes(digest.encode(), "big")
    contacts = {"sms": _mobile(market, seed), "email": _email(market, seed)}
    own = channel_of(username) if "@" in username or username.startswith("+") else None
    if own is not None:
        contacts[own] = username
    if seed % _ALONE_ONE_IN == 0:
        kept = own or "sms"
        return {kept: contacts[kept]}
    return contacts


def _mobile(market: str, seed: int) -> str:
    prefixes = _PREFIXES[market]
    count = _DIGITS_AFTER_PREFIX[market]
    return f"{prefixes[seed // 7 % len(prefixes)]}{seed // 31 % 10**count:0{count}d}"


def _email(market: str, seed: int) -> str:
    first, second, third = (
        _LETTERS[seed // divisor % len(_LETTERS)] for divisor in (1009, 2003, 4001)
    )
    domains = _DOMAINS[market]
    domain = domains[seed // 13 % len(domains)].format(third)
    return f"{first}{second}xxxxx@{domain}"
