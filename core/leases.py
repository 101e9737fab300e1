"""Leases: one row a kind of work, so that among many processes one does it.

They save work; correctness rests on unique keys. Time is the database's, so hosts with wrong clocks agree. A holder renews;
long work asks `ensure_held` between its steps and stops once the lease has run out or its epoch has changed.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import Flask, current_app
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.db import Base, UTCDateTime, db, transaction
from core.errors import HeldElsewhere

log = logging.getLogger(__name__)

LEASE_SECONDS = 60
RENEWALS = 3  # so often within its time a lease is renewed


class _Held:
    """The lease this work runs under: its epoch, and until when it is surely ours by this host's own stopwatch."""

    def __init__(self, name: str, epoch: int, seconds: int, asked_at: float) -> None:
        self.name = name
        self._epoch = epoch
        self._seconds = seconds
        self._until = asked_at + seconds
        self._changed = False

    def renewed(self, epoch: int | None, asked_at: float) -> None:
        self._changed = self._changed or epoch != self._epoch
        self._until = asked_at + self._seconds

    @property
    def lost(self) -> bool:
        return self._changed or time.monotonic() >= self._until


_under: ContextVar[_Held | None] = ContextVar("lease", default=None)


class Lease(Base):
    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(primary_key=True)
    holder: Mapped[str]
    until: Mapped[datetime]
    epoch: Mapped[int]


def database_now(session: Session) -> datetime:
    """The moment by the database's own clock, aware, in UTC."""
    if session.get_bind().dialect.name == "sqlite":
        clock: sa.ColumnClause[Any] = sa.literal_column("strftime('%Y-%m-%d %H:%M:%f', 'now')")
    else:
        clock = sa.literal_column("clock_timestamp()")
    moment = session.execute(sa.select(sa.type_coerce(clock, UTCDateTime()))).scalar_one()
    assert moment is not None  # noqa: S101 - a clock never answers NULL
    return moment


def take(session: Session, name: str, holder: str, *, seconds: int = LEASE_SECONDS) -> int | None:
    """Takes or renews the lease; its epoch, or None while another holds it."""
    moment = database_now(session)
    until = moment + timedelta(seconds=seconds)
    row = session.execute(
        sa.select(Lease.holder, Lease.until, Lease.epoch).where(Lease.name == name).with_for_update()
    ).one_or_none()
    if row is None:
        # Two processes may both find nothing: the primary key lets one of them in, the other's transaction fails.
        session.execute(sa.insert(Lease).values(name=name, holder=holder, until=until, epoch=1))
        return 1
    if row.holder != holder and row.until > moment:
        return None
    epoch = row.epoch if row.holder == holder and row.until > moment else row.epoch + 1
    session.execute(
        sa.update(Lease).where(Lease.name == name).values(holder=holder, until=until, epoch=epoch)
    )
    return int(epoch)


def give_back(session: Session, name: str, holder: str) -> None:
    """Ends the lease at once if this holder has it."""
    session.execute(
        sa.update(Lease)
        .where(Lease.name == name, Lease.holder == holder)
        .values(until=database_now(session) - timedelta(seconds=1))
    )


def holder_of(session: Session, name: str) -> str | None:
    """Who holds the lease now, or None."""
    row = session.execute(sa.select(Lease.holder, Lease.until).where(Lease.name == name)).one_or_none()
    return row.holder if row and row.until > database_now(session) else None


@contextmanager
def held(name: str, holder: str, *, seconds: int = LEASE_SECONDS) -> Iterator[None]:
    """Holds the lease for a piece of work, renewed by a thread; HeldElsewhere if another has it.

    Must be entered outside a transaction. Work that lasts asks `ensure_held` between its steps. The lease is kept when the work ends, so that the same process goes on next time;
    it runs out by itself when the process dies.
    """
    asked_at = time.monotonic()
    try:
        with transaction() as session:
            epoch = take(session, name, holder, seconds=seconds)
    except IntegrityError:
        epoch = None  # another process made the row in the same instant
    if epoch is None:
        raise HeldElsewhere(f"另一个进程正在做这项工作（{name}）。")
    mine = _Held(name, epoch, seconds, asked_at)
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # the proxy's own way to the app
    done = threading.Event()
    renewing = threading.Thread(
        target=_renew, args=(app, mine, holder, done, seconds), name=f"lease {name}", daemon=True
    )
    renewing.start()
    before = _under.set(mine)
    try:
        yield
    finally:
        _under.reset(before)
        done.set()
        renewing.join()


def ensure_held() -> None:
    """Raises HeldElsewhere if the lease this work runs under is no longer its own; nothing happens under none."""
    mine = _under.get()
    if mine is not None and mine.lost:
        raise HeldElsewhere(f"另一个进程已接手这项工作（{mine.name}），这里先停下。")


def _renew(app: Flask, mine: _Held, holder: str, done: threading.Event, seconds: int) -> None:
    with app.app_context():
        while not done.wait(seconds / RENEWALS):
            asked_at = time.monotonic()
            try:
                with transaction() as session:
                    epoch = take(session, mine.name, holder, seconds=seconds)
                mine.renewed(epoch, asked_at)
            except SQLAlchemyError:
                log.warning("the lease %s could not be renewed; trying again", mine.name)
            finally:
                db.session.remove()
