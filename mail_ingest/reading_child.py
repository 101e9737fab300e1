"""The process's one reader child."""

from __future__ import annotations

import atexit

from flask import current_app

from mail_ingest.reader_process import Reader


def reader() -> Reader:
    """Started when the first mail is read, ended with the process."""
    found: Reader | None = current_app.extensions.get("mail_reader")
    if found is None:
        found = current_app.extensions.setdefault("mail_reader", Reader())
        atexit.register(found.close)
    return found
