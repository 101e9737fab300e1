"""Signs of life: of the database, and of whoever runs the jobs, told by a lease that is renewed while it runs."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import Flask, current_app
from sqlalchemy.orm import Session

from core import leases
from core.clock import SystemClock
from core.db import db, end_read
from core.leases import Lease
from operations.schedule import LEASE_SECONDS

log = logging.getLogger(__name__)
JOB = "operations.alive"
EVERY_SECONDS = 20
SILENT_AFTER = timedelta(minutes=5)
_STARTED = "process_started_at"


@dataclass(frozen=True)
class Alive:
    """What answers. `scheduler` is also true in the first minutes of a process, before anything could have run."""

    database: bool
    scheduler: bool

    @property
    def ok(self) -> bool:
        return self.database and self.scheduler


def init_app(app: Flask) -> None:
    app.extensions[_STARTED] = SystemClock().now()


def sign_of_life() -> None:
    """The job that does nothing: that it holds its lease is the sign."""


def look() -> Alive:
    """Asks the database; never raises."""
    try:
        silent = silent_for(db.session())
    except sa.exc.SQLAlchemyError:
        log.exception("the database does not answer")
        return Alive(database=False, scheduler=False)
    finally:
        _end_read_quietly()
    young = SystemClock().now() - current_app.extensions[_STARTED] < SILENT_AFTER
    return Alive(database=True, scheduler=young if silent is None else young or silent < SILENT_AFTER)


def _end_read_quietly() -> None:
    try:
        end_read()
    except sa.exc.SQLAlchemyError:
        log.debug("a broken connection was let go")


def silent_for(session: Session) -> timedelta | None:
    """For how long nobody has run the jobs, by the database's clock; None if nobody ever has."""
    until = session.execute(sa.select(Lease.until).where(Lease.name == JOB)).scalar_one_or_none()
    if until is None:
        return None
    last: datetime = until - timedelta(seconds=LEASE_SECONDS)
    return max(leases.database_now(session) - last, timedelta())


def running_now(session: Session) -> bool:
    """Whether some process runs the jobs at this moment."""
    return leases.holder_of(session, JOB) is not None
