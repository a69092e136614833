"""What the law gives a customer: a copy, an erasure, and the withdrawal of a consent."""

from backend.services.privacy.service import Privacy, Withdrawal

__all__ = ["Privacy", "Withdrawal"]
