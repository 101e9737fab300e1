"""Moments that tests share."""

from __future__ import annotations

from datetime import UTC, datetime

MONDAY_MORNING = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # 09:00 in the office
