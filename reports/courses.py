"""A ticket's course told up to a moment: where it stood, what it owed, what crossed the line within a period. Pure.

Only what was *recorded* before the moment counts, whatever it says of when it happened: so a bulletin made late has the same
figures as one made in time, and what is entered afterwards belongs to the next one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from reports.facts import DeadlineFacts, Event, TicketFacts
from tickets.calendar.office_time import end_of_day
from tickets.deadlines.rules import DeadlineKind, DeadlineRule, Due
from tickets.past import CALL_DONE
from tickets.vocabulary import OPEN_STATUSES, Action, Outcome, Status, ToldBy

_BY_ANSWER = frozenset({DeadlineKind.RESOLVE, DeadlineKind.LEGAL, DeadlineKind.NOTICE})
_ENDED_BY_MERGE = frozenset({DeadlineKind.ACCEPT, DeadlineKind.RESOLVE, DeadlineKind.LEGAL})
# An order's deadlines share their kind with each other: the history's list of last days cannot tell them apart.
_IN_HISTORY = frozenset(
    {
        DeadlineKind.ACCEPT,
        DeadlineKind.RESOLVE,
        DeadlineKind.CALL_BACK,
        DeadlineKind.NOTICE,
        DeadlineKind.LEGAL,
    }
)
_HOW = {way.value: way.label for way in ToldBy}
_BEGINS_ANEW = frozenset({Action.REDO, Action.REOPEN, Action.UNDELIVERED})


@dataclass(frozen=True, kw_only=True)
class Known:
    """What the records told of a ticket at a moment; `status` None: nothing yet."""

    status: Status | None = None
    due: Mapping[str, str] = field(default_factory=dict)
    answered_at: datetime | None = None
    notified_at: datetime | None = None
    merged_into: str = ""
    handler: str = ""
    outcome: Outcome | None = None
    measures: str = ""
    evidence: str = ""
    answered_how: str = ""
    trouble: str = ""

    @property
    def open(self) -> bool:
        return self.status in OPEN_STATUSES


@dataclass(frozen=True, kw_only=True)
class Owed:
    """A deadline as it was known at a moment."""

    row: DeadlineFacts
    last_day: date
    met_at: datetime | None
    ended_at: datetime | None

    @property
    def due_at(self) -> datetime:
        return end_of_day(self.last_day)

    @property
    def running(self) -> bool:
        return self.met_at is None and self.ended_at is None

    @property
    def due(self) -> Due:
        """As the rules know it, for counting the days over."""
        row = self.row
        return Due(
            rule=DeadlineRule(row.kind, row.length, row.unit, name=row.rule_name, by_date=row.by_date),
            start=row.started_at,
            day_zero=row.day_zero,
            warn_day=min(row.warn_day, self.last_day),
            last_day=self.last_day,
            provisional=row.provisional,
            extended=row.extended,
        )


def known(ticket: TicketFacts, before: datetime) -> Known:
    """Tells the history again, as far as it was recorded before the moment."""
    status: Status | None = None
    last: Event | None = None
    answered: datetime | None = None
    notified: datetime | None = None
    trouble = ""
    decided: dict[str, Any] = {}
    for place, event in enumerate(ticket.events, start=1):
        if event.recorded_at >= before:
            break
        if event.position != place or event.from_status is not status:
            trouble = trouble or f"{ticket.number} 第 {place} 条经过与前一条接不上"
        status = event.to_status
        last = event if event.says("due") else last
        answered = _answered(event, answered)
        notified = _notified(event, notified)
        decided.update(_decided(event))
    due = last.data["due"] if last is not None else {}
    return Known(
        status=status, due=due, answered_at=answered, notified_at=notified, trouble=trouble, **decided
    )


def _decided(event: Event) -> dict[str, Any]:
    """What an act said besides: into which ticket, who handles it, what was found."""
    match event.action:
        case Action.MERGE:
            return {"merged_into": str(event.data.get("into", ""))}
        case Action.HAND_OVER:
            return {"handler": ""}
        case Action.REPORT_DONE:
            data = event.data
            return {
                "outcome": Outcome(data["outcome"]),
                "measures": str(data.get("measures", "")),
                "evidence": str(data.get("evidence", "")),
            }
        case Action.ANSWERED:
            return {"answered_how": _HOW.get(str(event.data.get("how", "")), "")}
        case Action.ANSWER_NOW:
            return {"outcome": Outcome.NOT_APPLICABLE, "answered_how": "当场"}
    return {"handler": str(event.data["handler"])} if event.says("handler_id") else {}


def within(ticket: TicketFacts, start: datetime, before: datetime) -> list[Event]:
    """The events that were recorded in the period."""
    return [event for event in ticket.events if start <= event.recorded_at < before]


def section_at(ticket: TicketFacts, before: datetime) -> int:
    """The section that answered for it at the moment: later hand-overs are taken back."""
    for event in ticket.events:
        if event.recorded_at >= before and event.action is Action.HAND_OVER:
            return int(event.data.get("from_section_id", ticket.section_id))
    return ticket.section_id


def owed(ticket: TicketFacts, before: datetime, told: Known | None = None) -> list[Owed]:
    """Every deadline that had begun, as it was known at the moment."""
    told = told or known(ticket, before)
    late = {event.occurred_at for event in ticket.events if event.recorded_at >= before}
    came_back = any(
        event.action is Action.UNDELIVERED and event.recorded_at >= before for event in ticket.events
    )
    notice_came_back = any(
        event.action is Action.NOTICE_BACK and event.recorded_at >= before for event in ticket.events
    )
    newest = max((row.round for row in ticket.deadlines if _key(row) in told.due), default=0)
    found = []
    for row in ticket.deadlines:
        last_day = _last_day(row, ticket, told, before)
        if last_day is None:
            continue
        met = (
            row.met_at if row.met_at is not None and row.met_at < before and row.met_at not in late else None
        )
        if came_back and met is None and row.kind in _BY_ANSWER and row.owner_ref == ticket.ref:
            # The answer came back only afterwards; until then it counted as given.
            met = told.answered_at if row.kind is not DeadlineKind.RESOLVE or row.round == newest else None
        if (
            notice_came_back
            and met is None
            and row.kind is DeadlineKind.NOTICE
            and row.owner_ref == ticket.ref
        ):
            met = told.notified_at
        ended = row.ended_at if row.ended_at is not None and row.ended_at < before else None
        if told.status is Status.MERGED and row.kind in _ENDED_BY_MERGE and met is None and ended is None:
            ended = before  # taken out of the merge afterwards, which made it run again
        found.append(Owed(row=row, last_day=last_day, met_at=met, ended_at=ended))
    return found


def _answered(event: Event, answered: datetime | None) -> datetime | None:
    if event.action in _BEGINS_ANEW:
        return None
    gives = (
        event.action in {Action.ANSWERED, Action.ANSWER_NOW}
        or (event.action is Action.APPROVE and event.to_status is Status.CLOSED)
        or (event.action is Action.CALLED_BACK and event.data.get("step") == CALL_DONE and answered is None)
    )
    return event.occurred_at if gives else answered


def _notified(event: Event, notified: datetime | None) -> datetime | None:
    if event.action is Action.NOTICE_BACK:
        return None
    return event.occurred_at if event.action is Action.NOTIFY and notified is None else notified


def _key(row: DeadlineFacts) -> str:
    return f"{row.kind.value}/{row.round}"


def _last_day(row: DeadlineFacts, ticket: TicketFacts, told: Known, before: datetime) -> date | None:
    """The last day as it stood then; None if the deadline had not begun."""
    if row.owner_ref != ticket.ref or row.kind not in _IN_HISTORY:
        return row.last_day if row.started_at < before and told.status is not None else None
    day = told.due.get(_key(row))
    return date.fromisoformat(day) if day else None
