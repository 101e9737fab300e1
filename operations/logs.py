"""Logs go to stderr, one line each, without any text of a complaint."""

from __future__ import annotations

import logging
import sys


def log_to_stderr(level: int = logging.INFO) -> None:
    """Sets the root logger up once; the poller's own chatter stays at warnings."""
    logging.basicConfig(
        stream=sys.stderr, level=level, format="%(asctime)s %(levelname)s %(name)s: %(message)s", force=True
    )
    for chatty in ("apscheduler", "imapclient", "alembic", "waitress.queue"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
