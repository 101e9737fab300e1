"""应询快照: what was answered when somebody asked about late cases, frozen with its number, file and hash.

Nothing goes into it but figures and released texts. The file is written to the blob store before the rows: a kill between
them leaves an orphan, never a snapshot without its file.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from accounts.actor import Actor
from accounts.models import Section
from accounts.vocabulary import Role
from core import audit
from core.blobs import blob_store
from core.clock import now, office_day
from core.db import db, end_read, transaction
from core.errors import DomainError, NotFound
from core.text import clean_line
from tickets import numbers
from tickets.deadlines.asking import Ask
from tickets.deadlines.rules import Unit
from tickets.late import Group, Line, Overview
from tickets.models import InquirySnapshot, SnapshotSection
from tickets.queries.overdue import overview
from tickets.vocabulary import AskedHow, Secrecy

SHOWN = 100
PREFIX = "YX"


@dataclass(frozen=True, kw_only=True)
class Inquiry:
    """Who asked, how, and what else is to be remembered."""

    asked_by: str
    how: AskedHow
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Frozen:
    """A snapshot before its file is written: what the file is made of."""

    number: str
    inquiry: Inquiry
    by: str
    sections: tuple[str, ...]
    found: Overview


def freeze(inquiry: Inquiry, *, actor: Actor, render: Callable[[Frozen], str]) -> str:
    """Freezes what this person's page says now; the snapshot's number."""
    asked_by = clean_line(inquiry.asked_by)
    if not asked_by:
        raise DomainError("请写明是谁来问的。")
    inquiry = Inquiry(asked_by=asked_by, how=inquiry.how, note=clean_line(inquiry.note))
    session, at = db.session(), now()
    found = overview(session, actor, at, at_most=None).for_outside()
    sections = session.scalars(
        sa.select(Section).where(Section.id.in_(actor.section_ids)).order_by(Section.id)
    ).all()
    named = [(row.id, row.name) for row in sections]
    end_read()
    assert actor.id is not None  # noqa: S101 - only people answer
    with transaction() as writing:
        number = numbers.next_snapshot_number(writing, PREFIX, office_day(at).year)
        frozen = Frozen(
            number=number,
            inquiry=inquiry,
            by=actor.display_name,
            sections=tuple(name for _, name in named),
            found=found,
        )
        blob = blob_store().put(render(frozen).encode())
        row = InquirySnapshot(
            number=number,
            at=at,
            asked_by=inquiry.asked_by,
            asked_how=inquiry.how,
            note=inquiry.note,
            by=actor.display_name,
            by_id=actor.id,
            contents=to_json(found, frozen.sections),
            blob=blob.name,
            sha256=blob.sha256,
            size=blob.size,
        )
        writing.add(row)
        writing.flush()
        writing.add_all(SnapshotSection(snapshot_id=row.id, section_id=each) for each, _ in named)
        audit.record(
            writing,
            "inquiry.frozen",
            actor=actor.username,
            object_ref=row.ref,
            sha256=blob.sha256,
            contents=audit.digest({"contents": row.contents}),
            late=found.late,
        )
    return number


def listed(session: Session, actor: Actor) -> list[InquirySnapshot]:
    """The snapshots a person may open, the newest first."""
    return list(
        session.scalars(
            sa.select(InquirySnapshot).where(_seen(actor)).order_by(InquirySnapshot.id.desc()).limit(SHOWN)
        )
    )


def of(session: Session, number: str, actor: Actor) -> InquirySnapshot:
    """NotFound for whom it is none of the business."""
    row = session.scalars(
        sa.select(InquirySnapshot).where(InquirySnapshot.number == number, _seen(actor))
    ).one_or_none()
    if row is None:
        raise NotFound("没有这份应询快照。")
    return row


def read_back(row: InquirySnapshot) -> Frozen:
    """A snapshot as it was frozen."""
    contents = json.loads(row.contents)
    return Frozen(
        number=row.number,
        inquiry=Inquiry(asked_by=row.asked_by, how=row.asked_how, note=row.note),
        by=row.by,
        sections=tuple(contents["sections"]),
        found=_overview_from(contents, row.at),
    )


def _seen(actor: Actor) -> sa.ColumnElement[bool]:
    """One's own; of the others those about one's own sections, if one heads or leads them; the supervisor sees all."""
    if actor.has(Role.SUPERVISOR):
        return sa.true()
    own = InquirySnapshot.by_id == actor.id
    if not actor.has(Role.HEAD, Role.LEADER):
        return own
    elsewhere = sa.exists().where(
        SnapshotSection.snapshot_id == InquirySnapshot.id,
        SnapshotSection.section_id.not_in(actor.section_ids),
    )
    return sa.or_(own, ~elsewhere)


def to_json(found: Overview, sections: tuple[str, ...]) -> str:
    """Equal pages give equal bytes."""
    values = {
        "sections": list(sections),
        "open": found.open,
        "merged": found.merged,
        "suspended": found.suspended,
        "longest_suspended": found.longest_suspended,
        "due_today": found.due_today,
        "late": found.late,
        "counts": _counted(found.counts),
        "by_section": {name: _counted(counts) for name, counts in found.by_section.items()},
        "lines": [_line_out(line) for line in found.lines],
    }
    return json.dumps(values, ensure_ascii=False, sort_keys=True)


def _counted(counts: Any) -> dict[str, int]:
    return {group.value: counts[group] for group in Group if counts.get(group)}


def _line_out(line: Line) -> dict[str, Any]:
    return {
        "number": line.number,
        "told": line.told,
        "told_school": line.told_school,
        "section": line.section,
        "group": line.group.value,
        "days": line.days,
        "unit": line.unit.value,
        "words": line.words,
        "waits_for": line.waits_for,
        "handler": line.handler,
        "original_last_day": line.original_last_day.isoformat(),
        "last_day": line.last_day.isoformat(),
        "secrecy": line.secrecy.value,
        "reason": line.reason,
        "expected_on": line.expected_on.isoformat() if line.expected_on else None,
        "ask": line.ask.value if line.ask else None,
    }


def _overview_from(values: dict[str, Any], at: datetime) -> Overview:
    return Overview(
        at=at,
        open=values["open"],
        merged=values["merged"],
        suspended=values["suspended"],
        longest_suspended=values["longest_suspended"],
        due_today=values["due_today"],
        late=values["late"],
        counts={Group(name): count for name, count in values["counts"].items()},
        by_section={
            section: {Group(name): count for name, count in counts.items()}
            for section, counts in values["by_section"].items()
        },
        lines=[_line_in(line) for line in values["lines"]],
    )


def _line_in(line: dict[str, Any]) -> Line:
    return Line(
        number=line["number"],
        subject=line["told"],
        told=line["told"],
        school=line["told_school"],
        told_school=line["told_school"],
        section=line["section"],
        group=Group(line["group"]),
        days=line["days"],
        unit=Unit(line["unit"]),
        words=line["words"],
        waits_for=line["waits_for"],
        handler=line["handler"],
        original_last_day=date.fromisoformat(line["original_last_day"]),
        last_day=date.fromisoformat(line["last_day"]),
        secrecy=Secrecy(line["secrecy"]),
        reason=line["reason"],
        expected_on=date.fromisoformat(line["expected_on"]) if line["expected_on"] else None,
        ask=Ask(line["ask"]) if line["ask"] else None,
    )
