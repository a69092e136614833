"""What can go wrong, as one small tree.

A leaf carries a stable code and typed facts, never wording and never the value that was refused:
each edge (actions, web, command line) owns one table that turns codes into words or statuses.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

type Fact = str | int


class SportelloError(Exception):
    """Root of everything raised on purpose. Never raised directly."""

    code: ClassVar[str] = "internal"

    def __init__(self, code: str | None = None, /, **facts: Fact) -> None:
        self._code = code or type(self).code
        self.facts: Mapping[str, Fact] = MappingProxyType(facts)
        super().__init__(self._code)

    @property
    def reason(self) -> str:
        """The stable code of this very failure."""
        return self._code

    def __str__(self) -> str:
        if not self.facts:
            return self._code
        told = ", ".join(f"{name}={value}" for name, value in self.facts.items())
        return f"{self._code} ({told})"


class NotAllowed(SportelloError):
    """The step is known but not open to this caller now."""

    code = "not_allowed"


class Expired(SportelloError):
    """It was right once; its time is over."""

    code = "expired"


class Mismatch(SportelloError):
    """What was given is not what is on file."""

    code = "mismatch"


class TooMany(SportelloError):
    """A budget is spent; facts say when it opens again where that may be told."""

    code = "too_many"


class NotFound(SportelloError):
    """No such thing, or none that this caller may know of."""

    code = "not_found"


class Conflict(SportelloError):
    """Somebody or something was first."""

    code = "conflict"


class Unavailable(SportelloError):
    """Something outside does not answer; trying again later may help."""

    code = "unavailable"


class Rejected(SportelloError):
    """Something outside refused for good; trying again will not help."""

    code = "rejected"


class Invalid(SportelloError):
    """The form of a value is not the expected one."""

    code = "invalid"


# One-time links ---------------------------------------------------------------------------------


class LinkUnknown(NotFound):
    """No page has this token: never issued, replaced by a newer one, or called off."""

    code = "link_unknown"


class LinkExpired(Expired):
    """The page was there and was not used in its time."""

    code = "link_expired"


class LinkUsed(Conflict):
    """The page has done its work already."""

    code = "link_used"


class PasswordRefused(Invalid):
    """The password breaks the market's rules; `reasons` are codes of `core.passwords.Reason`."""

    code = "password_refused"

    def __init__(self, reasons: tuple[str, ...]) -> None:
        super().__init__()
        self.reasons = reasons


# Files of customers ------------------------------------------------------------------------------


class UploadRefused(Invalid):
    """Files cannot be taken; `problems` pairs each field with a code of `core.uploads.Reason`."""

    code = "upload_refused"

    def __init__(self, problems: tuple[tuple[str, str], ...]) -> None:
        field, reason = problems[0]
        super().__init__(reason, field=field)
        self.problems = problems


# Codes ------------------------------------------------------------------------------------------


class CodeWait(TooMany):
    """The code before this one still lives. Fact: `seconds`."""

    code = "code_wait"


class ResendsUsed(TooMany):
    """No more sends in this flow."""

    code = "resends_used"


class DestinationLimit(TooMany):
    """Enough was sent to this destination, from this conversation or client for now."""

    code = "destination_limit"


class CodesBlocked(TooMany):
    """Too many wrong codes for this subject in a day: a person goes on from here."""

    code = "codes_blocked"


class SendsStopped(Unavailable):
    """The service-wide breaker is open: nothing is sent until wrong codes calm down."""

    code = "sends_stopped"


class CodeWrong(Mismatch):
    """Not the code that was sent. Fact: `attempts_left`."""

    code = "code_wrong"


class CodeExhausted(TooMany):
    """The last try of this code is spent. Fact: `seconds` until a new one may be asked."""

    code = "code_exhausted"


class CodeExpired(Expired):
    """The code's time is over."""

    code = "code_expired"


class CodeUsed(Conflict):
    """The code, or the link that came with it, has done its work already."""

    code = "code_used"


# Matching ---------------------------------------------------------------------------------------


class MatchingBlocked(TooMany):
    """Too many guesses at who somebody is."""

    code = "matching_blocked"


# Area -------------------------------------------------------------------------------------------


class LoginRefused(Mismatch):
    """User name and password do not belong together; the same for an unknown user name."""

    code = "login_refused"


class LoginThrottled(TooMany):
    """Too many tries for this user name. Fact: `seconds`."""

    code = "login_throttled"


class SessionExpired(Expired):
    """The area session is over, by idleness, age or log-out."""

    code = "session_expired"


# The page around the widget ----------------------------------------------------------------------


class IdentityTokenRefused(Mismatch):
    """The page's word for who writes is not believed; the code is for the log alone."""

    code = "identity_token_refused"


# Requests ---------------------------------------------------------------------------------------


class RequestOpen(Conflict):
    """A request of this kind waits for its decision already. Fact: `number`."""

    code = "request_open"


# Files the operator writes -----------------------------------------------------------------------


class ConfigurationInvalid(Invalid):
    """A settings, market or text file does not hold; `problems` name file, field and reason."""

    code = "configuration_invalid"

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__()
        self.problems = problems

    def __str__(self) -> str:
        return "\n".join(self.problems)
