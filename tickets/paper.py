"""纸质审批补录: a head or leader has signed on paper, somebody at the desk enters it with the scan.

The rules of the act hold for the one who signed: nobody's own work is approved by way of paper. The one who signed is shown
what was entered and says whether it is right.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

import sqlalchemy as sa
from sqlalchemy.orm import Session

from accounts.actor import Actor
from accounts.vocabulary import Role
from core import audit, vault
from core.clock import now
from core.errors import DomainError, NotAllowed, NotFound
from tickets import duties, history, messages
from tickets.action_rules import DESK, ActionRule
from tickets.action_table import TABLE
from tickets.actions import Asker, TicketState, next_step, not_now
from tickets.calendar.office_time import OFFICE_ZONE, office_day
from tickets.calendar.words import month_day
from tickets.deadlines import ledger
from tickets.handling import OnPaper, loading
from tickets.letters.sending import CarriedOut, carry_out
from tickets.messages import NewAttachment, NewMessage
from tickets.models import PaperApproval, Ticket
from tickets.policy import held
from tickets.search.index import put_into_index
from tickets.vocabulary import Action, Channel, Direction, PaperVerdict

SMALL_SECTION = 3  # in which whoever asked for a decision may enter it as well
_SIGNING = (Role.HEAD, Role.LEADER)
_AT_DESKS = (Role.CLERK, Role.HANDLER, Role.HEAD)


@dataclass(frozen=True, kw_only=True)
class Signed:
    """What stands on the paper."""

    approver: str  # user name
    on: date
    scans: Sequence[NewAttachment]


@dataclass(frozen=True, kw_only=True)
class Signable:
    """An act that can have been decided on paper now, and by whom."""

    rule: ActionRule
    approvers: Sequence[Actor]

    @property
    def label(self) -> str:
        return self.rule.action.label


def may_record(recorder: Actor, state: TicketState) -> bool:
    """Whether the person works on the ticket or at the desk of its section."""
    return not held(recorder, state.facts).isdisjoint(DESK)


def awaited(state: TicketState) -> bool:
    """Whether an act waits that a head or leader could have decided on paper."""
    return any(state.status in rule.sources and next_step(rule, state).on_paper for rule in TABLE.values())


def signable(session: Session, state: TicketState, recorder: Actor) -> list[Signable]:
    """The acts that wait for a decision somebody may have taken on paper, with those who may take it."""
    if not may_record(recorder, state):
        return []
    people = [each for each in duties.staff(session) if each.has(*_SIGNING) and each.id != recorder.id]
    found = []
    for rule in TABLE.values():
        if state.status not in rule.sources or not next_step(rule, state).on_paper:
            continue
        able = [each for each in people if _could(each, rule, state)]
        if able:
            found.append(Signable(rule=rule, approvers=able))
    return found


def _could(person: Actor, rule: ActionRule, state: TicketState) -> bool:
    step, asker = next_step(rule, state), Asker(actor=person)
    return (
        asker.may(step, state)
        and not asker.barred(rule, step, state)
        and not not_now(rule, step, state, asker)
    )


def record(
    session: Session,
    number: str,
    action: Action,
    *,
    version: int,
    recorder: Actor,
    signed: Signed,
    fields: Mapping[str, str],
) -> CarriedOut:
    """Carries the act out in the name of the one who signed; raises what `handling.perform` raises."""
    ticket = loading.lock(session, [number]).get(number)
    if ticket is None:
        raise NotFound("没有这一件，或者它不归您查看。")
    state = loading.state_of(session, ticket)
    if not may_record(recorder, state):
        raise NotAllowed("纸质审批由本股室的工作人员补录。")
    rule = TABLE.get(action)
    if rule is None or not next_step(rule, state).on_paper:
        raise DomainError("这一步不能用纸质审批补录。")
    people = duties.staff(session)
    approver = _approver(signed, recorder, people)
    if not fields.get("reason", "").strip():
        raise DomainError("请照抄纸上的意见原文。")
    by_applicant = recorder.id in _applicants(rule, state)
    if by_applicant:
        _check_small(recorder, approver, state, people)
    paper = OnPaper(
        recorder=recorder,
        signed_at=_signed_at(signed.on, _asked_at(rule, state, ticket)),
        sentence=_sentence(signed.on, recorder, by_applicant=by_applicant),
    )
    what = _called(rule, state)
    carried = carry_out(session, number, action, version=version, actor=approver, fields=fields, paper=paper)
    _file(session, carried, what=what, signed=signed, recorder=recorder)
    assert approver.id is not None and recorder.id is not None  # noqa: S101, PT018 - people, not the system
    session.add(
        PaperApproval(
            ticket_id=ticket.id,
            what=what,
            words=carried.done.event.reason.removeprefix(f"{paper.sentence}："),
            approver_id=approver.id,
            approver=approver.display_name,
            signed_on=signed.on,
            recorded_by_id=recorder.id,
            recorded_by=recorder.display_name,
            recorded_at=now(),
            by_applicant=by_applicant,
        )
    )
    session.flush()
    return carried


def _approver(signed: Signed, recorder: Actor, people: Sequence[Actor]) -> Actor:
    """Whose signature it is; DomainError if that cannot be, or if there is nothing to see."""
    approver = next((each for each in people if each.username == signed.approver.casefold()), None)
    if approver is None or not approver.has(*_SIGNING):
        raise DomainError("请选在纸上签字的股室负责人或分管领导。")
    if approver.id == recorder.id:
        raise DomainError("您本人的意见请直接办理，不用补录。")
    if not signed.scans:
        raise DomainError("请附上签了字的扫描件或照片。")
    return approver


def waiting(session: Session, actor: Actor) -> Sequence[sa.Row[PaperApproval, str | None]]:
    """What was entered in this person's name and has not been looked at, with the ticket's number."""
    return session.execute(
        sa.select(PaperApproval, Ticket.number)
        .outerjoin(Ticket, Ticket.id == PaperApproval.ticket_id)
        .where(PaperApproval.approver_id == actor.id, PaperApproval.verdict.is_(None))
        .order_by(PaperApproval.id)
    ).all()


def waiting_count(session: Session, actor: Actor) -> int:
    return session.execute(
        sa.select(sa.func.count()).where(
            PaperApproval.approver_id == actor.id, PaperApproval.verdict.is_(None)
        )
    ).scalar_one()


def judge(
    session: Session, paper_id: int, *, actor: Actor, verdict: PaperVerdict | None, remark: str
) -> PaperVerdict:
    """The one who signed says whether what was entered is right; what is disputed stands in the ticket's history."""
    found = session.get(PaperApproval, paper_id)
    if found is None or found.approver_id != actor.id:
        raise NotFound("没有这条书面意见，或它不是您的。")
    ticket = session.get(Ticket, found.ticket_id, with_for_update=True) if found.ticket_id else None
    row = session.get_one(PaperApproval, paper_id, with_for_update=True, populate_existing=True)
    if row.verdict is not None:
        raise DomainError("这条书面意见您已经核对过了。")
    if verdict is None:
        raise DomainError("请选“无误”或“有异议”。")
    if verdict is PaperVerdict.DISPUTED and not remark.strip():
        raise DomainError("有异议的，请写明哪里不对。")
    row.verdict, row.verdict_at = verdict, now()
    session.flush()
    if ticket is None:
        row.remark = remark.strip()
        audit.record(
            session,
            "write_off.paper",
            actor=actor.username,
            object_ref=f"write_off/{row.write_off_id}",
            verdict=verdict.value,
        )
        return verdict
    row.remark = messages.open_masker(session, ticket).mask_all(remark.strip())[0].text
    history.add_event(
        session,
        ticket,
        Action.PAPER,
        actor=actor,
        from_status=ticket.status,
        reason=f"{row.what}（{row.recorded_by}补录）：{verdict.label}{'：' if row.remark else ''}{row.remark}",
        verdict=verdict.value,
        **ledger.for_history(session, ticket),
    )
    return verdict


