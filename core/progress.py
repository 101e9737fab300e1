"""How far long work has come: shown on the page while another process does it, and on the terminal of who started it.

A row is written at most once a second, between the transactions of the work itself. It is a sign on the wall and no record: a
work that was killed leaves its last row, which nobody shows any more after two minutes.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.clock import now
from core.db import transaction
from core.state import WorkProgress

SHOWN_FOR = timedelta(minutes=2)
_EVERY = timedelta(seconds=1)
_WIDTH = 30

Teller = Callable[[str, int, int], None]
_teller: ContextVar[Teller | None] = ContextVar("progress_teller", default=None)


class Steps:
    """Told of every step; passes on what is worth showing."""

    def __init__(self, name: str, label: str, total: int) -> None:
        self._name, self._label, self.total = name, label, total
        self.done = 0
        self._started = self._told_at = now()
        self._written = False

    def step(self, by: int = 1) -> None:
        """So much more is done. Not inside a transaction: it may write."""
        self.done = min(self.done + by, self.total)
        if (tell := _teller.get()) is not None:
            tell(self._label, self.done, self.total)
        moment = now()
        # What is over within a second needs no sign on the wall.
        if moment - self._told_at >= _EVERY:
            self._told_at, self._written = moment, True
            with transaction() as session:
                session.merge(
                    WorkProgress(
                        name=self._name,
                        label=self._label,
                        done=self.done,
                        total=self.total,
                        started_at=self._started,
                        updated_at=moment,
                    )
                )

    def end(self) -> None:
        if self._written:
            with transaction() as session:
                session.execute(
                    sa.delete(WorkProgress).where(WorkProgress.name == self._name),
                    execution_options={"synchronize_session": False},
                )


@contextmanager
def progress(name: str, label: str, total: int) -> Iterator[Steps]:
    """Shows work of so many steps while it lasts."""
    steps = Steps(name, label, total)
    try:
        yield steps
    finally:
        steps.end()


def going_on(session: Session, feature: str = "") -> Sequence[WorkProgress]:
    """The work of a feature that is going on now, or all of it."""
    query = sa.select(WorkProgress).where(WorkProgress.updated_at > now() - SHOWN_FOR)
    if feature:
        query = query.where(WorkProgress.name.startswith(f"{feature}.", autoescape=True))
    return session.scalars(query.order_by(WorkProgress.started_at)).all()


@contextmanager
def on_terminal() -> Iterator[None]:
    """Draws a bar on stderr while the work lasts: a moving one for a person, a line every tenth for a log."""
    drawn = _Bar()
    token = _teller.set(drawn.tell)
    try:
        yield
    finally:
        _teller.reset(token)
        drawn.close()


class _Bar:
    def __init__(self) -> None:
        self._tenth = (-1, "")
        self._open = False

    def tell(self, label: str, done: int, total: int) -> None:
        share = done / total if total else 1.0
        if sys.stderr.isatty():
            filled = round(share * _WIDTH)
            sys.stderr.write(f"\r{label} [{'#' * filled}{'.' * (_WIDTH - filled)}] {done:,}/{total:,}")
            self._open = True
        elif (int(share * 10), label) != self._tenth:
            self._tenth = (int(share * 10), label)
            sys.stderr.write(f"{label} {done:,}/{total:,}\n")
        sys.stderr.flush()

    def close(self) -> None:
        if self._open:
            sys.stderr.write("\n")
