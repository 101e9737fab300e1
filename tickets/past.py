"""What people have done with a ticket so far, worked out of its history: the ground of every separation of duties. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from tickets.calendar.office_time import office_day
from tickets.vocabulary import OPEN_STATUSES, Action, Duty, Satisfaction, Status

ASKED = "asked"  # the first step of an act that takes several people; the others are named in the table of actions
DECLINED = "declined"
CALL_DONE = "done"
CALL_TRIED = "tried"

# Whoever did one of these, or was named to handle it, has handled the ticket and is known to those it is about.
_HANDLING = frozenset({Action.START, Action.REPORT_DONE, Action.SUSPEND, Action.INQUIRE})


@dataclass(frozen=True, kw_only=True)
class PastEvent:
    """One line of a ticket's history, as the rules read it."""

    action: Action
    actor_id: int | None
    from_status: Status | None
    to_status: Status
    occurred_at: datetime
    data: Mapping[str, Any] = field(default_factory=dict)

    @property
    def step(self) -> str:
        return str(self.data.get("step", ""))


@dataclass(frozen=True, kw_only=True)
class Begun:
    """An act that takes several people and is not finished: who did which step, and with what particulars."""

    steps: Mapping[str, int | None]
    asked_at: datetime
    data: Mapping[str, Any]

    @property
    def asked_by(self) -> int | None:
        return self.steps.get(ASKED)


@dataclass(frozen=True, kw_only=True)
class StandIn:
    """A duty that was sent to another section, or to the leader (section_id None), until the status changes."""

    duty: Duty
    section_id: int | None


@dataclass(frozen=True, kw_only=True)
class Past:
    """The history as far as it decides what may come next."""

    handled_by: frozenset[int] = frozenset()
    reported_by: int | None = None
    reported_at: datetime | None = None
    approved_by: int | None = None
    approved_at: datetime | None = None
    hand_overs: int = 0
    redos: int = 0
    tried_days: frozenset[date] = frozenset()
    dissatisfied: bool = False
    wrote_again: bool = False  # the complainant wrote after the end, and nobody has decided what follows
    closed_by: Action | None = None
    begun: Mapping[Action, Begun] = field(default_factory=dict)
    stand_ins: frozenset[StandIn] = frozenset()
    open_orders: frozenset[str] = frozenset()  # issued, and neither verified nor cancelled


def past_of(events: Iterable[PastEvent]) -> Past:
    """Reads a whole history, oldest first."""
    handled: set[int] = set()
    reported: PastEvent | None = None
    approved: PastEvent | None = None
    hand_overs = redos = 0
    tried: set[date] = set()
    dissatisfied = wrote_again = False
    closed_by: Action | None = None
    begun: dict[Action, Begun] = {}
    stand_ins: set[StandIn] = set()
    orders: set[str] = set()
    for event in events:
        handled |= _handlers(event)
        if event.from_status is not event.to_status:
            stand_ins.clear()
            tried.clear()
            dissatisfied = wrote_again = False
            closed_by = event.action if event.to_status is Status.CLOSED else None
            begun = {act: what for act, what in begun.items() if _outlives(act, event.to_status)}
        match event.action:
            case Action.REPORT_DONE:
                reported = event
            case Action.APPROVE:
                approved = event
            case Action.HAND_OVER:
                hand_overs += 1
            case Action.REDO:
                redos += 1
            case Action.SEND_ON:
                stand_ins.add(_stand_in(event))
            case Action.ORDER:
                ref = str(event.data["order"])
                orders = orders | {ref} if event.data["open"] else orders - {ref}
            case Action.CALLED_BACK if event.step == CALL_TRIED:
                tried.add(office_day(event.occurred_at))
            case Action.WROTE_AGAIN | Action.LEFT_AS_IS:
                wrote_again = event.action is Action.WROTE_AGAIN
            case Action.CALLED_BACK | Action.RATED:
                dissatisfied = event.data.get("satisfaction") == Satisfaction.DISSATISFIED.value
        _follow_steps(begun, event)
    return Past(
        handled_by=frozenset(handled),
        reported_by=reported.actor_id if reported else None,
        reported_at=reported.occurred_at if reported else None,
        approved_by=approved.actor_id if approved else None,
        approved_at=approved.occurred_at if approved else None,
        hand_overs=hand_overs,
        redos=redos,
        tried_days=frozenset(tried),
        dissatisfied=dissatisfied,
        wrote_again=wrote_again,
        closed_by=closed_by,
        begun=begun,
        stand_ins=frozenset(stand_ins),
        open_orders=frozenset(orders),
    )


def _handlers(event: PastEvent) -> set[int]:
    found = set()
    if event.action in _HANDLING and event.actor_id is not None:
        found.add(event.actor_id)
    if event.data.get("handled") and event.actor_id is not None:
        found.add(event.actor_id)
    named = event.data.get("handler_id")
    if isinstance(named, int):
        found.add(named)
    return found


def _stand_in(event: PastEvent) -> StandIn:
    section = event.data.get("section_id")
    return StandIn(duty=Duty(event.data["duty"]), section_id=section if isinstance(section, int) else None)


def _outlives(action: Action, status: Status) -> bool:
    """Whether an unfinished act still means something at the next stage."""
    if action is Action.VOID:
        return True
    return status in OPEN_STATUSES and action is not Action.UPHOLD


def _follow_steps(begun: dict[Action, Begun], event: PastEvent) -> None:
    if event.action is Action.CALLED_BACK or not event.step:
        return
    if event.step == DECLINED or event.data.get("finished"):
        begun.pop(event.action, None)
        return
    before = begun.get(event.action)
    if before is None:
        begun[event.action] = Begun(
            steps={event.step: event.actor_id}, asked_at=event.occurred_at, data=event.data
        )
        return
    begun[event.action] = Begun(
        steps={**before.steps, event.step: event.actor_id}, asked_at=before.asked_at, data=before.data
    )
