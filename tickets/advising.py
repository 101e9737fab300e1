"""What the page of a call shows beside the form while somebody types: a person decides, nothing here changes a ticket."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from accounts.actor import Actor
from core import audit
from core.audit import AuditEntry
from core.clock import now
from tickets import identity, policy_entries, registers, similar
from tickets.handling.loading import facts_of
from tickets.models import Complainant, School, Ticket, TicketSchool
from tickets.opening_rules import Opening, may_reveal
from tickets.policy_entries import Entry
from tickets.queries.registers import own_section
from tickets.similar import SeenMatch
from tickets.suggestions.suggest import Suggestion
from tickets.visibility import visible_to
from tickets.vocabulary import OPEN_STATUSES, Status

SIMILAR_SHOWN = 5
EARLIER_SHOWN = 5
PICKS_SHOWN = 6
SEEN_AGAIN_AFTER = timedelta(minutes=30)


@dataclass(frozen=True, kw_only=True)
class SchoolCard:
    """What one should know of a school while somebody speaks of it."""

    id: int
    name: str
    stage: str
    ownership: str
    place: str
    parent: str
    contact: str
    care_hours: str
    care_fee: str
    open_cases: int  # of those this person may see


@dataclass(frozen=True, kw_only=True)
class EarlierCase:
    """An earlier ticket of the number that was typed."""

    number: str
    title: str
    status: Status
    received_at: datetime


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What has been typed so far; has no repr of the number, it is identity."""

    matter: str
    school_text: str = ""
    grade_text: str = ""
    category: str = ""

    @property
    def text(self) -> str:
        return f"{self.school_text} {self.matter}"


@dataclass(frozen=True, kw_only=True)
class Advice:
    """What the system makes of the words so far."""

    suggestion: Suggestion
    picks: Sequence[str]  # schools that what was typed may mean, if it does not say which
    school: SchoolCard | None
    policies: Sequence[Entry]
    similar: Sequence[SeenMatch]
    earlier: Sequence[EarlierCase]


def advise(reading: Session, actor: Actor, asked: Asked, *, phone: str) -> Advice:
    """Everything that helps with what was typed so far."""
    section = own_section(reading, actor)
    suggester = registers.suggester(reading)
    suggestion = suggester.suggest(
        "",
        asked.matter,
        school_text=asked.school_text,
        grade_text=asked.grade_text,
        arrived_at_section=section.slug if section else None,
    )
    meant = [match for match in suggestion.schools if match.score >= 0.6]
    card = school_card(reading, actor, meant[0].id) if meant else None
    picks = suggester.schools.picks(asked.school_text, limit=PICKS_SHOWN)
    settled = card is not None and len(picks) <= 1
    return Advice(
        suggestion=suggestion,
        picks=[] if settled else [school.name for school in picks],
        school=card,
        policies=policy_entries.fitting(
            reading,
            asked.matter,
            category=asked.category or suggestion.category or "",
            school_id=card.id if card else None,
        )
        if asked.matter.strip()
        else [],
        similar=similar.seen_matches(reading, actor, asked.text, limit=SIMILAR_SHOWN),
        earlier=earlier_cases(reading, actor, phone),
    )


def school_card(reading: Session, actor: Actor, school_id: int) -> SchoolCard | None:
    """The facts of a school, with how many of its tickets are open that this person may see."""
    parent = aliased(School)
    open_cases = (
        sa.select(sa.func.count())
        .select_from(Ticket)
        .join(TicketSchool, TicketSchool.ticket_id == Ticket.id)
        .where(TicketSchool.school_id == school_id, Ticket.status.in_(OPEN_STATUSES), visible_to(actor))
        .scalar_subquery()
    )
    row = reading.execute(
        sa.select(School, parent.name.label("parent"), open_cases.label("open_cases"))
        .outerjoin(parent, parent.id == School.parent_id)
        .where(School.id == school_id)
    ).one_or_none()
    if row is None:
        return None
    school: School = row.School
    return SchoolCard(
        id=school.id,
        name=school.name,
        stage=school.stage.label if school.stage else "几个学段，看年级",
        ownership="民办" if school.private else "公办",
        place=f"{school.town}（{'城区' if school.urban else '乡镇'}）" if school.town else "",
        parent=row.parent or "",
        contact=school.contact,
        care_hours=school.care_hours,
        care_fee=school.care_fee,
        open_cases=row.open_cases,
    )


def earlier_cases(reading: Session, actor: Actor, phone: str) -> list[EarlierCase]:
    """Earlier tickets of a number, only those whose contact data this person may open anyway: to anybody else a number that
    is read out proves nothing, and the answer would tell who has complained."""
    index = identity.phone_index(phone) if phone.strip() else None
    if index is None:
        return []
    tickets = reading.scalars(
        sa.select(Ticket)
        .where(
            Ticket.id.in_(sa.select(Complainant.ticket_id).where(Complainant.phone_index == index)),
            visible_to(actor),
        )
        .order_by(Ticket.id.desc())
        .limit(4 * EARLIER_SHOWN)
    )
    allowed = [ticket for ticket in tickets if may_reveal(actor, facts_of(reading, ticket))]
    return [
        EarlierCase(
            number=ticket.number, title=ticket.title, status=ticket.status, received_at=ticket.received_at
        )
        for ticket in allowed[:EARLIER_SHOWN]
    ]


def note_earlier(writing: Session, actor: Actor, seen: Sequence[EarlierCase]) -> None:
    """Logs on each ticket that its caller was recognised by the number; once in half an hour, however often keys are pressed."""
    refs = {f"ticket/{case.number}" for case in seen}
    noted = set(
        writing.scalars(
            sa.select(AuditEntry.object_ref).where(
                AuditEntry.object_ref.in_(refs),
                AuditEntry.action == Opening.RECOGNISED.value,
                AuditEntry.actor == actor.username,
                AuditEntry.recorded_at > now() - SEEN_AGAIN_AFTER,
            )
        )
    )
    for ref in sorted(refs - noted):
        audit.record(writing, Opening.RECOGNISED.value, actor=actor.username, object_ref=ref)
