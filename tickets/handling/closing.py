"""From the report that all is done to the closed ticket, and back where it has to go back."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.clock import office_day
from core.errors import DomainError
from tickets import identity
from tickets.actions import TRIES_BEFORE_UNREACHABLE
from tickets.deadlines import ledger
from tickets.deadlines.rules import DeadlineKind
from tickets.deadlines.standard import resolve_rule
from tickets.handling.acceptance import begin_legal, require_handler
from tickets.handling.moving import children_of
from tickets.handling.work import Work
from tickets.models import Ticket, TicketEvent
from tickets.past import CALL_DONE, CALL_TRIED
from tickets.vocabulary import Action, LetterKind, Outcome, Satisfaction, Status, Urgency

_MET_BY_ANSWER = (DeadlineKind.RESOLVE, DeadlineKind.LEGAL, DeadlineKind.NOTICE)
_NOBODY_ASKED = frozenset({Satisfaction.WRITTEN_UNRATED, Satisfaction.ANONYMOUS, Satisfaction.NOT_SAMPLED})


def report_done(work: Work) -> Status:
    """The clock runs on: what counts is the answer that has reached the complainant."""
    answer = work.filled.text("answer")
    if work.ways.answer and not answer:
        raise DomainError("反映人联系得上，请写好拟答复的内容再报请办结。")
    ticket = work.ticket
    ticket.outcome = work.filled.choice("outcome", Outcome)
    ticket.measures = work.filled.text("measures")
    ticket.answer = answer
    work.texts_changed = True
    return Status.PENDING_REVIEW


def approve(work: Work) -> Status:
    """The answer goes out. Where nobody can be told, approval is the answer and the end."""
    for child in children_of(work):
        work.write(LetterKind.ANSWER, child)
    if work.ways.answer:
        work.write(LetterKind.ANSWER)
        return Status.PENDING_CALLBACK
    _answered(work, work.at)
    work.data["satisfaction"] = Satisfaction.ANONYMOUS.value
    return _close(work)


def send_back(_work: Work) -> Status:
    return Status.IN_PROGRESS


def answered(work: Work) -> Status:
    """The approved answer has reached the complainant: by mail, by letter, or somebody told it."""
    if work.ticket.status is Status.MERGED:
        work.ticket.answered_at = work.told_at(
            not_before=_main_approved_at(work), so="答复要在主件审核通过之后才能告知"
        )
        work.meet(DeadlineKind.NOTICE, at=work.ticket.answered_at)
        return work.stays
    at = work.told_at(not_before=work.state.past.approved_at, so="答复要在审核通过之后才能告知")
    _answered(work, at)
    if work.ways.call_back:
        work.start_standard(DeadlineKind.CALL_BACK, at)
        return work.stays
    work.data["satisfaction"] = Satisfaction.WRITTEN_UNRATED.value
    return _close(work)


def undelivered(work: Work) -> Status:
    """It came back after all: not answered, and the clock has never stopped."""
    answered_at = work.ticket.answered_at
    for row in work.deadlines:
        if row.owner_ref == work.ticket.ref and row.kind in _MET_BY_ANSWER and row.met_at == answered_at:
            row.met_at = None
    if work.ticket.status is Status.MERGED:
        work.ticket.answered_at = None
        return work.stays
    work.end(DeadlineKind.CALL_BACK)
    work.ticket.answered_at = work.ticket.closed_at = None
    return Status.PENDING_CALLBACK


def called_back(work: Work) -> Status:
    said = work.filled.choice("satisfaction", Satisfaction)
    untold = bool(work.own(DeadlineKind.RESOLVE))
    if said is Satisfaction.UNREACHABLE:
        return _not_reached(work)
    if said in _NOBODY_ASKED and untold:
        raise DomainError("答复还没有送到反映人，请先登记答复送达。")
    work.data["step"] = CALL_DONE
    if untold:
        _answered(work, work.at)  # told in this very call
    work.meet(DeadlineKind.CALL_BACK)
    if said is Satisfaction.DISSATISFIED:
        work.start_standard(DeadlineKind.CALL_BACK)  # so long the head has to decide: redo or uphold
        return work.stays
    return _close(work)


def rated(work: Work) -> Status:
    """The complainant's own word in answer to the letter; 不满意 leaves it to the head: redo or uphold."""
    work.meet(DeadlineKind.CALL_BACK)
    if work.filled.choice("satisfaction", Satisfaction) is Satisfaction.DISSATISFIED:
        work.start_standard(DeadlineKind.CALL_BACK)
        work.ticket.closed_at = None
        return Status.PENDING_CALLBACK
    return work.stays if work.stays is Status.CLOSED else _close(work)


