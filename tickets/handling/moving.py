"""To where it belongs: another section, another office, together with its like, or apart from what is something else."""

from __future__ import annotations

import sqlalchemy as sa

from accounts.models import Section
from core.clock import office_day
from core.errors import DomainError, NotFound
from tickets import history, identity, intake
from tickets.deadlines import ledger
from tickets.deadlines.rules import DeadlineKind, DeadlineRule
from tickets.handling import loading
from tickets.handling.work import Work
from tickets.models import InformedSection, Ticket, TicketSchool
from tickets.policy import Permission, may
from tickets.vocabulary import Action, ContactData, LetterKind, Status

_OWED_BY_THE_OFFICE = (DeadlineKind.ACCEPT, DeadlineKind.RESOLVE, DeadlineKind.LEGAL)
_STILL_OPEN = frozenset({Status.PENDING, Status.ACCEPTED, Status.IN_PROGRESS})


def hand_over(work: Work) -> Status:
    """Number and deadlines stay: what one section has used up of them the other one has not got."""
    section = section_named(work, work.filled.raw("section"))
    if section.id == work.ticket.section_id:
        raise DomainError(f"这件本来就由{section.name}办理。")
    work.data.update(from_section_id=work.ticket.section_id, to_section_id=section.id, to=section.name)
    work.ticket.section_id = section.id
    work.ticket.handler_id = None
    work.session.execute(
        sa.delete(InformedSection).where(
            InformedSection.ticket_id == work.ticket.id, InformedSection.section_id == section.id
        )
    )
    return Status.PENDING


def transfer_out(work: Work) -> Status:
    """To another office: followed until its feedback if a day is set for that, else out of our hands."""
    by = work.filled.day("feedback_by")
    if by is not None and by < office_day(work.at):
        raise DomainError("要求反馈的日期已经过了，请改一个以后的日期。")
    consent = work.filled.choice("contact_data", ContactData) is ContactData.WITH_CONSENT
    if consent and not work.ways.any:
        raise DomainError("反映人没有留下联系方式，不能选“经反映人同意附联系方式”。")
    work.meet(DeadlineKind.ACCEPT)
    work.end(DeadlineKind.RESOLVE, DeadlineKind.LEGAL)
    if by is not None:
        work.start(DeadlineRule.on(DeadlineKind.FEEDBACK, by))
    if not work.ways.any:
        work.end(DeadlineKind.NOTICE)
    else:
        work.write(LetterKind.PASSED_ON if work.filled.switched_on("discipline") else LetterKind.TRANSFERRED)
    return Status.TRANSFERRED


def feedback(work: Work) -> Status:
    work.meet(DeadlineKind.FEEDBACK)
    return work.stays


def merge(work: Work) -> Status:
    """One matter, several complainants: the main ticket's deadlines hold; everybody keeps own notice and answer."""
    main = work.others.get(work.filled.raw("into").upper())
    if main is None or not may(work.actor, Permission.VIEW, loading.facts_of(work.session, main)):
        raise NotFound("没有编号是这个的件，请核对编号。")
    if main.id == work.ticket.id:
        raise DomainError("不能并入自己。")
    if main.status not in _STILL_OPEN:
        raise DomainError(f"{main.number} 现在是“{main.status.label}”，不能再并入别的件。")
    if main.section_id != work.ticket.section_id:
        raise DomainError(f"{main.number} 由另一股室办理，请先移交到同一股室再合并。")
    if main.received_at > work.ticket.received_at:
        # Otherwise a merge would be an extension that nobody approved.
        raise DomainError(f"{main.number} 比这件来得晚；请以先收到的一件为主件。")
    work.ticket.merged_into_id = main.id
    work.data["into"] = main.number
    work.end(*_OWED_BY_THE_OFFICE)
    if work.ways.any:
        work.write(LetterKind.MERGED)
    else:
        work.end(DeadlineKind.NOTICE)
    return Status.MERGED


def unmerge(work: Work) -> Status:
    """Out again, as if it had never been merged: its deadlines go on from where they began."""
    merged_at = max(
        (row.ended_at for row in work.deadlines if row.ended_at is not None), default=None
    )  # nothing of a merged ticket ends later than its merge
    for row in work.deadlines:
        if row.ended_at is not None and row.ended_at == merged_at and row.kind in _OWED_BY_THE_OFFICE:
            row.ended_at = None
    work.ticket.merged_into_id = work.ticket.answered_at = None
    return Status.PENDING


def split(work: Work) -> Status:
    """A part that is another matter becomes a ticket of its own: same people, same arrival, own deadlines."""
    ticket = work.ticket
    slug = work.filled.raw("section") or work.session.get_one(Section, ticket.section_id).slug
    section_named(work, slug)
    part = intake.register(
        work.session,
        intake.NewTicket(
            channel=ticket.channel,
            received_at=ticket.received_at,
            matter=work.filled.said["matter"],
            school_text=ticket.school_text,
            grade_text=ticket.grade_text,
            people=tuple(identity.open_complainants(work.session, ticket)),
            caller_kind=ticket.caller_kind,
            target_kind=ticket.target_kind,
            category=work.filled.raw("category") or None,
            wants_callback=ticket.wants_callback,
            secrecy=ticket.secrecy,
            section=slug,
            source_ref=ticket.source_ref,
            conflict=ticket.conflict,
            backfilled=ticket.backfilled,
            school_ids=tuple(
                work.session.scalars(
                    sa.select(TicketSchool.school_id).where(TicketSchool.ticket_id == ticket.id)
                )
            ),
        ),
        actor=work.actor,
    )
    work.session.flush()
    history.add_event(
        work.session,
        part.ticket,
        Action.SPLIT,
        actor=work.actor,
        from_status=part.ticket.status,
        reason=work.filled.text("reason"),
        split_from=ticket.number,
        **ledger.for_history(work.session, part.ticket),
    )
    work.split_off = part
    work.data["split_off"] = part.ticket.number
    if work.ways.any:
        work.write(LetterKind.SPLIT, part.ticket)
    return work.stays


def section_named(work: Work, slug: str) -> Section:
    """An open section by its slug."""
    section = work.session.scalars(
        sa.select(Section).where(Section.slug == slug, Section.closed.is_(False))
    ).one_or_none()
    if section is None:
        raise DomainError("没有这个股室，或它已停用，请重新选。")
    return section


def children_of(work: Work) -> list[Ticket]:
    """The tickets that were merged into this one."""
    return list(
        work.session.scalars(
            sa.select(Ticket)
            .where(Ticket.merged_into_id == work.ticket.id, Ticket.status == Status.MERGED)
            .order_by(Ticket.id)
        )
    )
