"""What a bulletin has to know of a ticket, read once and never changed; the figures are worked out of it. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from tickets.deadlines.rules import DeadlineKind, Unit
from tickets.vocabulary import (
    Action,
    Channel,
    Secrecy,
    Stage,
    Status,
    SuspensionReason,
)


class Event(NamedTuple):
    """One line of a ticket's history; what else was decided is read only where somebody asks, for it is most of the work."""

    position: int
    occurred_at: datetime
    recorded_at: datetime
    actor: str
    action: Action
    from_status: Status | None
    to_status: Status
    raw: str

    @property
    def data(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = json.loads(self.raw)
        return found

    def says(self, name: str) -> bool:
        """Whether something was said under a name, without reading all of it."""
        return f'"{name}": ' in self.raw


class DeadlineFacts(NamedTuple):
    """A deadline as its row stands now; what it was at the cut-off is worked out with the history."""

    id: int
    owner_ref: str
    kind: DeadlineKind
    round: int
    rule_name: str
    length: int
    unit: Unit
    by_date: date | None
    started_at: datetime
    day_zero: date
    warn_day: date
    last_day: date
    original_last_day: date
    extended: int
    provisional: bool
    met_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ExtensionFacts:
    deadline_id: int
    days: int
    reason: str
    asked_by: str
    approved_by: str
    approved_at: datetime
    on_paper: bool
    day_before: date
    day_after: date


@dataclass(frozen=True, kw_only=True, slots=True)
class SuspensionFacts:
    reason: SuspensionReason
    started_at: datetime
    until_day: date
    ended_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class SchoolFacts:
    name: str
    confirmed: bool
    urban: bool
    private: bool
    stage: Stage | None


@dataclass(frozen=True, kw_only=True, slots=True)
class CategoryFacts:
    code: str
    name: str
    parent: str
    bans: tuple[int, ...]
    group: int
    in_scope: bool
    consultation: bool


@dataclass(frozen=True, kw_only=True)
class TicketFacts:
    """One ticket, its history and its deadlines. `subject` is the released text, or the category until there is one."""

    id: int
    number: str
    status: Status
    section_id: int
    channel: Channel
    received_at: datetime
    recorded_at: datetime
    backfilled: bool
    loaded: bool
    secrecy: Secrecy
    needs_reading: bool
    source_ref: str
    subject: str
    released: bool
    category: CategoryFacts | None
    schools: tuple[SchoolFacts, ...] = ()
    events: tuple[Event, ...] = ()
    deadlines: tuple[DeadlineFacts, ...] = ()
    extensions: tuple[ExtensionFacts, ...] = ()
    suspensions: tuple[SuspensionFacts, ...] = ()
    units: Mapping[str, str] = field(default_factory=dict)  # 承办单位 of each order, by the order's id
    pressed: tuple[str, ...] = ()  # the supervision orders that name it, recorded before the cut-off

    @property
    def ref(self) -> str:
        return f"ticket/{self.number}"

    @property
    def school(self) -> str:
        """The school's name as it may be printed: not at all where 限制知悉 keeps it from sight."""
        if self.secrecy is Secrecy.RESTRICTED:
            return "（限制知悉）"
        if not self.schools:
            return "未写明"
        first = self.schools[0]
        return first.name if first.confirmed else f"{first.name}（待核实）"


@dataclass(frozen=True, kw_only=True)
class Pressing:
    """A supervision order as a bulletin tells of it."""

    number: str
    kind: str
    issuer: str
    issued_on: date
    demand: str
    due_on: date | None
    tickets: tuple[str, ...]
    state: str
    done: bool
    answered_on: date | None
    late: bool
    new: bool  # recorded within the period


@dataclass(frozen=True, kw_only=True)
class Arrivals:
    """How many came in, by everything a breakdown asks for; one line of a grouped count."""

    channel: Channel
    section_id: int
    category_code: str | None
    school_id: int | None
    now: int
    before: int
    this_year: int
    campaign: int


@dataclass(frozen=True, kw_only=True)
class Registers:
    """Names and features of sections, categories and schools, by their keys."""

    sections: Mapping[int, str] = field(default_factory=dict)
    leaders: Mapping[int, str] = field(default_factory=dict)
    categories: Mapping[str, CategoryFacts] = field(default_factory=dict)
    schools: Mapping[int, SchoolFacts] = field(default_factory=dict)
