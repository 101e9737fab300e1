"""What this feature brings along."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Registers commands, pages, menu entries and jobs."""
