"""What this feature brings along."""

from __future__ import annotations

from flask import Flask

from outbox import models  # noqa: F401 - the tables have to be known before the mappers are set up


def init_app(app: Flask) -> None:
    """Registers commands, pages, menu entries and jobs."""