def wrote_again(work: Work) -> Status:
    """More than thanks, after the end: the head decides whether it begins anew."""
    work.ticket.wrote_again_at = work.at
    return work.stays


def left_as_is(work: Work) -> Status:
    work.ticket.wrote_again_at = None
    return work.stays


def redo(work: Work) -> Status:
    require_handler(work)
    work.end(DeadlineKind.CALL_BACK, DeadlineKind.RESOLVE)
    _next_round(work)
    return Status.IN_PROGRESS


def uphold(work: Work) -> Status:
    work.data["satisfaction"] = Satisfaction.DISSATISFIED.value
    work.meet(DeadlineKind.CALL_BACK)
    return _close(work)


def reopen(work: Work) -> Status:
    require_handler(work)
    work.ticket.written_off_at = None
    begin_legal(work)  # what was answered at once had never been accepted
    _next_round(work)
    return Status.IN_PROGRESS


def withdraw(work: Work) -> Status:
    work.end_everything()
    return Status.WITHDRAWN


def void(work: Work) -> Status:
    work.end_everything()
    return Status.VOIDED


def answer_in_full(session: Session, ticket: Ticket) -> str:
    """The answer as it was typed, names and all, for the letter to the one it is for. Ask the policy before showing it."""
    written = session.execute(
        sa.select(sa.func.max(TicketEvent.position)).where(
            TicketEvent.ticket_id == ticket.id,
            TicketEvent.action.in_([Action.REPORT_DONE, Action.ANSWER_NOW]),
        )
    ).scalar_one()
    return identity.open_verbatim(session, ticket).get(f"answer@{written}", ticket.answer)


def _main_approved_at(work: Work) -> datetime | None:
    return work.session.execute(
        sa.select(sa.func.max(TicketEvent.occurred_at)).where(
            TicketEvent.ticket_id == work.ticket.merged_into_id, TicketEvent.action == Action.APPROVE
        )
    ).scalar_one()


def _not_reached(work: Work) -> Status:
    today = office_day(work.at)
    days = work.state.past.tried_days | {today}
    work.data["step"] = CALL_TRIED
    work.data["tries"] = len(days)
    if len(days) < TRIES_BEFORE_UNREACHABLE:
        return work.stays
    # An answer nobody could be told is neither in time nor late.
    work.end(DeadlineKind.RESOLVE, DeadlineKind.LEGAL, DeadlineKind.NOTICE)
    work.meet(DeadlineKind.CALL_BACK)
    return _close(work)


def _answered(work: Work, at: datetime) -> None:
    work.ticket.answered_at = at
    work.meet(*_MET_BY_ANSWER, at=at)


def _close(work: Work) -> Status:
    work.ticket.closed_at = work.at
    return Status.CLOSED


def _next_round(work: Work) -> None:
    """A new round of the answer's deadline, by the rule of the last one."""
    last = work.latest(DeadlineKind.RESOLVE)
    rule = (
        ledger.rule_of(last)
        if last
        else resolve_rule(
            consultation=False, urgent=work.ticket.urgency is Urgency.URGENT, settings=work.settings
        )
    )
    work.start(rule)
    work.ticket.answered_at = work.ticket.closed_at = None
