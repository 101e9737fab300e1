"""What a person does with a mail that waits: makes it a ticket, sets it aside, takes that back. Each is audited."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from accounts.actor import Actor
from core import audit
from core.clock import now
from core.db import db, end_read, repeated, transaction
from core.errors import DomainError
from mail_ingest import looking, opening
from mail_ingest.deciding import may_acknowledge
from mail_ingest.describing import ReadMail, address_of, read
from mail_ingest.models import MailItem, MailLink
from mail_ingest.reader_process import Reader
from mail_ingest.vocabulary import ItemReason, ItemState, LinkRole
from tickets import letters
from tickets.messages import NewAttachment
from tickets.models import Ticket

REASONS = (ItemReason.NOT_A_CASE, ItemReason.SPAM, ItemReason.MACHINE)
_DEALT_WITH = "这封邮件刚刚已由他人处理，请刷新后再看。"


def make_ticket(item_id: int, reader: Reader, *, actor: Actor) -> str:
    """Makes a waiting mail a ticket and returns its number; arrival is the mail's own, its sender is told now.

    A mail whose twin has become a ticket meanwhile is joined to that one.
    """
    item = db.session().get_one(MailItem, item_id)
    end_read()
    mail = read(item, reader)
    files = opening.store_attachments(mail.parsed)
    # Two twins taken up in the same instant: the second is then a copy of the first.
    return repeated(lambda: _make_ticket(item_id, mail, files, actor))


def _make_ticket(item_id: int, mail: ReadMail, files: Sequence[NewAttachment], actor: Actor) -> str:
    with transaction() as session:
        item = _load(session, item_id, (ItemState.NEW, ItemState.SET_ASIDE))
        before_start = item.reason is ItemReason.BEFORE_START
        known = _made_by_a_twin(session, item)
        if known is not None:
            opening.add_copy(session, item, [known])
            number = known.number
        else:
            registered = opening.open_ticket(
                session, item, mail.parsed, files, actor=actor, unreadable=mail.trouble
            )
            number = registered.ticket.number
            wants_no_reply = mail.parsed.wants_no_reply or before_start
            if may_acknowledge(
                received_at=item.received_at, now=now(), wants_no_reply=wants_no_reply, from_junk=False
            ):
                letters.acknowledge(
                    session,
                    registered,
                    recipient=mail.parsed.reply_to or mail.parsed.from_address,
                    sender=address_of(session, item),
                    written_at=item.received_at,
                    reply_to_id=mail.parsed.message_id,
                )
        item.reason = None
        looking.done(session, item)
        audit.record(session, "mail.made_ticket", actor=actor.username, object_ref=item.ref, ticket=number)
    return number


def set_aside(session: Session, item_id: int, reason: ItemReason, *, actor: Actor) -> None:
    """Puts a waiting mail away; it stays where it is and can be taken back."""
    if reason not in REASONS:
        raise DomainError("请选择搁置的理由。")
    item = _load(session, item_id, (ItemState.NEW,))
    item.state, item.reason = ItemState.SET_ASIDE, reason
    looking.done(session, item)
    audit.record(session, "mail.set_aside", actor=actor.username, object_ref=item.ref, reason=reason.value)


def take_back(session: Session, item_id: int, *, actor: Actor) -> None:
    """Lets a mail that was set aside wait again, under a new deadline."""
    item = _load(session, item_id, (ItemState.SET_ASIDE,))
    before = item.reason.value if item.reason else ""
    item.state, item.reason = ItemState.NEW, None
    looking.start(session, item, now())
    audit.record(session, "mail.taken_back", actor=actor.username, object_ref=item.ref, reason=before)


def _load(session: Session, item_id: int, states: tuple[ItemState, ...]) -> MailItem:
    item = session.scalars(sa.select(MailItem).where(MailItem.id == item_id).with_for_update()).one()
    if item.state not in states or item.kind is None:
        raise DomainError(_DEALT_WITH)
    return item


def _made_by_a_twin(session: Session, item: MailItem) -> Ticket | None:
    return session.scalars(
        sa.select(Ticket)
        .join(MailLink, MailLink.ticket_id == Ticket.id)
        .join(MailItem, MailItem.id == MailLink.item_id)
        .where(
            MailItem.origin_fingerprint == item.fingerprint,
            MailItem.origin_fingerprint.is_not(None),
            MailItem.id != item.id,
            MailLink.role == LinkRole.ORIGIN,
        )
    ).first()
