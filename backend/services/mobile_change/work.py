"""One turn of a change of the mobile number."""

from __future__ import annotations

from backend.core.mobile_change import MobileDraft
from backend.services.flows import work

type Work = work.Work[MobileDraft]
