"""Figures that every page shows, worked out once and kept for a few seconds in this process.

What is kept is right at once for whoever changes something here: every commit of this process ends it. What another process
has written is seen when the seconds are over. A figure that must never be old does not belong here.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

from flask import current_app
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.orm import Session

from core.clock import now
from core.db import db

SECONDS: Final = 5
_AT_MOST: Final = 500
_EXTENSION: Final = "kept_figures"
_BEGUN: Final = "kept_generation"

Value = TypeVar("Value")


@dataclass(frozen=True)
class _Kept:
    generation: int
    at: datetime
    value: Any


class _Generation:
    """Counts the commits of this process."""

    def __init__(self) -> None:
        self._next = itertools.count(1)
        self.number = 0

    def over(self) -> None:
        self.number = next(self._next)


_generation = _Generation()


@event.listens_for(Engine, "begin")
def _remember_generation(connection: Connection) -> None:
    connection.info[_BEGUN] = _generation.number


@event.listens_for(Engine, "commit")
def _before_commit(_connection: Connection) -> None:
    _generation.over()


@event.listens_for(Session, "after_commit")
def _after_commit(_session: Session) -> None:
    # The engine's own event comes before the commit: a reader that begins between the two still sees the old rows.
    _generation.over()


def kept(key: Hashable, work: Callable[[], Value]) -> Value:
    """The value of `work()`, at most SECONDS old by the application's clock and from after the last commit here."""
    store: dict[Hashable, _Kept] = current_app.extensions.setdefault(_EXTENSION, {})
    # The request's reads may all come from a moment before somebody's commit: such a value is not kept as a new one.
    generation: int = db.session().connection().info.get(_BEGUN, 0)
    moment = now()
    found = store.get(key)
    if (
        found is not None
        and found.generation == _generation.number
        and found.at <= moment < found.at + timedelta(seconds=SECONDS)
    ):
        value: Value = found.value
        return value
    value = work()
    if len(store) >= _AT_MOST:
        store.clear()
    store[key] = _Kept(generation, moment, value)
    return value
