"""立即收取: a poll at the press of a button, beside the scheduler's; the page does not wait for its end."""

from __future__ import annotations

import logging
import os
import socket
import threading
import uuid

from flask import Flask, current_app

from core import leases
from core.db import db, transaction
from core.errors import HeldElsewhere
from mail_ingest.imap_mailbox import open_mailbox
from mail_ingest.polling import poll_all
from mail_ingest.reading_child import reader

log = logging.getLogger(__name__)
LEASE = "mail.poll"
PAGE_WAITS_SECONDS = 5.0
_LEASE_TRIES = 15  # the scheduler keeps the lease for a minute after its own poll
_BETWEEN_TRIES_SECONDS = 5.0


def start() -> bool:
    """Begins a poll in the background; True if it ended while the page could wait for it."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # the proxy's own way to the app
    working = threading.Thread(target=_work, args=(app,), name="poll now", daemon=True)
    working.start()
    working.join(PAGE_WAITS_SECONDS)
    return not working.is_alive()


def _work(app: Flask) -> None:
    holder = f"{socket.gethostname()}/{os.getpid()}/{uuid.uuid4().hex[:8]}"
    waiting = threading.Event()
    with app.app_context():
        try:
            for _ in range(_LEASE_TRIES):
                try:
                    with leases.held(LEASE, holder):
                        poll_all(open_mailbox, reader(), only_due=False)
                    with transaction() as session:
                        leases.give_back(session, LEASE, holder)
                except HeldElsewhere:
                    waiting.wait(_BETWEEN_TRIES_SECONDS)
                else:
                    return
        except Exception:
            # Nobody waits for this thread's answer; what a mailbox refused stands on its card, anything else in the log.
            log.exception("the poll that was asked for failed")
        finally:
            db.session.remove()
