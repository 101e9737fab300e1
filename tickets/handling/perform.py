"""The one verb that changes a ticket's status, and what the machinery itself may do with one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType

import sqlalchemy as sa
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from accounts.actor import SYSTEM, Actor
from core.clock import now, office_day
from core.errors import DomainError, NotAllowed, NotFound, StaleVersion
from tickets import duties, history
from tickets.action_table import TABLE, ActionRule, Step
from tickets.actions import Asker, KeptApart, check, heads, is_last, next_step, not_now
from tickets.deadlines import ledger
from tickets.handling import acceptance, closing, extending, filling, loading, moving, sharing, suspending
from tickets.handling.work import Done, OnPaper, Work
from tickets.models import Suspension, Ticket
from tickets.past import DECLINED
from tickets.policy import Permission, may
from tickets.search.index import put_into_index
from tickets.vocabulary import Action, Decision, Satisfaction, Status, ToldBy

_EFFECTS: Mapping[Action, Callable[[Work], Status]] = MappingProxyType(
    {
        Action.ACCEPT: acceptance.accept,
        Action.ANSWER_NOW: acceptance.answer_now,
        Action.START: acceptance.start,
        Action.REFUSE: acceptance.refuse,
        Action.ASSIGN: acceptance.assign,
        Action.HAND_OVER: moving.hand_over,
        Action.TRANSFER_OUT: moving.transfer_out,
        Action.FEEDBACK: moving.feedback,
        Action.MERGE: moving.merge,
        Action.UNMERGE: moving.unmerge,
        Action.SPLIT: moving.split,
        Action.SUSPEND: suspending.suspend,
        Action.RESUME: suspending.resume,
        Action.REPORT_DONE: closing.report_done,
        Action.APPROVE: closing.approve,
        Action.SEND_BACK: closing.send_back,
        Action.ANSWERED: closing.answered,
        Action.UNDELIVERED: closing.undelivered,
        Action.CALLED_BACK: closing.called_back,
        Action.RATED: closing.rated,
        Action.ASK_FACTS: sharing.ask_facts,
        Action.NOTICE_BACK: sharing.notice_back,
        Action.WROTE_AGAIN: closing.wrote_again,
        Action.LEFT_AS_IS: closing.left_as_is,
        Action.REDO: closing.redo,
        Action.UPHOLD: closing.uphold,
        Action.REOPEN: closing.reopen,
        Action.WITHDRAW: closing.withdraw,
        Action.VOID: closing.void,
        Action.EXTEND: extending.approve,
        Action.SEND_ON: sharing.send_on,
        Action.NOTIFY: sharing.notify,
        Action.CORRECT: sharing.correct,
    }
)


def perform(
    session: Session,
    number: str,
    action: Action,
    *,
    version: int,
    actor: Actor,
    fields: Mapping[str, str],
    paper: OnPaper | None = None,
) -> Done:
    """Does one step of one act for a person, in the caller's transaction; the letters it gives back are due in it too.

    With `paper` the person has decided on paper, and somebody else is at the keyboard; the rules hold for the person.

    NotFound if this person must not know of the ticket, NotAllowed if the act is not one of the person's roles,
    StaleVersion if somebody else saved it since the page was shown, DomainError with the sentence of the rule that says no.
    """
    rule = TABLE.get(action)
    if rule is None:
        raise DomainError(f"“{action.label}”不能由人办理。")
    # Every ticket the act touches is locked before anything is decided.
    tickets = loading.lock(session, {number, *_others(action, fields)})
    ticket = tickets.get(number)
    if ticket is None or not may(actor, Permission.VIEW, loading.facts_of(session, ticket)):
        raise NotFound("没有这一件，或者它不归您查看。")
    state = loading.state_of(session, ticket)
    asker = Asker(actor=actor, principals=() if paper else loading.principals_of(session, actor))
    if not asker.may(next_step(rule, state), state):
        raise NotAllowed(f"您的岗位不能对这一件办理“{action.label}”。")
    if ticket.version != version:
        raise StaleVersion("刚才有人已经保存了这一件。请对照现在的内容后再办理。")
    try:
        step = check(rule, asker, state)
    except KeptApart as barred:
        whom = duties.next_person(rule, state, duties.staff(session), duties.section_names(session))
        raise DomainError(f"{barred}{whom.sentence}") from barred
    filled = filling.fill(session, ticket, step, fields, position=history.next_position(session, ticket))
    work = Work(
        session=session,
        ticket=ticket,
        state=state,
        asker=asker,
        filled=filled,
        at=now(),
        others=tickets,
        paper=paper,
        occurred_at=paper.signed_at if paper else None,
    )
    return _carry_out(work, rule, step)


def begin(session: Session, ticket: Ticket, asker: Asker) -> Done:
    """The first order or inquiry starts the work on a ticket by itself, whoever pressed that button.

    Without a handler it is the person's own from now on. The caller has locked the ticket and asked its own rules.
    """
    rule, state = TABLE[Action.START], loading.state_of(session, ticket)
    step = rule.steps[-1]
    filled = filling.fill(session, ticket, step, {}, position=history.next_position(session, ticket))
    return _carry_out(
        Work(session=session, ticket=ticket, state=state, asker=asker, filled=filled, at=now()), rule, step
    )


def answer_reached(session: Session, number: str, at: datetime) -> Done | None:
    """The outbox has sent the answer. None if it makes no difference any more.

    For a ticket that was merged into another one only its own complainants' answer is noted.
    """
    ticket = _locked(session, number)
    fields = {"how": ToldBy.MAIL.value, "at": at.isoformat(), "reason": "答复邮件已发出"}
    return _by_system(session, ticket, Action.ANSWERED, fields)


def answer_bounced(session: Session, number: str, reason: str) -> Done | None:
    """The answer came back. None if the ticket has gone on by another way meanwhile."""
    return _by_system(session, _locked(session, number), Action.UNDELIVERED, {"reason": reason})


def notice_reached(session: Session, number: str, at: datetime) -> Done | None:
    """The outbox has sent a notice (受理告知, 不予受理告知 …)."""
    fields = {"how": ToldBy.MAIL.value, "at": at.isoformat(), "reason": "告知邮件已发出"}
    return _by_system(session, _locked(session, number), Action.NOTIFY, fields)


def notice_bounced(session: Session, number: str, reason: str) -> Done | None:
    """A notice came back: whoever it was for has not been told. None where nothing hangs on it any more."""
    return _by_system(session, _locked(session, number), Action.NOTICE_BACK, {"reason": reason})


def rated(session: Session, number: str, said: Satisfaction, words: str) -> Done | None:
    """The complainant has answered our answer with a mark. None where it cannot be one any more."""
    fields = {"satisfaction": said.value, "reason": words}
    return _by_system(session, _locked(session, number), Action.RATED, fields)


def wrote_again(session: Session, number: str) -> Done | None:
    """A complainant has written about a case that is over. None while it is not, or while it is asked for already."""
    ticket = _locked(session, number)
    if ticket.wrote_again_at is not None:
        return None
    return _by_system(session, ticket, Action.WROTE_AGAIN, {})


def to_resume(session: Session) -> list[str]:
    """The tickets whose pause has reached its end; each is resumed in a transaction of its own."""
    today = office_day(now())
    return list(
        session.scalars(
            sa.select(Ticket.number)
            .join(Suspension, Suspension.ticket_id == Ticket.id)
            .where(
                Ticket.status == Status.SUSPENDED,
                Suspension.ended_at.is_(None),
                Suspension.until_day < today,
            )
            .order_by(Ticket.id)
        )
    )


def resume_by_date(session: Session, number: str) -> Done | None:
    """The day that was set has passed: the clock runs again by itself. None if somebody was faster."""
    ticket = _locked(session, number)
    if number not in to_resume(session):
        return None
    return _by_system(session, ticket, Action.RESUME, {"reason": "暂停期满，自动恢复"})


def _locked(session: Session, number: str) -> Ticket:
    ticket = loading.lock(session, [number]).get(number)
    if ticket is None:
        raise NotFound(f"没有编号为 {number} 的件。")
    return ticket


def _by_system(session: Session, ticket: Ticket, action: Action, fields: Mapping[str, str]) -> Done | None:
    """What happens to a ticket without anybody pressing a button; None where the rules see no sense in it now."""
    rule, state = TABLE[action], loading.state_of(session, ticket)
    asker = Asker(actor=SYSTEM)
    step = rule.steps[-1]
    if not rule.by_system or state.status not in rule.sources or not_now(rule, step, state, asker):
        return None
    filled = filling.fill(session, ticket, step, fields, position=history.next_position(session, ticket))
    work = Work(session=session, ticket=ticket, state=state, asker=asker, filled=filled, at=now())
    return _carry_out(work, rule, step)


def _carry_out(work: Work, rule: ActionRule, step: Step) -> Done:
    ticket, before = work.ticket, work.ticket.status
    declined = work.filled.choice_or_none("decision", Decision) is Decision.DISAGREE
    _note_step(work, rule, step, declined=declined)
    if is_last(rule, step) and not declined:
        ticket.status = _EFFECTS[rule.action](work)
    if ticket.status is not before:
        ticket.wrote_again_at = None
        sharing.end_standing_in(work)
    flag_modified(ticket, "status")  # every step counts as a new version, also one that changes no column
    work.session.flush()
    event = history.add_event(
        work.session,
        ticket,
        rule.action,
        actor=work.actor,
        from_status=before,
        reason=work.said,
        occurred_at=work.occurred_at,
        recorder=work.paper.recorder if work.paper else None,
        **{**work.filled.for_history(), **work.data},
        **ledger.for_history(work.session, ticket),
    )
    if work.texts_changed:
        put_into_index(work.session, ticket)
    return Done(ticket=ticket, event=event, letters=tuple(work.letters), split_off=work.split_off)


def _note_step(work: Work, rule: ActionRule, step: Step, *, declined: bool) -> None:
    """Writes which step this was; the first of some acts also notes what the last one will need."""
    if len(rule.steps) == 1:
        return
    work.data["step"] = DECLINED if declined else step.name
    if is_last(rule, step):
        work.data["finished"] = True
    elif step is rule.steps[0] and rule.action is Action.EXTEND:
        extending.ask(work)
    elif step is rule.steps[0] and rule.action is Action.VOID:
        work.data["by_head"] = heads(work.asker, work.state)


def _others(action: Action, fields: Mapping[str, str]) -> set[str]:
    """The numbers of further tickets that an act changes or rests on."""
    into = fields.get("into", "").strip().upper()
    return {into} if action is Action.MERGE and into else set()
