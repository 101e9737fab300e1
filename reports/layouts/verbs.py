"""Layouts are saved by a section for itself; an export by one is written down with how many rows it took away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from accounts.actor import Actor
from accounts.models import Section
from accounts.vocabulary import Role
from core import audit
from core.clock import now
from core.errors import DomainError, NotFound, StaleVersion
from core.labels import Labelled
from core.text import clean_line
from reports import bulletins, ledger_table, periods, reading, records
from reports.cases import Setting
from reports.contents import BulletinKind, Span, Table
from reports.figures import Course
from reports.layouts.columns import Chosen, from_text, laid_out, to_text
from reports.layouts.models import ExportLayout
from reports.periods import Cut
from tickets import registers
from tickets.models import Ticket
from tickets.visibility import visible_to
from tickets.vocabulary import OPEN_STATUSES

MOST_ROWS = 20_000
_TICK = timedelta(microseconds=1)


class Which(Labelled):
    """Which tickets an export takes."""

    NEW = "new", "期间内登记的"
    CLOSED = "closed", "期间内办结的"
    OPEN = "open", "现在在办的"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is exported: which tickets, from which day to which."""

    which: Which
    first_day: date
    last_day: date


def may_change(actor: Actor, section_id: int) -> bool:
    return section_id in actor.section_ids and actor.has(Role.HANDLER, Role.HEAD)


def own(session: Session, actor: Actor) -> Sequence[tuple[ExportLayout, str]]:
    """The layouts of the person's sections that are in use, with the section's name."""
    rows = session.execute(
        sa.select(ExportLayout, Section.name)
        .join(Section, Section.id == ExportLayout.section_id)
        .where(ExportLayout.section_id.in_(actor.section_ids), ExportLayout.retired.is_(False))
        .order_by(Section.id, ExportLayout.name)
    )
    return [(layout, section) for layout, section in rows]


def found(session: Session, key: int, actor: Actor) -> ExportLayout:
    """NotFound where it is another section's."""
    layout = session.get(ExportLayout, key)
    if layout is None or layout.section_id not in actor.section_ids:
        raise NotFound("没有这个导出格式。")
    return layout


def save(
    session: Session,
    *,
    key: int | None,
    section_id: int,
    name: str,
    chosen: Sequence[Chosen],
    version: int,
    actor: Actor,
) -> ExportLayout:
    """A new layout, or a changed one."""
    called = clean_line(name)
    if not called:
        raise DomainError("请给这个导出格式起个名字。")
    if not may_change(actor, section_id):
        raise DomainError("请选您所在的股室。")
    if key is None:
        layout = ExportLayout(section_id=section_id)
        session.add(layout)
    else:
        layout = found(session, key, actor)
        if layout.version != version:
            raise StaleVersion("刚才有人已经改过这个导出格式，请刷新后再看。")
    layout.name, layout.columns = called, to_text(chosen)
    layout.changed_by, layout.changed_at = actor.display_name, now()
    try:
        session.flush()
    except IntegrityError as error:
        raise DomainError(f"本股室已有叫“{called}”的导出格式，请换个名字。") from error
    audit.record(
        session,
        "export_layout.saved",
        actor=actor.username,
        object_ref=layout.ref,
        digest=audit.digest({"name": layout.name, "columns": layout.columns}),
    )
    return layout


def retire(session: Session, key: int, *, actor: Actor) -> ExportLayout:
    layout = found(session, key, actor)
    if not may_change(actor, layout.section_id):
        raise NotFound("没有这个导出格式。")
    layout.retired = True
    layout.changed_by, layout.changed_at = actor.display_name, now()
    session.flush()
    audit.record(session, "export_layout.retired", actor=actor.username, object_ref=layout.ref)
    return layout


def export(session: Session, layout: ExportLayout, asked: Asked, *, actor: Actor, kind: str) -> Table:
    """The rows of the person's own sight, laid out; written down in the audit log."""
    if asked.last_day < asked.first_day:
        raise DomainError("截止日期不能早于开始日期。")
    table = laid_out(_ledger(session, layout, asked, actor), from_text(layout.columns))
    audit.record(
        session,
        "tickets.exported",
        actor=actor.username,
        object_ref=layout.ref,
        format=kind,
        rows=len(table.rows),
        asked=f"{asked.which.value} {asked.first_day} {asked.last_day}",
    )
    return table


def _ledger(session: Session, layout: ExportLayout, asked: Asked, actor: Actor) -> Table:
    cut = _cut(asked)
    ids = _ids(session, layout, asked, cut, actor)
    known = reading.registers(session)
    tickets = records.pressed(session, reading.tickets_by_id(session, ids, cut, known), cut.before)
    setting = Setting(
        calendar=registers.working_calendar(session),
        registers=known,
        reasons=records.reasons(session, cut.before),
    )
    courses = [Course(ticket=ticket, cut=cut) for ticket in tickets]
    return ledger_table.table_of(courses, setting, bulletins.ban_words(), name=layout.name)


def _cut(asked: Asked) -> Cut:
    """Up to now: an export shows how things stand when it is made."""
    span = Span(
        kind=BulletinKind.MONTHLY,
        name="",
        label=f"{asked.first_day} 至 {asked.last_day}",
        first_day=asked.first_day,
        last_day=asked.last_day,
    )
    at = now()
    return Cut(span=span, start=periods.start_of(asked.first_day), before=at + _TICK, at=at, draft=True)


def _ids(session: Session, layout: ExportLayout, asked: Asked, cut: Cut, actor: Actor) -> list[int]:
    end = periods.start_of(asked.last_day + timedelta(days=1))
    which = {
        Which.NEW: sa.and_(Ticket.recorded_at >= cut.start, Ticket.recorded_at < end),
        Which.CLOSED: sa.and_(Ticket.closed_at >= cut.start, Ticket.closed_at < end),
        Which.OPEN: Ticket.status.in_(OPEN_STATUSES),
    }[asked.which]
    ids = session.scalars(
        sa.select(Ticket.id)
        .where(Ticket.section_id == layout.section_id, visible_to(actor), which)
        .order_by(Ticket.id)
        .limit(MOST_ROWS + 1)
    ).all()
    if len(ids) > MOST_ROWS:
        raise DomainError(f"超过 {MOST_ROWS} 件，请缩短期间分几次导出。")
    return list(ids)
