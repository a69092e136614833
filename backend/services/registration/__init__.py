"""Registration, as a service that takes one customer message at a time."""

from backend.services.registration.service import FLOW, Registration

__all__ = ["FLOW", "Registration"]
