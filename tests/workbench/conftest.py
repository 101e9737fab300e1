"""The desk's office: two sections with their people."""

from tests.desk.conftest import app, clock, office

__all__ = ["app", "clock", "office"]
