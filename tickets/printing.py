"""Papers: who may print what, what is checked before, and the mark that each print leaves."""

from __future__ import annotations

from sqlalchemy.orm import Session

from accounts.actor import Actor
from core import audit
from core.errors import DomainError, NotAllowed
from core.labels import Labelled
from tickets import identity, released
from tickets.action_rules import HEADS, LEADERS, NAMED_OR_HEAD
from tickets.identity import Person
from tickets.models import Order, Ticket
from tickets.opening_rules import Opening, OpeningReason, may_reveal
from tickets.orders import sealing
from tickets.orders.consents import allowed_words
from tickets.orders.sealing import OrderTexts
from tickets.policy import TicketFacts, held
from tickets.secrecy import leak_inquiries


class Form(Labelled):
    """The printed forms."""

    REGISTRATION = "registration", "登记表"
    ORDER = "order", "交办单"
    DELIVERY = "delivery", "送达记录"
    FEEDBACK = "feedback", "整改情况反馈表"
    FILE = "file", "全卷"
    IDENTITY = "identity", "密封件"


def may_print_file(actor: Actor, facts: TicketFacts) -> bool:
    """The whole file: whoever handles it, the head, the leader. Those who were only informed need less."""
    return not held(actor, facts).isdisjoint(NAMED_OR_HEAD | LEADERS)


def may_print_identity(actor: Actor, facts: TicketFacts) -> bool:
    """Who complained, on paper, is for the head alone to print; everybody else looks at the screen."""
    return not held(actor, facts).isdisjoint(HEADS) and may_reveal(actor, facts)


def print_form(session: Session, ticket: Ticket, form: Form, *, actor: Actor, about: str = "") -> None:
    """Notes that a form without identity is printed."""
    label = f"{form.label} {about}".strip()
    audit.record(
        session,
        Opening.PRINTED.value,
        actor=actor.username,
        object_ref=ticket.ref,
        form=form.value,
        label=label,
    )


def print_for_school(
    session: Session, ticket: Ticket, facts: TicketFacts, order: Order, form: Form, *, actor: Actor
) -> OrderTexts:
    """What a school gets on paper, checked once more: a name may have become known since it was issued."""
    if order.number is None:
        raise DomainError("草稿不能打印；请先签发，编号后再打印。")
    texts = sealing.open_texts(session, ticket, order)
    named = (texts.text, texts.requirement) != (order.text, order.requirement)
    if named and not may_reveal(actor, facts):
        raise NotAllowed("这张交办单经反映人同意写有学生信息，由本件的经办人或股室负责人打印。")
    leak_inquiries.check_not_running(session, ticket)
    words = allowed_words(session, ticket, order.school_id)
    released.check(session, ticket, texts.text, texts.requirement, allowed=words, with_said=False)
    print_form(session, ticket, form, actor=actor, about=order.number)
    return texts


def print_file(session: Session, ticket: Ticket, facts: TicketFacts, *, actor: Actor) -> None:
    if not may_print_file(actor, facts):
        raise NotAllowed("全卷由本件的经办人、股室负责人或分管领导打印。")
    print_form(session, ticket, Form.FILE, actor=actor)


def print_identity(
    session: Session, ticket: Ticket, facts: TicketFacts, *, actor: Actor, reason: str
) -> list[Person]:
    """The sealed page with who complained: for the head, with a reason, and on record."""
    if not may_print_identity(actor, facts):
        raise NotAllowed("密封件（反映人身份页）只有股室负责人能打印。")
    why = next((each for each in OpeningReason if each.value == reason), None)
    if why is None:
        raise DomainError("请选打印密封件的理由。")
    audit.record(
        session,
        Opening.IDENTITY_PRINTED.value,
        actor=actor.username,
        object_ref=ticket.ref,
        form=Form.IDENTITY.value,
        reason=why.label,
    )
    return identity.open_complainants(session, ticket)
