"""What waits for whom: for each open ticket the next step a person would do about it, or that somebody else has to. Pure.

A hint for the day, not a permission: what may really be done stands on the ticket's own page.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from accounts.actor import Actor
from accounts.vocabulary import Role
from tickets.calendar.office_time import office_day
from tickets.calendar.working_days import WorkingCalendar
from tickets.deadlines.rules import DeadlineKind
from tickets.vocabulary import Action, Status

_SCHOOL = {DeadlineKind.SIGN_OFF: "催学校签收", DeadlineKind.FEEDBACK: "催学校反馈"}
PRESSING = frozenset({"soon", "today", "overdue", "legal"})


@dataclass(frozen=True, kw_only=True)
class OpenTicket:
    """What the rule needs to know of one open ticket. `asked`: an act that somebody began and another has to decide."""

    status: Status
    section_id: int
    handler_id: int | None
    conflict: bool
    running: frozenset[DeadlineKind]
    level: str
    asked: Action | None = None
    asked_by: int | None = None
    unread_by: frozenset[int] = (
        frozenset()
    )  # heads who have not been here although it has waited a working day
    handler_gone: bool = False  # the account of who handles it was disabled
    wrote_again: bool = False  # the complainant wrote after the end


def to_do(actor: Actor, ticket: OpenTicket, heads: Mapping[int, Collection[int]]) -> str:
    """The next step of this person, in words; empty if it waits for somebody else. `heads`: who heads which section."""
    here = ticket.section_id in actor.section_ids
    mine = actor.id is not None and actor.id == ticket.handler_id
    decision = _decision(actor, ticket, heads) if here else ""
    if decision:
        return decision
    match ticket.status:
        case Status.PENDING if here and not ticket.conflict:
            return "受理" if actor.has(Role.HANDLER, Role.HEAD) else ""
        case Status.PENDING if here and actor.has(Role.LEADER):
            return "指定由谁办理"  # it is about the section's own people
        case Status.ACCEPTED | Status.IN_PROGRESS:
            return _handling(actor, ticket, here=here, mine=mine)
        case Status.PENDING_CALLBACK:
            return _telling(actor, ticket, here=here, mine=mine)
    return ""


def _decision(actor: Actor, ticket: OpenTicket, heads: Mapping[int, Collection[int]]) -> str:
    if ticket.wrote_again:
        decides = Role.LEADER if ticket.conflict else Role.HEAD
        return "看来信，决定是否重启" if actor.has(decides) else ""
    if ticket.handler_gone and actor.has(Role.HEAD):
        return "改派经办人（原经办人已停用）"
    what = "审核" if ticket.status is Status.PENDING_REVIEW else ""
    if ticket.asked is not None and ticket.asked_by != actor.id:
        what = f"审批“{ticket.asked.label}”"
    if not what or actor.id == ticket.handler_id:
        return ""
    if actor.has(Role.HEAD) and not ticket.conflict:
        return what
    # The leader's turn comes where no head of the section is free to decide, or none has been here for a working day.
    free = set(heads.get(ticket.section_id, ())) - {ticket.handler_id, ticket.asked_by}
    if not actor.has(Role.LEADER) or not (ticket.conflict or free <= ticket.unread_by):
        return ""
    return f"{what}（股室负责人超过 1 个工作日未看）" if free and not ticket.conflict else what


def unread_by(
    put_at: datetime, seen: Mapping[int, datetime | None], at: datetime, calendar: WorkingCalendar
) -> frozenset[int]:
    """Which of those who should decide have not been here since it was put to them, once that is over a working day ago."""
    if calendar.count_working_days(office_day(put_at), office_day(at)) <= 1:
        return frozenset()
    return frozenset(person for person, when in seen.items() if when is None or when < put_at)


def _handling(actor: Actor, ticket: OpenTicket, *, here: bool, mine: bool) -> str:
    if not mine:
        unnamed = ticket.handler_id is None and here
        return "指定经办人" if unnamed and actor.has(Role.HEAD) else ""
    school = next((words for kind, words in _SCHOOL.items() if kind in ticket.running), "")
    if school:
        return school if ticket.level in PRESSING else ""
    return "开始办理" if ticket.status is Status.ACCEPTED else "办理"


def _telling(actor: Actor, ticket: OpenTicket, *, here: bool, mine: bool) -> str:
    if DeadlineKind.RESOLVE in ticket.running:
        return "告知反映人答复" if mine else ""
    if here and not mine and actor.has(Role.CLERK, Role.HANDLER, Role.HEAD):
        return "回访"
    return ""
