"""The office's closing times from its settings, as the deadline rules want them."""

from __future__ import annotations

from flask import current_app

from config.settings import Settings
from tickets.deadlines.rules import OfficeHours, Season


def office_hours() -> OfficeHours:
    settings: Settings = current_app.extensions["settings"]
    deadlines = settings.office.deadlines
    return OfficeHours(
        day_ends=deadlines.day_ends,
        seasons=tuple(
            Season.parse(season.first, season.last, season.day_ends.isoformat())
            for season in deadlines.seasons
        ),
    )
