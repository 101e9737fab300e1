"""`worker`: the scheduler alone, beside any number of web processes and other workers."""

from __future__ import annotations

import logging
import signal
import threading

from flask import Flask

from operations import installation
from operations.schedule import LEASE_SECONDS, Schedule, leave

log = logging.getLogger(__name__)


def work(app: Flask, *, lease_seconds: int = LEASE_SECONDS) -> None:
    """Runs the jobs until SIGTERM or Ctrl-C; ends within ten seconds, whatever a job is doing."""
    with app.app_context():
        installation.check_ready()
    stop = threading.Event()
    for number in stop_signals():
        signal.signal(number, lambda *_: stop.set())
    schedule = Schedule(app, lease_seconds=lease_seconds)
    schedule.start()
    log.info("worker started")
    while not stop.wait(1):
        pass  # a wait without end would not see the signal on Windows
    log.info("worker stops")
    if not schedule.stop():
        leave()


def stop_signals() -> list[signal.Signals]:
    """The signals that ask the process to end; on Windows also the one a closed window sends."""
    names = ("SIGTERM", "SIGINT", "SIGBREAK")
    return [getattr(signal, name) for name in names if hasattr(signal, name)]
