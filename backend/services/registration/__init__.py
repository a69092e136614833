"""Registration, as a service that takes one customer message at a time."""

from backend.services.registration.service import Registration

__all__ = ["Registration"]
