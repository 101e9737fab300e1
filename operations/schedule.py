"""The schedule: the one file with APScheduler. Jobs are declared by the features and live in memory only.

Started by `python app.py` and `worker`, never by create_app: under another server or in a test nothing ticks. Of several
processes one runs a job at a time, the one that holds the job's lease; correctness does not rest on it. When a daily job
was last done stands in the database: a night in which the computer was off is made up for once it is on again.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
import uuid
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger
from flask import Flask
from sqlalchemy.orm import Session

from core import leases, state
from core.clock import OFFICE_ZONE, now
from core.db import db, end_read, transaction
from core.errors import HeldElsewhere
from core.registry import Job, registry

log = logging.getLogger(__name__)
# With a job every twenty seconds, another process goes on within a minute of the death of the one at work.
LEASE_SECONDS = 40
MISFIRE_SECONDS = 300
STOP_SECONDS = 8
LOOK_SECONDS = 30
AGAIN_AFTER_FAILURE = timedelta(minutes=10)
_THREADS = 4
_DONE, _TROUBLE = "job_done/", "job_trouble/"


class Schedule:
    """Runs the registered jobs of one application in background threads."""

    def __init__(self, app: Flask, *, lease_seconds: int = LEASE_SECONDS) -> None:
        self._app = app
        self._lease_seconds = lease_seconds
        self._holder = f"{socket.gethostname()}/{os.getpid()}/{uuid.uuid4().hex[:8]}"
        self._jobs = registry(app).jobs
        self._running: set[str] = set()
        self._stopping = threading.Event()
        self._ending: threading.Thread | None = None
        self._not_before: dict[str, datetime] = {}
        self._scheduler = BackgroundScheduler(
            timezone=OFFICE_ZONE,
            executors={"default": ThreadPoolExecutor(_THREADS)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": MISFIRE_SECONDS},
        )

    def start(self) -> None:
        """Begins to tick; jobs that come every few seconds run once at the start, daily ones that are due too."""
        for job in self._jobs:
            if job.seconds is not None:
                self._scheduler.add_job(self._run, _every(job.seconds()), args=[job], id=job.name)
                self._scheduler.add_job(self._run, args=[job], id=f"{job.name} (start)")
        self._scheduler.add_job(self._look_at_the_day, _every(LOOK_SECONDS), id="schedule.daily")
        self._scheduler.add_job(self._look_at_the_day, id="schedule.daily (start)")
        self._scheduler.start()

    def begin_stop(self) -> None:
        """Takes no new work; returns at once."""
        if not self._stopping.is_set():
            self._stopping.set()
            self._ending = threading.Thread(
                target=self._scheduler.shutdown, kwargs={"wait": True}, daemon=True
            )
            self._ending.start()

    def stop(self) -> bool:
        """Takes no new work, waits for the running jobs, gives the leases back; whether all of them have ended.

        If not, the process has to be left at once (`leave`): the interpreter would wait for them without end. What they
        did so far is as safe as after a power cut.
        """
        until = time.monotonic() + STOP_SECONDS
        self.begin_stop()
        assert self._ending is not None  # noqa: S101 - begin_stop has just made it
        self._ending.join(max(until - time.monotonic(), 0))
        busy = set(self._running)
        with self._app.app_context():
            try:
                with transaction() as session:
                    for job in self._jobs:
                        if job.name not in busy:
                            leases.give_back(session, job.name, self._holder)
            except sa.exc.SQLAlchemyError:
                log.warning("the leases could not be given back; they run out by themselves")
            if not busy:
                db.engine.dispose()
        return not busy

    def _look_at_the_day(self) -> None:
        """Runs the daily jobs that are due and not done, one after the other."""
        for job in self._jobs:
            if job.at is not None and not self._stopping.is_set():
                with self._app.app_context():
                    wait_until = self._not_before.get(job.name)
                    wanted = (wait_until is None or wait_until <= now()) and _is_due(job)
                if wanted:
                    self._run(job)

    def _run(self, job: Job) -> None:
        if self._stopping.is_set():
            return
        self._running.add(job.name)
        try:
            with self._app.app_context():
                self._run_here(job)
        finally:
            self._running.discard(job.name)

    def _run_here(self, job: Job) -> None:
        try:
            with leases.held(job.name, self._holder, seconds=self._lease_seconds):
                # Another process may have done the day's work between the look and the lease.
                if job.at is None or _is_due(job):
                    job.run()
                    self._note_done(job)
        except HeldElsewhere:
            log.debug("%s runs elsewhere", job.name)
        except Exception:
            # A job that fails is tried again at its next time; the reason is for whoever reads the log.
            log.exception("job %s failed", job.name)
            self._note_trouble(job)
        finally:
            db.session.remove()

    def _note_done(self, job: Job) -> None:
        had_trouble = self._not_before.pop(job.name, None) is not None
        if job.at is None and not had_trouble:
            return
        with transaction() as session:
            if job.at is not None:
                state.set_fact(session, _DONE + job.name, now().isoformat())
            if had_trouble:
                state.set_fact(session, _TROUBLE + job.name, "")

    def _note_trouble(self, job: Job) -> None:
        self._not_before[job.name] = now() + AGAIN_AFTER_FAILURE
        try:
            with transaction() as session:
                state.set_fact(session, _TROUBLE + job.name, now().isoformat())
        except sa.exc.SQLAlchemyError:
            log.warning("that %s failed could not be noted", job.name)


def leave() -> None:
    """Ends the process without waiting for the jobs that would not end."""
    log.warning("a job did not end in time; it goes on at the next start")
    logging.shutdown()
    os._exit(0)


def troubled_jobs(session: Session) -> dict[str, datetime]:
    """The jobs whose last run failed, with the moment."""
    prefix = len(_TROUBLE)
    rows = session.execute(
        sa.select(state.InstallationFact.name, state.InstallationFact.value).where(
            state.InstallationFact.name.startswith(_TROUBLE), state.InstallationFact.value != ""
        )
    ).all()
    return {row.name[prefix:]: datetime.fromisoformat(row.value) for row in rows}


def _is_due(job: Job) -> bool:
    """Whether the job's last moment has passed since it was done, by the database."""
    done = state.get_fact(db.session(), _DONE + job.name)
    end_read()
    return done is None or datetime.fromisoformat(done) < last_moment(job.at or (0, 0), now())


def last_moment(at: tuple[int, int], moment: datetime) -> datetime:
    """The latest moment not after the given one at which the office's clock showed the hour and minute. Pure."""
    local = moment.astimezone(OFFICE_ZONE)
    today = local.replace(hour=at[0], minute=at[1], second=0, microsecond=0)
    return (today if today <= local else today - timedelta(days=1)).astimezone(UTC)


def _every(seconds: int) -> IntervalTrigger:
    return IntervalTrigger(seconds=seconds, timezone=OFFICE_ZONE)
