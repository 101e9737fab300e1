"""Notes of work are written down by heads and leaders, and added up for a period by when they were recorded."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from accounts.actor import Actor
from core import audit
from core.clock import now, office_day
from core.errors import DomainError
from core.text import clean_line
from reports.contents import Worked
from reports.work.models import WorkNote
from reports.work.vocabulary import WorkKind
from tickets.masking.leak_check import leaks
from tickets.masking.mask import Identity
from tickets.models import School

MOST = 10_000_000
SHOWN = 100


def note(session: Session, *, kind: WorkKind, day: date, amount: int, text: str, actor: Actor) -> WorkNote:
    """One entry; DomainError with the sentence of the rule that says no."""
    said = clean_line(text)
    if not said:
        raise DomainError("请写一句做了什么。")
    if day > office_day(now()):
        raise DomainError("日期不能晚于今天。")
    if amount == 0 or abs(amount) > MOST:
        raise DomainError("数量要填整数，不能是 0。")
    if amount < 0 and "更正" not in said:
        raise DomainError("填负数是冲减登错的一笔，请在说明里写明更正哪一笔。")
    found = leaks(said, identity=Identity(), schools=session.scalars(sa.select(School.name)))
    if found:
        raise DomainError("".join(each.sentence for each in found[:3]) + "只写数量和做了什么，不写姓名。")
    assert actor.id is not None  # noqa: S101 - only people may
    row = WorkNote(
        kind=kind,
        day=day,
        amount=amount,
        text=said,
        recorded_by=actor.display_name,
        recorded_by_id=actor.id,
        recorded_at=now(),
    )
    session.add(row)
    session.flush()
    audit.record(
        session,
        "work.noted",
        actor=actor.username,
        object_ref=row.ref,
        digest=audit.digest({"kind": kind.value, "day": str(day), "amount": amount, "text": said}),
    )
    return row


def worked(session: Session, *, start: datetime, year_from: datetime, before: datetime) -> tuple[Worked, ...]:
    """Each kind with its sum of the period and of the year; only what there is anything of."""
    sums = {
        row.kind: (row.now, row.year)
        for row in session.execute(
            sa.select(
                WorkNote.kind,
                sa.func.coalesce(
                    sa.func.sum(sa.case((WorkNote.recorded_at >= start, WorkNote.amount), else_=0)), 0
                ).label("now"),
                sa.func.coalesce(sa.func.sum(WorkNote.amount), 0).label("year"),
            )
            .where(WorkNote.recorded_at >= min(start, year_from), WorkNote.recorded_at < before)
            .group_by(WorkNote.kind)
        )
    }
    return tuple(
        Worked(label=kind.label, unit=kind.unit, now=int(sums[kind][0]), this_year=int(sums[kind][1]))
        for kind in WorkKind
        if kind in sums and any(sums[kind])
    )


def newest(session: Session) -> Sequence[WorkNote]:
    return session.scalars(sa.select(WorkNote).order_by(WorkNote.id.desc()).limit(SHOWN)).all()
