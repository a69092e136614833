"""Another mobile number, as a service that takes one customer message at a time."""

from backend.services.mobile_change.service import MobileChange

__all__ = ["MobileChange"]
