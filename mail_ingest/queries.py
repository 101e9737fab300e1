"""Questions about mails: which ones a person may see, what waits, what a ticket has to do with them."""

from __future__ import annotations

import enum
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from accounts.actor import Actor
from accounts.models import Section
from accounts.vocabulary import Role
from core.errors import NotFound
from mail_ingest.models import MailboxState, MailItem, MailLedger, MailLink
from mail_ingest.vocabulary import ItemReason, ItemState
from outbox.models import OutboxMessage
from tickets.handling.loading import facts_of
from tickets.models import Ticket
from tickets.policy import Permission, may
from tickets.visibility import visible_to

PAGE = 50
AT_WORK = (Role.CLERK, Role.HANDLER, Role.HEAD, Role.LEADER)


class Tray(enum.StrEnum):
    """The trays of the page, by the word in its address."""

    WAITING = "waiting"
    BEFORE_START = "before"
    ASIDE = "aside"
    UNREADABLE = "unreadable"


_IN_TRAY: dict[Tray, sa.ColumnElement[bool]] = {
    Tray.WAITING: sa.and_(MailItem.state == ItemState.NEW, MailItem.kind.is_not(None)),
    Tray.BEFORE_START: sa.and_(
        MailItem.state == ItemState.SET_ASIDE, MailItem.reason == ItemReason.BEFORE_START
    ),
    Tray.ASIDE: sa.and_(MailItem.state == ItemState.SET_ASIDE, MailItem.reason != ItemReason.BEFORE_START),
    Tray.UNREADABLE: MailItem.state == ItemState.QUARANTINED,
}


def mailboxes_seen_by(session: Session, actor: Actor) -> Sequence[tuple[MailboxState, Section]]:
    """The mailboxes whose state a person sees: an admin all, others those of their sections."""
    query = (
        sa.select(MailboxState, Section)
        .join(Section, Section.id == MailboxState.section_id)
        .order_by(MailboxState.id)
    )
    if not actor.has(Role.ADMIN):
        query = query.where(MailboxState.section_id.in_(actor.section_ids))
    return [(row[0], row[1]) for row in session.execute(query)]


def may_set_up(actor: Actor, mailbox: MailboxState) -> bool:
    """An admin, or the head of the mailbox's own section."""
    return actor.has(Role.ADMIN) or (actor.has(Role.HEAD) and mailbox.section_id in actor.section_ids)


def tray(session: Session, actor: Actor, wanted: Tray, *, before: int | None = None) -> Sequence[MailItem]:
    """A page of a tray; what waits longest first, everything else newest first."""
    oldest_first = wanted is Tray.WAITING
    order = MailItem.id.asc() if oldest_first else MailItem.id.desc()
    query = sa.select(MailItem).where(_IN_TRAY[wanted], _of_sections(actor)).order_by(order).limit(PAGE + 1)
    if wanted is Tray.UNREADABLE:
        query = query.where(_ticket_seen_by(actor))
    if before is not None:
        query = query.where(MailItem.id > before if oldest_first else MailItem.id < before)
    return session.scalars(query).all()


def addresses(session: Session) -> dict[int, str]:
    """The addresses of all mailboxes, by id."""
    return {row.id: row.address for row in session.execute(sa.select(MailboxState.id, MailboxState.address))}


def ticket_of_letter(session: Session, message_ids: Sequence[str]) -> str | None:
    """The number of the ticket a letter of ours was about, known by the letter's own Message-ID."""
    if not message_ids:
        return None
    refs = session.scalars(
        sa.select(OutboxMessage.object_ref)
        .where(OutboxMessage.message_id.in_(list(message_ids)))
        .order_by(OutboxMessage.id)
    ).all()
    numbers = [ref.removeprefix("ticket/") for ref in refs if ref.startswith("ticket/")]
    return numbers[-1] if numbers else None


def counts(session: Session, actor: Actor) -> dict[Tray, int]:
    """How many mails lie in each tray for this person."""
    return {each: _count(session, actor, each) for each in Tray}


def waiting(session: Session, actor: Actor) -> int:
    """How many mails wait for this person to look."""
    return _count(session, actor, Tray.WAITING) if actor.has(*AT_WORK) else 0


def item_seen_by(session: Session, actor: Actor, item_id: int) -> MailItem:
    """A mail of the person's own sections; NotFound for any other, and for one whose ticket the person may not see."""
    item = session.scalars(
        sa.select(MailItem).where(
            MailItem.id == item_id,
            sa.or_(
                sa.and_(_linked(), _ticket_seen_by(actor)),
                sa.and_(sa.not_(_linked()), _of_sections(actor)),
            ),
        )
    ).one_or_none()
    if item is None or not actor.has(*AT_WORK):
        raise NotFound("没有这封邮件。")
    return item


def may_read_verbatim(session: Session, actor: Actor, item: MailItem) -> bool:
    """Whether the person may read the mail as it came: as the ticket's policy says; before there is one, the head may."""
    tickets = session.scalars(
        sa.select(Ticket).join(MailLink, MailLink.ticket_id == Ticket.id).where(MailLink.item_id == item.id)
    ).all()
    if not tickets:
        return actor.has(Role.HEAD)
    return any(may(actor, Permission.READ_VERBATIM, facts_of(session, ticket)) for ticket in tickets)


def _count(session: Session, actor: Actor, wanted: Tray) -> int:
    query = sa.select(sa.func.count()).select_from(MailItem).where(_IN_TRAY[wanted], _of_sections(actor))
    if wanted is Tray.UNREADABLE:
        query = query.where(_ticket_seen_by(actor))
    return session.execute(query).scalar_one()


def _of_sections(actor: Actor) -> sa.ColumnElement[bool]:
    """Mails that came to a mailbox of the person's sections; the same bytes may have come to several."""
    own = sa.select(MailboxState.id).where(MailboxState.section_id.in_(actor.section_ids))
    also = sa.exists().where(MailLedger.item_id == MailItem.id, MailLedger.mailbox_id.in_(own))
    return sa.or_(MailItem.mailbox_id.in_(own), also)


def _linked() -> sa.ColumnElement[bool]:
    return sa.exists().where(MailLink.item_id == MailItem.id)


def _ticket_seen_by(actor: Actor) -> sa.ColumnElement[bool]:
    return sa.exists().where(
        MailLink.item_id == MailItem.id, Ticket.id == MailLink.ticket_id, visible_to(actor)
    )
