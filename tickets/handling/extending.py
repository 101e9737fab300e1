"""Extensions: asked for before the day, approved by somebody else, the original day kept for ever."""

from __future__ import annotations

from core.errors import DomainError
from tickets.actions import leads
from tickets.deadlines import ledger
from tickets.deadlines.rules import DeadlineKind, extend
from tickets.handling import loading
from tickets.handling.work import Work
from tickets.models import Deadline, Extension
from tickets.past import Begun
from tickets.vocabulary import Action, LetterKind, Status


def ask(work: Work) -> None:
    """The first step: checks that what is asked for can be granted at all."""
    legal = work.filled.switched_on("legal")
    days = work.filled.days("days")
    row = _running(work, DeadlineKind.LEGAL if legal else DeadlineKind.RESOLVE)
    if row.due_at <= work.at:
        raise DomainError("已经过了期限，不能再申请延期；请填写超期原因和预计办结日期。")
    _check_length(work, row, days)
    work.data.update(
        kind=row.kind.value,
        round=row.round,
        days=days,
        asked_name=work.actor.display_name,
        asked_reason=work.filled.text("reason"),
    )


def approve(work: Work) -> Status:
    begun = work.state.past.begun[Action.EXTEND]
    kind, days = DeadlineKind(begun.data["kind"]), int(begun.data["days"])
    row = _running(work, kind)
    if row.round != begun.data["round"]:
        raise DomainError("申请延期的那一轮已经结束，请重新申请。")
    _check_length(work, row, days)
    _check_approver(work, row, days)
    _enter(work, row, begun, days)
    if work.ways.any:
        work.write(LetterKind.EXTENDED)
    return work.stays


def _running(work: Work, kind: DeadlineKind) -> Deadline:
    rows = work.own(kind)
    if not rows:
        raise DomainError(f"“{kind.label}”现在没有在计时，不能延期。")
    return rows[0]


def _check_length(work: Work, row: Deadline, days: int) -> None:
    legal = row.kind is DeadlineKind.LEGAL
    most = work.settings.legal_extension_natural if legal else work.settings.extension_max
    if row.extended + days > most:
        unit = "日" if legal else "个工作日"
        raise DomainError(f"这个期限最多可以延长 {most} {unit}，已经延长 {row.extended} {unit}。")


def _check_approver(work: Work, row: Deadline, days: int) -> None:
    """Small extensions add up: several of them are as long as one, and go where the long one would have gone."""
    if leads(work.asker, work.state):
        return
    if row.kind is DeadlineKind.LEGAL:
        raise DomainError("延长法定期限要由分管领导批准。")
    if row.extended + days > work.settings.extension_head_max:
        raise DomainError(f"累计延长超过 {work.settings.extension_head_max} 个工作日的，要由分管领导批准。")


def _enter(work: Work, row: Deadline, begun: Begun, days: int) -> None:
    pauses = ledger.pauses_of(loading.suspensions_of(work.session, work.ticket))
    before = row.due_at
    work.move(row, extend(ledger.due_of(row, pauses), days, work.calendar))
    work.data.update(kind=row.kind.value, round=row.round, days=days)
    work.session.add(
        Extension(
            deadline_id=row.id,
            days=days,
            reason=str(begun.data.get("asked_reason", "")),
            asked_by=str(begun.data.get("asked_name", "")),
            asked_at=begun.asked_at,
            approved_by=work.actor.display_name,
            approved_at=work.at,
            on_paper=work.paper is not None,
            due_before=before,
            due_after=row.due_at,
        )
    )