def _applicants(rule: ActionRule, state: TicketState) -> set[int | None]:
    """Who has asked for the decision."""
    begun = state.past.begun.get(rule.action)
    asked = set(begun.steps.values()) if begun else set()
    if rule.action in {Action.APPROVE, Action.SEND_BACK}:
        asked |= {state.past.reported_by, state.facts.handler_id}
    return asked - {None}


def _check_small(recorder: Actor, approver: Actor, state: TicketState, people: Sequence[Actor]) -> None:
    """In a section of a few there is nobody else to enter it; in a larger one somebody else does."""
    desk = [each for each in people if each.has(*_AT_DESKS) and state.facts.section_id in each.section_ids]
    if len(desk) <= SMALL_SECTION:
        return
    others = [each for each in desk if each.id not in {recorder.id, approver.id} and may_record(each, state)]
    if others:
        names = "、".join(each.display_name for each in others[:3])
        raise DomainError(f"这一步是您申请的，书面意见请由另一位同事补录，如{names}。")


def _asked_at(rule: ActionRule, state: TicketState, ticket: Ticket) -> datetime:
    begun = state.past.begun.get(rule.action)
    if begun is not None:
        return begun.asked_at
    reported = state.past.reported_at if rule.action in {Action.APPROVE, Action.SEND_BACK} else None
    return reported or ticket.received_at


def _signed_at(day: date, asked_at: datetime) -> datetime:
    """The moment of a day that was typed: never before it was asked for, never later than now."""
    moment = now()
    if day > office_day(moment):
        raise DomainError("签字日期不能晚于今天。")
    if day < office_day(asked_at):
        raise DomainError(f"签字日期不能早于提出的那一天（{month_day(office_day(asked_at), beside=day)}）。")
    return min(max(datetime.combine(day, time.min, OFFICE_ZONE).astimezone(UTC), asked_at), moment)


def _sentence(day: date, recorder: Actor, *, by_applicant: bool) -> str:
    who = f"{recorder.display_name}{'作为申请人' if by_applicant else ''}补录"
    return f"纸质审批（{day.year}年{day.month}月{day.day}日签，{who}）"


def _called(rule: ActionRule, state: TicketState) -> str:
    step = next_step(rule, state)
    return f"{rule.action.label}：{step.label}" if step.label else rule.action.label


def _file(session: Session, carried: CarriedOut, *, what: str, signed: Signed, recorder: Actor) -> None:
    """The scan goes into the ticket's course; it opens as every other file of the ticket."""
    ticket = carried.done.ticket
    messages.add_message(
        session,
        ticket,
        vault.data_key(session, ticket.data_key_id),
        messages.open_masker(session, ticket),
        NewMessage(
            subject=f"纸质审批：{what}",
            text=carried.done.event.reason,
            sender=recorder.display_name,
            attachments=tuple(signed.scans),
        ),
        occurred_at=carried.done.event.occurred_at,
        direction=Direction.NOTE,
        channel=Channel.OTHER,
        author=recorder.display_name,
    )
    session.flush()
    put_into_index(session, ticket)
