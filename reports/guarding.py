"""How complainants were guarded in a period: who asked or pressed, inquiries after a leak, what was handed over sealed."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from reports.periods import Cut
from tickets.models import LeakInquiry, Pressure, SealedHandOver
from tickets.secrecy.words import PressureKind

INQUIRIES, SEALED = "启动泄密核查", "依法密封移交"


def guarding(session: Session, cut: Cut) -> tuple[tuple[str, int], ...]:
    """The counts by the moments they were written down: every kind of pressure, also where there was none."""
    within = Pressure.recorded_at >= cut.start, Pressure.recorded_at < cut.before
    counted = {
        row[0]: int(row[1])
        for row in session.execute(
            sa.select(Pressure.kind, sa.func.count()).where(*within).group_by(Pressure.kind)
        )
    }
    inquiries = session.execute(
        sa.select(sa.func.count())
        .select_from(LeakInquiry)
        .where(LeakInquiry.started_at >= cut.start, LeakInquiry.started_at < cut.before)
    ).scalar_one()
    sealed = session.execute(
        sa.select(sa.func.count())
        .select_from(SealedHandOver)
        .where(SealedHandOver.printed_at >= cut.start, SealedHandOver.printed_at < cut.before)
    ).scalar_one()
    return (
        *((kind.label, counted.get(kind, 0)) for kind in PressureKind),
        (INQUIRIES, inquiries),
        (SEALED, sealed),
    )


def sentence(counts: tuple[tuple[str, int], ...]) -> str:
    """One paragraph; a bulletin of an older program, which counted nothing of it, has none."""
    return f"本期登记{'、'.join(f'“{label}” {count} 次' for label, count in counts)}。" if counts else ""
