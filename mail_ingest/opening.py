"""From a mail that was read to a ticket, or to one more message of a ticket."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from accounts.actor import SYSTEM, Actor
from accounts.models import Section
from core import vault
from core.blobs import StoredBlob, blob_store
from core.clock import now, office_day
from core.db import insert_later, write_gathered
from core.text import clean_line, shorten
from mail_ingest import hints
from mail_ingest.boxes import box
from mail_ingest.models import MailboxState, MailItem, MailLink
from mail_ingest.reading.parsed import ParsedMail
from mail_ingest.vocabulary import ItemState, LinkRole
from tickets import handling, history, identity, intake, messages
from tickets.identity import Person
from tickets.intake import NewTicket, Registered
from tickets.letters import hearing
from tickets.masking.mask import Masker
from tickets.messages import NewAttachment, NewMessage
from tickets.models import Order, Ticket
from tickets.orders import answering
from tickets.search.index import put_into_index
from tickets.vocabulary import Action, Channel, Direction

SENT_TO_US_TOO = "同一来信也寄到本股室"


def store_attachments(parsed: ParsedMail) -> tuple[NewAttachment, ...]:
    """Puts the files of a mail into the blob store; before the transaction, because files may be large."""
    stored: list[StoredBlob] = []
    files = put_attachments(parsed, stored)
    blob_store().sync(stored)
    return files


def put_attachments(parsed: ParsedMail, stored: list[StoredBlob]) -> tuple[NewAttachment, ...]:
    """The same without the last step: what was put is added to `stored`, to be synced by the caller for several mails."""
    blobs = blob_store()
    put = [blobs.put(file.content, sync_folder=False) for file in parsed.attachments]
    stored += put
    return tuple(
        NewAttachment(name=file.filename, content_type=file.content_type, size=file.size, blob=blob.name)
        for file, blob in zip(parsed.attachments, put, strict=True)
    )


def open_ticket(
    session: Session,
    item: MailItem,
    parsed: ParsedMail,
    files: Sequence[NewAttachment],
    *,
    actor: Actor = SYSTEM,
    unreadable: str = "",
    masker: Masker | None = None,
) -> Registered:
    """Registers the ticket a mail makes and links them; `unreadable` says why a person has to read the mail.

    `masker`: the one that has masked the subject already.
    """
    arrived_in = box(session, item.mailbox_id)
    own_words = _own_words(parsed)
    new = NewTicket(
        channel=Channel.MAIL,
        received_at=item.received_at,
        title=parsed.subject,
        matter=own_words or parsed.subject or unreadable or "（来信没有文字，请看附件）",
        people=(Person(name=parsed.from_name, email=parsed.reply_to or parsed.from_address),),
        arrived_at=arrived_in.section,
        needs_reading=bool(unreadable) or parsed.needs_reading,
        conflict=arrived_in.names_a_colleague(f"{parsed.subject}\n{own_words}"),
        message=message_of(parsed, files),
    )
    item.origin_fingerprint = item.fingerprint
    item.state = ItemState.QUARANTINED if unreadable else ItemState.LINKED
    registered = intake.register(session, new, actor=actor, masker=masker)
    link(session, item, registered.ticket, LinkRole.ORIGIN, message_id=registered.message_id)
    return registered


def fill_in(session: Session, item: MailItem, parsed: ParsedMail, files: Sequence[NewAttachment]) -> None:
    """Gives the ticket of a mail that could not be read at first the words it turned out to have."""
    ticket, held = session.execute(
        sa.select(Ticket, MailLink)
        .join(MailLink, MailLink.ticket_id == Ticket.id)
        .where(MailLink.item_id == item.id, MailLink.role == LinkRole.ORIGIN)
        .with_for_update(of=Ticket)
    ).one()
    key = vault.data_key(session, ticket.data_key_id)
    sender = Person(name=parsed.from_name, email=parsed.reply_to or parsed.from_address)
    masker = messages.open_masker(session, ticket, further=(sender,))
    title, matter = masker.mask_all(parsed.subject, _own_words(parsed))
    added = messages.add_message(
        session, ticket, key, masker, message_of(parsed, files), occurred_at=item.received_at
    )
    held.message_id = added.id
    known = len(identity.open_complainants(session, ticket))
    identity.add_complainant(session, ticket, key, sender, position=known + 1)
    ticket.title = shorten(clean_line(title.text), intake.TITLE_LENGTH) or ticket.title
    ticket.matter = matter.text or ticket.matter
    ticket.needs_reading = parsed.needs_reading
    item.state = ItemState.LINKED
    session.flush()
    history.add_event(
        session,
        ticket,
        Action.CORRECT,
        actor=SYSTEM,
        from_status=ticket.status,
        reason="邮件重新识别成功，已补上来信内容",
    )
    put_into_index(session, ticket)


def add_reply(
    session: Session,
    item: MailItem,
    parsed: ParsedMail,
    files: Sequence[NewAttachment],
    ticket: Ticket,
    *,
    order: Order | None = None,
    to_answer: bool = False,
) -> None:
    """Adds a mail to the course of a ticket it answers to; `order` if it is the school that answers its order.

    `to_answer`: it replies to the answer that was given last, so its one word may be the mark for it.
    """
    if order is None:
        parsed = replace(parsed, notes=(*_heard(session, ticket, parsed, to_answer=to_answer), *parsed.notes))
    key = vault.data_key(session, ticket.data_key_id)
    # A school's name is no secret, and hiding it would blot it out of its own report.
    further = () if order else (Person(name=parsed.from_name, email=parsed.from_address),)
    added = messages.add_message(
        session,
        ticket,
        key,
        messages.open_masker(session, ticket, further=further),
        message_of(parsed, files),
        occurred_at=item.received_at,
        direction=Direction.SCHOOL_IN if order else Direction.INBOUND,
        author=order.school_name if order else "",
    )
    write_gathered(session)  # what follows refers to the message and reads it
    if order is not None:
        answering.join(session, order.id, added.id)
    link(session, item, ticket, LinkRole.REPLY, message_id=added.id)
    session.flush()
    put_into_index(session, ticket)
    item.state = ItemState.LINKED


def _heard(session: Session, ticket: Ticket, parsed: ParsedMail, *, to_answer: bool) -> tuple[str, ...]:
    """Enters the mark a reply gives, or asks the head whether a case that is over begins anew; what was made of it."""
    rated = ""
    if to_answer and not parsed.attachments:
        rated = hearing.rate(session, ticket, hints.own_words(parsed))
    if rated:
        return (rated,)
    news = hints.of_reply(ticket, parsed)
    if news:
        handling.wrote_again(session, ticket.number)
    return news


def add_copy(session: Session, item: MailItem, tickets: Sequence[Ticket]) -> None:
    """Links a mail that came a second time; the other section, if it came to its mailbox, is informed."""
    section = box(session, item.mailbox_id).section
    for ticket in tickets:
        intake.inform(session, ticket, section, reason=SENT_TO_US_TOO)
        link(session, item, ticket, LinkRole.COPY)
    item.state = ItemState.LINKED


def inform_sections(session: Session, item_id: int, mailbox_ids: Iterable[int]) -> None:
    """Informs the sections of further mailboxes that received the same bytes; nothing while the mail has no ticket."""
    tickets = session.scalars(
        sa.select(Ticket).join(MailLink, MailLink.ticket_id == Ticket.id).where(MailLink.item_id == item_id)
    ).all()
    if not tickets:
        return
    slugs = session.scalars(
        sa.select(Section.slug)
        .join(MailboxState, MailboxState.section_id == Section.id)
        .where(MailboxState.id.in_(list(mailbox_ids)))
    ).all()
    for ticket in tickets:
        for slug in slugs:
            intake.inform(session, ticket, slug, reason=SENT_TO_US_TOO)


def link(
    session: Session, item: MailItem, ticket: Ticket, role: LinkRole, *, message_id: str | None = None
) -> None:
    insert_later(
        session,
        MailLink,
        item_id=item.id,
        ticket_id=ticket.id,
        role=role,
        message_id=message_id,
        linked_at=now(),
    )


def message_of(parsed: ParsedMail, files: Sequence[NewAttachment]) -> NewMessage:
    """The mail as a message of a ticket; files that lie in a cloud are in its notes, their names in its own text only."""
    cloud = [
        f"超大附件{place}（{file.size_text or '大小不明'}{_until(file.expires_at)}）存放在发件人的网盘，请尽快用原始邮件里的链接下载。"
        for place, file in enumerate(parsed.cloud_attachments, start=1)
    ]
    return NewMessage(
        subject=parsed.subject,
        text=parsed.text,
        sender=f"{parsed.from_name} <{parsed.from_address}>",
        html=parsed.html_sanitised,
        quote_start=parsed.quote_start,
        notes=json.dumps([*parsed.notes, *cloud], ensure_ascii=False),
        attachments=tuple(files),
    )


def _until(expires_at: datetime | None) -> str:
    return f"，{office_day(expires_at).isoformat()} 到期" if expires_at else ""


def _own_words(parsed: ParsedMail) -> str:
    """What the sender wrote, without the mail quoted beneath; all of it if nothing else is there."""
    own = parsed.text[: parsed.quote_start] if parsed.quote_start is not None else parsed.text
    return own.strip() or parsed.text.strip()
