"""The schedule: the one file with APScheduler. Jobs are declared by the features and live in memory only.

Started by `python app.py` and `worker`, never by create_app: under another server or in a test nothing ticks. Of several
processes one runs a job at a time, the one that holds the job's lease; correctness does not rest on it.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import uuid

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger
from flask import Flask

from core import leases
from core.clock import OFFICE_ZONE
from core.db import db, transaction
from core.errors import HeldElsewhere
from core.registry import Job, registry

log = logging.getLogger(__name__)
MISFIRE_SECONDS = 300
STOP_SECONDS = 8


class Schedule:
    """Runs the registered jobs of one application in background threads."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._holder = f"{socket.gethostname()}/{os.getpid()}/{uuid.uuid4().hex[:8]}"
        self._scheduler = BackgroundScheduler(
            timezone=OFFICE_ZONE,
            executors={"default": ThreadPoolExecutor(4)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": MISFIRE_SECONDS},
        )

    def start(self) -> None:
        """Begins to tick; jobs that come every few seconds run once at the start."""
        for job in registry(self._app).jobs:
            trigger = _trigger(job)
            self._scheduler.add_job(self._run, trigger, args=[job], id=job.name, name=job.name)
        self._scheduler.start()
        for job in registry(self._app).jobs:
            if job.seconds is not None:
                self._scheduler.add_job(self._run, args=[job], id=f"{job.name} (start)")

    def stop(self) -> None:
        """Takes no new work, waits for the running jobs, gives the leases back."""
        waiting = threading.Thread(target=self._scheduler.shutdown, kwargs={"wait": True}, daemon=True)
        waiting.start()
        waiting.join(STOP_SECONDS)
        with self._app.app_context():
            for job in registry(self._app).jobs:
                with transaction() as session:
                    leases.give_back(session, job.name, self._holder)
            db.engine.dispose()

    def _run(self, job: Job) -> None:
        with self._app.app_context():
            try:
                with leases.held(job.name, self._holder):
                    job.run()
            except HeldElsewhere:
                log.debug("%s runs elsewhere", job.name)
            except Exception:
                # A job that fails is tried again at its next time; the reason is for whoever reads the log.
                log.exception("job %s failed", job.name)
            finally:
                db.session.remove()


def _trigger(job: Job) -> IntervalTrigger | CronTrigger:
    if job.seconds is not None:
        return IntervalTrigger(seconds=job.seconds(), timezone=OFFICE_ZONE)
    hour, minute = job.at or (0, 0)
    return CronTrigger(hour=hour, minute=minute, timezone=OFFICE_ZONE)
