"""Numbers without gaps: of tickets (ZJ20261123-0007, per section and day), of orders (安教交〔2026〕12号, per year)."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.db import table_of
from tickets.models import NumberCounter

_COUNTERS = table_of(NumberCounter)
_COUNT_UP = (
    sa.update(_COUNTERS)
    .where(_COUNTERS.c.prefix == sa.bindparam("of"), _COUNTERS.c.day == sa.bindparam("on"))
    .values(last=_COUNTERS.c.last + 1)
    .returning(_COUNTERS.c.last)
)


def next_number(session: Session, prefix: str, day: date) -> str:
    """The next number of a section on a day; the counter's row stays locked until the transaction ends.

    A transaction that fails gives its number back with everything else, so there are no gaps.
    """
    key = (prefix, day.strftime("%Y%m%d"))
    return f"{key[0]}{key[1]}-{_next(session, key):04d}"


def next_order_number(session: Session, word: str, year: int) -> str:
    """The next number of an order in a year, over all sections: 安教交〔2026〕12号; gapless in the same way."""
    key = (word, str(year))
    return f"{word}〔{year}〕{_next(session, key)}号"


def next_snapshot_number(session: Session, prefix: str, year: int) -> str:
    """The next number of what was frozen in a year, over all sections: YX2026-014; gapless in the same way."""
    return f"{prefix}{year}-{_next(session, (prefix, str(year))):03d}"


def _next(session: Session, key: tuple[str, str]) -> int:
    last = _count_up(session, key)
    if last is None:
        _add_counter(session, key)
        last = _count_up(session, key)
    assert last is not None  # noqa: S101 - the row was just made, or another transaction made it
    return last


def _count_up(session: Session, key: tuple[str, str]) -> int | None:
    last: int | None = session.execute(_COUNT_UP, {"of": key[0], "on": key[1]}).scalar_one_or_none()
    return last


def _add_counter(session: Session, key: tuple[str, str]) -> None:
    # Two transactions may both find no row; the second insert waits for the first and then does nothing.
    values = {"prefix": key[0], "day": key[1], "last": 0}
    if session.get_bind().dialect.name == "postgresql":
        from sqlalchemy.dialects import postgresql

        session.execute(postgresql.insert(NumberCounter).values(values).on_conflict_do_nothing())
        return
    from sqlalchemy.dialects import sqlite

    session.execute(sqlite.insert(NumberCounter).values(values).on_conflict_do_nothing())
