"""What the scheduler does for the tickets by itself."""

from __future__ import annotations

from flask import Flask

from core.db import db, end_read, transaction
from core.registry import Job, registry
from tickets import handling
from tickets.reminders import alarms, news
from tickets.reminders.raising import raise_due
from tickets.reminders.recomputing import recompute_all

_ALARMS_EVERY = 30
_MORNING = (8, 0)
_AFTER_MIDNIGHT = (0, 5)


def init_app(app: Flask) -> None:
    found = registry(app)
    found.jobs += [
        Job(name="tickets.resume", run=resume_by_date, at=_AFTER_MIDNIGHT),
        Job(name="tickets.recompute", run=recompute_all, at=(0, 20)),
        Job(name="tickets.remind", run=raise_due, at=_MORNING),
        Job(name="tickets.news", run=news.tell_news, seconds=lambda: news.EVERY_SECONDS),
        Job(name="tickets.alarms", run=alarms.tell_duty, seconds=lambda: _ALARMS_EVERY),
    ]


def resume_by_date() -> int:
    """Lets the clock run again where the day that was set has passed; how many."""
    numbers = handling.to_resume(db.session())
    end_read()
    resumed = 0
    for number in numbers:
        with transaction() as session:
            resumed += handling.resume_by_date(session, number) is not None
    return resumed
