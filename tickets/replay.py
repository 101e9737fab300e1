"""The history told again: it has to lead to the very status and the very days that the ticket has now.

`replay` is pure. `verify_replay` compares it with the rows, and each event with the digest that the audit chain keeps of
it: whoever changes a status, a day or a line of history in the database is seen.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.audit import AuditEntry
from tickets.action_table import TABLE
from tickets.deadlines import ledger
from tickets.history import digest_of
from tickets.models import Deadline, Ticket, TicketEvent
from tickets.past import PastEvent
from tickets.vocabulary import Action, Status

_BATCH = 500
_REF = "ticket/"


@dataclass(frozen=True, kw_only=True)
class Replayed:
    """Where a history leads, and the first thing in it that cannot be."""

    status: Status | None
    due: Mapping[str, str] = field(default_factory=dict)
    marks: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    trouble: str = ""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A ticket whose rows and history do not agree."""

    number: str
    sentence: str


@dataclass(frozen=True, kw_only=True)
class ReplayResult:
    tickets: int
    events: int
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        return not self.findings


def replay(events: Iterable[PastEvent]) -> Replayed:
    """Tells a ticket's history again, oldest event first."""
    status: Status | None = None
    due: Mapping[str, str] = {}
    marks: Mapping[str, Mapping[str, str]] = {}
    for place, event in enumerate(events, start=1):
        trouble = _impossible(place, event, status)
        if trouble:
            return Replayed(status=status, due=due, marks=marks, trouble=trouble)
        status = event.to_status
        due = event.data.get("due", due)
        marks = event.data.get("marks", marks)
    return Replayed(status=status, due=due, marks=marks, trouble="" if status else "没有经过记录")


def _impossible(place: int, event: PastEvent, status: Status | None) -> str:
    if (event.action is Action.REGISTER) != (place == 1):
        return f"第 {place} 条经过不应是“{event.action.label}”"
    if event.from_status is not status:
        return f"第 {place} 条经过与前一条接不上"
    if event.from_status is None or event.to_status is event.from_status:
        return ""
    rule = TABLE.get(event.action)
    if rule is None or event.from_status not in rule.sources or event.to_status not in rule.targets:
        return f"第 {place} 条经过不合规则：“{event.action.label}”不能到“{event.to_status.label}”"
    return ""


def verify_replay(session: Session) -> ReplayResult:
    """Checks every ticket; reads in batches, so that a hundred thousand of them need no more memory than a few."""
    findings: list[Finding] = []
    tickets = events = 0
    for batch in _batches(session):
        ids = [row.id for row in batch]
        history = _events(session, ids)
        deadlines = _deadlines(session, ids)
        digests = _digests(session, [row.ref for row in batch])
        for ticket in batch:
            rows = history.get(ticket.id, [])
            tickets += 1
            events += len(rows)
            sentence = (
                _digest_trouble(rows, digests.get(ticket.ref, {}))
                or _gap_trouble(rows)
                or _state_trouble(ticket, rows, deadlines.get(ticket.id, []))
            )
            if sentence:
                findings.append(Finding(number=ticket.number, sentence=sentence))
    findings += (Finding(number=number, sentence="整件已被删除") for number in _deleted(session))
    return ReplayResult(tickets=tickets, events=events, findings=tuple(findings))


def _deleted(session: Session) -> Sequence[str]:
    """The numbers of tickets whose registration the audit chain knows and the tables do not."""
    number = sa.func.substr(AuditEntry.object_ref, len(_REF) + 1)
    return session.scalars(
        sa.select(number)
        .where(
            AuditEntry.action == f"ticket.{Action.REGISTER.value}",
            ~sa.exists().where(Ticket.number == number),
        )
        .order_by(AuditEntry.seq)
    ).all()


def _batches(session: Session) -> Iterator[Sequence[Ticket]]:
    last = 0
    while True:
        batch = session.scalars(
            sa.select(Ticket).where(Ticket.id > last).order_by(Ticket.id).limit(_BATCH)
        ).all()
        if not batch:
            return
        yield batch
        last = batch[-1].id
        for row in batch:
            session.expunge(row)


def _events(session: Session, ids: Sequence[int]) -> dict[int, list[TicketEvent]]:
    found: dict[int, list[TicketEvent]] = {}
    rows = session.scalars(
        sa.select(TicketEvent)
        .where(TicketEvent.ticket_id.in_(ids))
        .order_by(TicketEvent.ticket_id, TicketEvent.position)
    ).all()
    for row in rows:
        found.setdefault(row.ticket_id, []).append(row)
        session.expunge(row)
    return found


def _deadlines(session: Session, ids: Sequence[int]) -> dict[int, list[Deadline]]:
    found: dict[int, list[Deadline]] = {}
    rows = session.scalars(sa.select(Deadline).where(Deadline.ticket_id.in_(ids)).order_by(Deadline.id)).all()
    for row in rows:
        assert row.ticket_id is not None  # noqa: S101 - asked for by it
        found.setdefault(row.ticket_id, []).append(row)
        session.expunge(row)
    return found


def _digests(session: Session, refs: Sequence[str]) -> dict[str, dict[int, str]]:
    found: dict[str, dict[int, str]] = {}
    rows = session.execute(
        sa.select(AuditEntry.object_ref, AuditEntry.data)
        .where(AuditEntry.object_ref.in_(refs), AuditEntry.action.startswith("ticket."))
        .order_by(AuditEntry.seq)
    )
    for row in rows:
        data = json.loads(row.data)
        if "digest" in data and "position" in data:
            found.setdefault(row.object_ref, {})[int(data["position"])] = str(data["digest"])
    return found


def _digest_trouble(rows: Sequence[TicketEvent], digests: Mapping[int, str]) -> str:
    for row in rows:
        if not hmac.compare_digest(digests.get(row.position, ""), digest_of(row)):
            return f"第 {row.position} 条经过被改动过"
    missing = digests.keys() - {row.position for row in rows}
    return f"第 {min(missing)} 条经过缺失" if missing else ""


def _gap_trouble(rows: Sequence[TicketEvent]) -> str:
    for place, row in enumerate(rows, start=1):
        if row.position != place:
            return f"第 {place} 条经过缺失"
    return ""


def _state_trouble(ticket: Ticket, rows: Sequence[TicketEvent], deadlines: Sequence[Deadline]) -> str:
    told = replay(
        PastEvent(
            action=row.action,
            actor_id=row.actor_id,
            from_status=row.from_status,
            to_status=row.to_status,
            occurred_at=row.occurred_at,
            data=json.loads(row.data),
        )
        for row in rows
    )
    if told.trouble:
        return told.trouble
    if told.status is not ticket.status:
        said = told.status.label if told.status else "无"
        return f"状态与经过不符：现为“{ticket.status.label}”，按经过应为“{said}”"
    if dict(told.due) != ledger.last_days(deadlines):
        return "期限与经过不符：有期限日期未经记录被改动"
    return _mark_trouble(told.marks, ledger.marks(ticket, deadlines))


def _mark_trouble(told: Mapping[str, Mapping[str, str]], found: Mapping[str, Mapping[str, str]]) -> str:
    if told.get("ticket") != found.get("ticket"):
        return "受理、答复或办结的时间与经过不符"
    if dict(told) != dict(found):
        return "期限与经过不符：有期限的起止、暂停或办结时间未经记录被改动"
    return ""
