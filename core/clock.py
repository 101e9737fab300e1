"""The source of time: everything asks a Clock, so that tests and demonstrations can set it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from flask import current_app

OFFICE_ZONE = ZoneInfo("Asia/Shanghai")


class Clock(Protocol):
    def now(self) -> datetime:
        """The present moment, aware, in UTC."""


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class ShiftedClock:
    """Starts at a given moment when the process starts, and runs from there."""

    def __init__(self, start: datetime) -> None:
        self._shift = start - datetime.now(UTC)

    def now(self) -> datetime:
        return datetime.now(UTC) + self._shift


class FixedClock:
    """Stands still until it is moved; for tests."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment


def now() -> datetime:
    """The application's present moment, aware, in UTC."""
    clock: Clock = current_app.extensions["clock"]
    return clock.now()


def office_day(moment: datetime) -> date:
    """The calendar day of a moment in the office's own zone."""
    return moment.astimezone(OFFICE_ZONE).date()
