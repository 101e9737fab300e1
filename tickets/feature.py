"""What the tickets bring along: seeds, commands, pages, menu entries."""

from __future__ import annotations

from flask import Flask

from core.registry import registry
from tickets import registers


def init_app(app: Flask) -> None:
    """Registers seeds, commands, pages and menu entries."""
    registry(app).seeds += [registers.seed_categories, registers.seed_calendar]
