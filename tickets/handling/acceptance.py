"""Taking a matter on, or not: accept, start, refuse, answer at once, name who handles it."""

from __future__ import annotations

import sqlalchemy as sa

from accounts.actor import actor_of
from accounts.models import Account
from accounts.vocabulary import Role
from core.errors import DomainError
from tickets.actions import heads
from tickets.deadlines.rules import DeadlineKind
from tickets.handling.work import Work
from tickets.models import Category, TicketCategory
from tickets.vocabulary import LetterKind, Outcome, RefusalReason, Status

NOT_OURS = "X20"  # 非教育局职权: telling the caller where to turn is all there is to do


def accept(work: Work) -> Status:
    """The decision is made; the law's 60 days begin, and the complainant has to be told."""
    if work.filled.raw("handler"):
        name_handler(work, work.filled.raw("handler"))
    first_time = work.ticket.accepted_at is None
    begin_legal(work)
    work.meet(DeadlineKind.ACCEPT)
    if not work.ways.any:
        work.end(DeadlineKind.NOTICE)  # the law asks for no notice where nobody can be told
    elif first_time:
        work.write(LetterKind.ACCEPTED)
    return Status.ACCEPTED


def start(work: Work) -> Status:
    """Somebody by name begins; without a name given, who was named before, else who presses the button."""
    named = work.filled.raw("handler")
    if not named and work.ticket.handler_id is None:
        named = work.actor.username
    if named:
        name_handler(work, named)
    return Status.IN_PROGRESS


def assign(work: Work) -> Status:
    name_handler(work, work.filled.raw("handler"))
    return work.stays


def refuse(work: Work) -> Status:
    why = work.filled.choice("why", RefusalReason)
    if why is RefusalReason.INCOMPLETE and work.ways.any:
        raise DomainError("反映人留有联系方式，请先联系补充，不能按“要素不全”不予受理。")
    work.meet(DeadlineKind.ACCEPT)
    work.end(DeadlineKind.RESOLVE, DeadlineKind.LEGAL)
    if work.ways.any:
        work.write(LetterKind.REFUSED)
    else:
        work.end(DeadlineKind.NOTICE)
    return Status.REJECTED


def answer_now(work: Work) -> Status:
    """A question that was answered while it was asked: closed at once, counted apart."""
    code = work.filled.raw("category")
    if code:
        set_category(work, code)
    if not _answerable(work):
        raise DomainError(
            "只有咨询、建议、表扬和非本局职权的事项可以当场答复办结。是的，请在“类别”里选 I1、I2、I3 或 X20；不是的，请先受理。"
        )
    ticket = work.ticket
    ticket.answer = work.filled.text("answer")
    ticket.outcome = Outcome.NOT_APPLICABLE
    ticket.answered_at = ticket.closed_at = work.at
    work.meet(DeadlineKind.ACCEPT, DeadlineKind.RESOLVE, DeadlineKind.NOTICE, DeadlineKind.LEGAL)
    work.texts_changed = True
    return Status.CLOSED


def begin_legal(work: Work) -> None:
    """The statutory 60 days run from acceptance, once; a hand-over in between does not begin them again."""
    if work.ticket.accepted_at is None:
        work.ticket.accepted_at = work.at
        work.start_standard(DeadlineKind.LEGAL)


def name_handler(work: Work, username: str) -> None:
    """Makes somebody of the section the one who handles the ticket; only a head or leader names another person."""
    account = work.session.scalars(
        sa.select(Account).where(Account.username == username.casefold(), Account.disabled_at.is_(None))
    ).one_or_none()
    person = actor_of(account) if account else None
    # What is complained of in the section itself may be given to somebody of another one.
    anywhere = work.ticket.conflict
    if (
        person is None
        or not person.has(Role.HANDLER, Role.HEAD)
        or not (anywhere or work.ticket.section_id in person.section_ids)
    ):
        raise DomainError(f"本股室没有可以承办的人员“{username}”。")
    if person.id != work.actor.id and not heads(work.asker, work.state):
        raise DomainError("只有股室负责人可以指定别人承办；您可以自己承办。")
    work.ticket.handler_id = person.id
    work.data.update(handler_id=person.id, handler=person.display_name)


def require_handler(work: Work) -> None:
    """Before work goes on again: a name has to stand on the ticket."""
    if work.filled.raw("handler"):
        name_handler(work, work.filled.raw("handler"))
    elif work.ticket.handler_id is None:
        raise DomainError("这件没有经办人，请先选由谁承办。")


def set_category(work: Work, code: str) -> None:
    """Sets the main category; the one before stays as a further one."""
    category = work.session.get(Category, code)
    if category is None or category.closed or category.parent_code is None:
        raise DomainError("没有这个类别，请重新选。")
    rows = work.session.scalars(
        sa.select(TicketCategory).where(TicketCategory.ticket_id == work.ticket.id)
    ).all()
    for row in rows:
        if row.main and row.category_code != code:
            row.main = False
            work.data["category_before"] = row.category_code
    work.session.flush()  # at most one main category at any moment
    chosen = next((row for row in rows if row.category_code == code), None)
    if chosen is None:
        chosen = TicketCategory(ticket_id=work.ticket.id, category_code=code)
        work.session.add(chosen)
    chosen.main, chosen.set_by = True, work.actor.display_name
    work.session.flush()


def _answerable(work: Work) -> bool:
    row = work.session.execute(
        sa.select(Category.code, Category.consultation)
        .join(TicketCategory, TicketCategory.category_code == Category.code)
        .where(TicketCategory.ticket_id == work.ticket.id, TicketCategory.main)
    ).one_or_none()
    return row is not None and (row.consultation or row.code == NOT_OURS)
