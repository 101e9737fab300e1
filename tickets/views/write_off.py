"""/write-off: the month's batch of rectified matters, put together by the head, decided by the leader, here or on paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from accounts.actor import Actor
from accounts.current import require_actor
from accounts.models import Section
from accounts.vocabulary import Role
from config.settings import Settings
from core import audit
from core.clock import now, office_day
from core.db import db, end_read, transaction
from core.errors import DomainError, NotAllowed, NotFound, StaleVersion
from core.forms import whole_number
from core.scans import keep_scan
from tickets import duties, writing_off
from tickets.forms.fields import day_of
from tickets.messages import NewAttachment
from tickets.models import School, Ticket, TicketSchool, WriteOff, WriteOffTicket
from tickets.visibility import visible_to
from tickets.vocabulary import Decision, WriteOffState
from tickets.writing_off import Decided

SHOWN = 12  # earlier batches on the page
REASON = "问题已整改到位，反映人已答复，相关材料已归档。"


@dataclass(frozen=True, kw_only=True)
class Batch:
    """A batch as the page shows it; `hidden` counts what this person may not see."""

    row: WriteOff
    section: str
    tickets: Sequence[Ticket]
    hidden: int


def add_to(bp: Blueprint) -> None:
    bp.add_url_rule("/write-off", "write_off", show)
    bp.add_url_rule("/write-off", "write_off_propose", propose, methods=["POST"])
    bp.add_url_rule("/write-off/<int:batch_id>", "write_off_decide", decide, methods=["POST"])
    bp.add_url_rule("/write-off/<int:batch_id>/print", "write_off_print", sheet)


def show() -> ResponseReturnValue:
    """What is ready this month, what waits for a decision, what was written off before."""
    return _page(require_actor())


def _page(actor: Actor, *, message: str = "") -> str:
    session = db.session()
    chosen = request.values.get("month", "") or f"{office_day(now()):%Y-%m}"
    try:
        month = writing_off.month_of(chosen)
    except DomainError as refusal:
        month, message = writing_off.month_of(f"{office_day(now()):%Y-%m}"), message or str(refusal)
    batches = _batches(session, actor)
    sections = _sections(session, actor)
    ready = writing_off.ready(session, actor, month)
    return render_template(
        "tickets/write_off.html",
        month=month,
        ready={section: [ticket for ticket in ready if ticket.section_id == section] for section in sections},
        sections=sections,
        schools=_schools(session, [ticket.id for ticket in ready]),
        waiting=[each for each in batches if each.row.state is WriteOffState.PROPOSED],
        before=[each for each in batches if each.row.state is not WriteOffState.PROPOSED][:SHOWN],
        leaders=[each for each in duties.staff(session) if each.has(Role.LEADER) and each.id != actor.id],
        may_propose=actor.has(Role.HEAD),
        may_decide=actor.has(Role.LEADER),
        may_record=actor.has(Role.CLERK, Role.HANDLER, Role.HEAD),
        actor=actor,
        reason=request.form.get("reason", REASON),
        typed=request.form,
        message=message,
    )


def propose() -> ResponseReturnValue:
    actor = require_actor()
    try:
        with transaction() as writing:
            writing_off.propose(
                writing,
                actor=actor,
                section_id=whole_number(request.form.get("section")) or 0,
                month=writing_off.month_of(request.form.get("month", "")),
                numbers=[each.strip().upper() for each in request.form.getlist("number")],
                reason=request.form.get("reason", ""),
            )
    except DomainError as refusal:
        return _refused(actor, refusal)
    flash("已提出，等分管领导批准；也可以打印《销号审批表》请领导签字后补录。", "success")
    return redirect(url_for("tickets.write_off"), code=303)


def decide(batch_id: int) -> ResponseReturnValue:
    """The leader's own decision, or, with `approver`, one signed on paper."""
    actor = require_actor()
    try:
        decided = _decided(request.form)
        with transaction() as writing:
            found = writing_off.decide(
                writing,
                batch_id,
                version=whole_number(request.form.get("version")) or 0,
                actor=actor,
                decided=decided,
            )
    except DomainError as refusal:
        return _refused(actor, refusal)
    if decided.decision is Decision.DISAGREE:
        flash("已登记：不同意这一批销号。", "success")
    else:
        flash(f"已销号 {found.written_off} 件，各件经过里都有记录。", "success")
    if found.left_out:
        flash(f"这些件已经重新办理，没有销号：{'、'.join(found.left_out)}。", "warning")
    return redirect(url_for("tickets.write_off"), code=303)


