"""打听、施压: somebody asks who complained or presses for silence. Recorded, told to head and leader, counted in bulletins."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from accounts.actor import Actor
from core.clock import now
from core.errors import DomainError
from tickets.models import Pressure
from tickets.secrecy import at_hand, notices
from tickets.secrecy.rules import PRESSURE_STEP, REPORT_AT_MOST
from tickets.secrecy.words import NoticeKind, PressureKind, PressureWay
from tickets.vocabulary import Action, Secrecy


def record(session: Session, number: str, *, actor: Actor, fields: Mapping[str, str]) -> Pressure:
    """Writes down what happened; the ticket is at least 重点保密 from now on."""
    ticket, _ = at_hand.ticket_for(
        session, number, actor, PRESSURE_STEP, "您的岗位不能登记这一件的打听、施压。"
    )
    filled = at_hand.fill(session, ticket, PRESSURE_STEP, fields)
    at_hand.check_past(filled)
    if any(len(filled.text(name)) > REPORT_AT_MOST for name in ("said", "answered")):
        raise DomainError(f"经过和答复各不超过 {REPORT_AT_MOST} 字，请精简。")
    kind, way = filled.choice("happened", PressureKind), filled.choice("way", PressureWay)
    pressure = Pressure(
        ticket_id=ticket.id,
        kind=kind,
        way=way,
        at=filled.moment("at"),
        people=filled.text("people"),
        said=filled.text("said"),
        answered=filled.text("answered"),
        recorded_by_id=actor.id,
        recorded_by=actor.display_name,
        recorded_at=now(),
    )
    session.add(pressure)
    if ticket.secrecy is Secrecy.ORDINARY:
        ticket.secrecy = Secrecy.STRICT
    at_hand.note(
        session,
        ticket,
        Action.PRESSURE,
        actor,
        f"{kind.label}（{way.label}）：{pressure.people}说：{pressure.said}\n答复：{pressure.answered}",
        pressure=pressure.id,
        at=pressure.at.isoformat(),
        secrecy=ticket.secrecy.value,
    )
    notices.tell(session, NoticeKind.PRESSURE, ticket, f"登记了一次“{kind.label}”（{way.label}）。")
    return pressure
