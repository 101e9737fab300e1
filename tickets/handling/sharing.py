"""Telling and being told: a duty sent to somebody else, a notice given, what was written down put right."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from core.errors import DomainError
from tickets.actions import heads
from tickets.deadlines.rules import DeadlineKind
from tickets.handling import loading
from tickets.handling.acceptance import set_category
from tickets.handling.moving import section_named
from tickets.handling.work import Work
from tickets.models import InformedSection
from tickets.vocabulary import (
    CallerKind,
    FactWanted,
    LetterKind,
    Secrecy,
    Status,
    TargetKind,
    ToldBy,
    Urgency,
)

STANDING_IN = "代办"  # why a section may read a ticket as long as it stands in
_LINES = ("title", "school_text", "grade_text", "request")
_ORDER_OF_SECRECY = list(Secrecy)
_EXPOSED = frozenset({TargetKind.HEADMASTER, TargetKind.BUREAU})


def send_on(work: Work) -> Status:
    """Sends a duty to another section or to the leader; they know of the ticket until its status changes."""
    slug = work.filled.raw("section")
    if not slug:
        work.data.update(section_id=None, to="分管领导")
        return work.stays
    if work.ticket.secrecy is Secrecy.RESTRICTED or work.ticket.conflict:
        raise DomainError("限制知悉或涉及本股室人员的件不能送另一股室，请送分管领导。")
    section = section_named(work, slug)
    if section.id == work.ticket.section_id:
        raise DomainError("这件就在本股室；请选另一个股室，或送分管领导。")
    known = work.session.get(InformedSection, (work.ticket.id, section.id))
    if known is None:
        work.session.add(
            InformedSection(
                ticket_id=work.ticket.id, section_id=section.id, reason=STANDING_IN, since=work.at
            )
        )
    work.data.update(section_id=section.id, to=section.name)
    return work.stays


def end_standing_in(work: Work) -> None:
    """At the next stage nobody stands in any more, so nobody there need know."""
    work.session.execute(
        sa.delete(InformedSection).where(
            InformedSection.ticket_id == work.ticket.id, InformedSection.reason == STANDING_IN
        )
    )


def notify(work: Work) -> Status:
    """A complainant was told how things stand. The law's notice says what was decided: before that it is none yet."""
    at = work.told_at(not_before=work.ticket.received_at, so="告知不能早于来件")
    work.data["how"] = work.filled.choice("how", ToldBy).value
    decided_at = _decided_at(work)
    # A person types minutes, and a call that was made before the decision told of none.
    if decided_at is not None and at >= decided_at.replace(second=0, microsecond=0):
        work.meet(DeadlineKind.NOTICE, at=at)
    return work.stays


def ask_facts(work: Work) -> Status:
    """Asks for what is missing, at once: the letter is made of a fixed list and needs no review."""
    wanted = [each for each in FactWanted if work.filled.switched_on(f"wanted_{each.value}")]
    if not wanted:
        raise DomainError("请至少勾选一项要补充的情况。")
    work.data["wanted"] = [each.value for each in wanted]
    work.write(LetterKind.FACTS)
    return work.stays


def notice_back(work: Work) -> Status:
    """The law's notice has not reached anybody: its clock has never stopped."""
    for row in work.deadlines:
        if row.owner_ref == work.ticket.ref and row.kind is DeadlineKind.NOTICE and row.ended_at is None:
            row.met_at = None
    return work.stays


def _decided_at(work: Work) -> datetime | None:
    """When it was decided whether and by whom the matter is taken on; None as long as that is open."""
    if work.ticket.accepted_at is not None or work.ticket.status is Status.PENDING:
        return work.ticket.accepted_at
    left = [
        event.occurred_at
        for event in loading.events_of(work.session, work.ticket)
        if event.from_status is Status.PENDING and event.to_status is not Status.PENDING
    ]
    return max(left, default=work.ticket.received_at)


def correct(work: Work) -> Status:
    """Puts right what was registered; what stood there before stays in the history."""
    changed = _correct_lines(work) | _correct_choices(work)
    code = work.filled.raw("category")
    if code:
        set_category(work, code)
        changed = True
    if not changed:
        raise DomainError("没有要更正的内容。")
    return work.stays


def _correct_lines(work: Work) -> bool:
    before = {}
    for name in _LINES:
        text = work.filled.text(name)
        if text and text != getattr(work.ticket, name):
            before[name] = getattr(work.ticket, name)
            setattr(work.ticket, name, text)
    if before:
        work.data["before"] = before
        work.texts_changed = True
    return bool(before)


def _correct_choices(work: Work) -> bool:
    ticket, filled = work.ticket, work.filled
    before = (ticket.caller_kind, ticket.target_kind, ticket.urgency, ticket.secrecy)
    ticket.caller_kind = filled.choice_or_none("caller_kind", CallerKind) or ticket.caller_kind
    ticket.target_kind = filled.choice_or_none("target_kind", TargetKind) or ticket.target_kind
    ticket.urgency = filled.choice_or_none("urgency", Urgency) or ticket.urgency
    wanted = filled.choice_or_none("secrecy", Secrecy)
    if wanted is not None and wanted is not ticket.secrecy:
        lower = _ORDER_OF_SECRECY.index(wanted) < _ORDER_OF_SECRECY.index(ticket.secrecy)
        if lower and not heads(work.asker, work.state):
            raise DomainError("降低保密程度要由股室负责人决定。")
        ticket.secrecy = wanted
    if ticket.caller_kind is CallerKind.TEACHER or ticket.target_kind in _EXPOSED:
        # Such a complainant is known by what is said, whatever name is hidden.
        ticket.secrecy = Secrecy.RESTRICTED
    after = (ticket.caller_kind, ticket.target_kind, ticket.urgency, ticket.secrecy)
    if before == after:
        return False
    work.data["kinds_before"] = [each.value for each in before]
    return True