def _decided(form: Mapping[str, str]) -> Decided:
    decision = next((each for each in Decision if each.value == form.get("decision")), None)
    if decision is None:
        raise DomainError("请选同意还是不同意。")
    on_paper = "approver" in form
    return Decided(
        decision=decision,
        opinion=form.get("opinion", ""),
        reference=form.get("reference", ""),
        approver_id=(whole_number(form.get("approver")) or 0) if on_paper else None,
        on=day_of(form.get("signed_on", "")) if on_paper else None,
        scans=_scans() if on_paper else (),
    )


def _scans() -> tuple[NewAttachment, ...]:
    kept = [scan for upload in request.files.getlist("scans")[:10] if (scan := keep_scan(upload)) is not None]
    return tuple(
        NewAttachment(
            name=f"销号审批表.{scan.ending}", content_type=scan.content_type, size=scan.size, blob=scan.blob
        )
        for scan in kept
    )


def _refused(actor: Actor, refusal: DomainError) -> ResponseReturnValue:
    if isinstance(refusal, (NotFound, NotAllowed)):
        raise refusal
    end_read()
    return _page(actor, message=str(refusal)), 409 if isinstance(refusal, StaleVersion) else 422


def sheet(batch_id: int) -> ResponseReturnValue:
    """《销号审批表》, to be signed."""
    actor = require_actor()
    with transaction() as writing:
        found = [each for each in _batches(writing, actor) if each.row.id == batch_id]
        if not found:
            raise NotFound("没有这一批销号，或者它不归您查看。")
        audit.record(writing, "write_off.printed", actor=actor.username, object_ref=f"write_off/{batch_id}")
    batch = found[0]
    settings: Settings = current_app.extensions["settings"]
    return render_template(
        "prints/write_off.html",
        batch=batch,
        office=settings.office.name,
        schools=_schools(db.session(), [ticket.id for ticket in batch.tickets]),
        printed=f"{office_day(now()).isoformat()} {actor.display_name}打印",
    )


def _sections(session: Session, actor: Actor) -> dict[int, str]:
    rows = session.execute(
        sa.select(Section.id, Section.name).where(Section.id.in_(actor.section_ids)).order_by(Section.id)
    )
    return {row.id: row.name for row in rows}


def _batches(session: Session, actor: Actor) -> list[Batch]:
    """The batches of this person's sections, the latest first; of each only what this person may see."""
    names = _sections(session, actor)
    rows = session.scalars(
        sa.select(WriteOff)
        .where(WriteOff.section_id.in_(names))
        .order_by(WriteOff.id.desc())
        .limit(SHOWN * 2)
    ).all()
    counted = session.execute(
        sa.select(WriteOffTicket.write_off_id, sa.func.count())
        .where(WriteOffTicket.write_off_id.in_([row.id for row in rows]))
        .group_by(WriteOffTicket.write_off_id)
    ).all()
    counts = {row[0]: row[1] for row in counted}
    seen: dict[int, list[Ticket]] = {row.id: [] for row in rows}
    for batch_id, ticket in session.execute(
        sa.select(WriteOffTicket.write_off_id, Ticket)
        .join(Ticket, Ticket.id == WriteOffTicket.ticket_id)
        .where(WriteOffTicket.write_off_id.in_(list(seen)), visible_to(actor))
        .order_by(Ticket.id)
    ):
        seen[batch_id].append(ticket)
    return [
        Batch(
            row=row,
            section=names[row.section_id],
            tickets=seen[row.id],
            hidden=counts.get(row.id, 0) - len(seen[row.id]),
        )
        for row in rows
    ]


def _schools(session: Session, ticket_ids: Sequence[int]) -> dict[int, str]:
    rows = session.execute(
        sa.select(TicketSchool.ticket_id, School.name)
        .join(School, School.id == TicketSchool.school_id)
        .where(TicketSchool.ticket_id.in_(ticket_ids))
        .order_by(School.id)
    )
    found: dict[int, str] = {}
    for row in rows:
        found.setdefault(row.ticket_id, row.name)
    return found
