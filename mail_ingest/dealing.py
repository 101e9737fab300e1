"""What is done with one mail that was read: a ticket, one more message of a ticket, a tray. In the caller's transaction."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import Session

from config.settings import Settings
from core import failpoints
from core.clock import now
from core.text import clean_line
from mail_ingest import heartbeat, hints, looking, opening
from mail_ingest.boxes import box
from mail_ingest.counting import Counts
from mail_ingest.deciding import Fate, MailFacts, decide, may_acknowledge
from mail_ingest.models import MailItem, MailLedger, MailLink
from mail_ingest.reading.parsed import ParsedMail
from mail_ingest.reading.read import fingerprint
from mail_ingest.vocabulary import ItemReason, ItemState, LedgerState, LinkRole, MailKind
from tickets import identity, letters, registers
from tickets.identity import Person
from tickets.letters import sending
from tickets.letters.hearing import Thread, thread_of
from tickets.masking.phones import mask_email
from tickets.messages import NewAttachment
from tickets.models import Order, Ticket
from tickets.orders import answering

_ORDER_TOKEN = re.compile(r"(?<![0-9a-f])[0-9a-f]{16}(?![0-9a-f])")
REGISTERED = failpoints.declare("mail.registered", "诉求件已写入，回执还没有写入")
ACKNOWLEDGED = failpoints.declare("mail.acknowledged", "回执已写入，登记行还没有改")
COPIED = failpoints.declare("mail.copied", "重复来信已挂到原件，事务还没有提交")
JOINED = failpoints.declare("mail.joined", "补充来信已并入诉求件，事务还没有提交")
IN_TRAY = failpoints.declare("mail.in_tray", "邮件已放入待甄别，事务还没有提交")


def deal_with(session: Session, item: MailItem, parsed: ParsedMail, files: Sequence[NewAttachment]) -> Counts:
    """Decides what becomes of a mail and does it; a mail that was dealt with meanwhile is left alone."""
    if item.state is not ItemState.NEW or item.kind is not None:
        return Counts()
    _describe(session, item, parsed)
    if heartbeat.came_back(session, parsed):
        item.kind, item.kind_rule = MailKind.HEARTBEAT, "heartbeat"
    same, same_id = _same_mails(session, item)
    originals = _tickets_of(session, [other.id for other in same])
    order = _answered_order(session, parsed)
    thread = None if order else _thread(session, item, parsed)
    answered = session.get(Ticket, order.ticket_id) if order else _ticket_of(session, thread)
    fate = decide(
        MailFacts(
            kind=item.kind or MailKind.ORDINARY,
            from_junk=item.from_junk,
            headers_only=item.headers_only,
            received_at=item.received_at,
            intake_from=_taken_in_from(session, item),
            same_made_a_ticket=bool(originals),
            same_waits=bool(same),
            belongs_to_ticket=answered is not None,
            answers_order=order is not None,
        )
    )
    if fate is Fate.TICKET:
        parsed = replace(parsed, notes=(*hints.of_new_ticket(session, parsed, same_id), *parsed.notes))
    counts = _carry_out(
        session,
        fate,
        item,
        parsed,
        files,
        originals=originals,
        answered=answered,
        order=order,
        to_answer=thread is not None and thread.to_answer,
    )
    finish(session, item)
    session.flush()  # the next mail of the group may be this one's twin
    return counts


def open_unreadable(session: Session, item: MailItem, why: str) -> Counts:
    """Makes a ticket of a mail that defeats the reader: a person reads it, its deadlines running."""
    item.kind = MailKind.ORDINARY
    sentence = f"系统没能读懂这封邮件（{why}），请打开原始邮件人工登记。"
    registered = opening.open_ticket(
        session, item, ParsedMail(subject="（无法自动识别的邮件）"), (), unreadable=sentence
    )
    finish(session, item)
    return Counts(quarantined=1, errors=1, numbers=[registered.ticket.number])


def _carry_out(  # noqa: PLR0911 - one line for each fate
    session: Session,
    fate: Fate,
    item: MailItem,
    parsed: ParsedMail,
    files: Sequence[NewAttachment],
    *,
    originals: Sequence[Ticket],
    answered: Ticket | None,
    order: Order | None,
    to_answer: bool,
) -> Counts:
    match fate:
        case Fate.TICKET:
            registered = opening.open_ticket(session, item, parsed, files)
            failpoints.hit(REGISTERED)
            if may_acknowledge(
                received_at=item.received_at,
                now=now(),
                wants_no_reply=parsed.wants_no_reply,
                from_junk=item.from_junk,
            ):
                letters.acknowledge(
                    session,
                    registered,
                    recipient=parsed.reply_to or parsed.from_address,
                    sender=box(session, item.mailbox_id).address,
                    written_at=item.received_at,
                    reply_to_id=parsed.message_id,
                )
            failpoints.hit(ACKNOWLEDGED)
            return Counts(tickets=1, numbers=[registered.ticket.number])
        case Fate.COPY:
            opening.add_copy(session, item, originals)
            failpoints.hit(COPIED)
            return Counts(linked=1, duplicates=1)
        case Fate.REPLY:
            assert answered is not None  # noqa: S101 - the rule asks for it
            opening.add_reply(session, item, parsed, files, answered, order=order, to_answer=to_answer)
            failpoints.hit(JOINED)
            return Counts(linked=1)
        case Fate.DUPLICATE:
            item.state, item.reason = ItemState.SET_ASIDE, ItemReason.DUPLICATE
            return Counts(duplicates=1)
        case Fate.BEFORE_START:
            item.state, item.reason = ItemState.SET_ASIDE, ItemReason.BEFORE_START
            return Counts()
        case Fate.OWN_CHECK:
            item.state, item.reason = ItemState.SET_ASIDE, ItemReason.MACHINE
            return Counts(machine=1)
        case Fate.TRAY:
            looking.start(session, item, item.recorded_at)
            failpoints.hit(IN_TRAY)
            if item.kind is MailKind.BOUNCE and parsed.failed_recipients:
                # A person still looks at it; but an answer that came back must not count as given meanwhile.
                sending.came_back(session, parsed.about_message_ids, "答复邮件被退回")
            return Counts(machine=1)


def finish(session: Session, item: MailItem) -> None:
    """The ledger says done; sections whose mailboxes got the very same bytes meanwhile are informed."""
    mailboxes = session.scalars(
        sa.update(MailLedger)
        .where(MailLedger.item_id == item.id)
        .values(state=LedgerState.DONE)
        .returning(MailLedger.mailbox_id)
    ).all()
    if elsewhere := set(mailboxes) - {item.mailbox_id}:
        session.flush()
        opening.inform_sections(session, item.id, elsewhere)


def _describe(session: Session, item: MailItem, parsed: ParsedMail) -> None:
    """Notes on the item what lists show of a mail, masked, and what equal mails are found by, keyed."""
    settings: Settings = current_app.extensions["settings"]
    known = {each.casefold() for each in settings.office.mail.work_senders}
    sender = parsed.from_address.casefold()
    from_work = sender in known or f"@{sender.rpartition('@')[2]}" in known
    item.kind = MailKind.WORK if from_work and parsed.kind is MailKind.ORDINARY else parsed.kind
    item.kind_rule = "work_sender" if item.kind is MailKind.WORK else parsed.kind_rule
    item.fingerprint = identity.fingerprint_of(fingerprint(parsed))
    item.message_id_index = identity.fingerprint_of(parsed.message_id) if parsed.message_id else None
    item.from_index = identity.email_index(parsed.from_address)
    item.sender_masked = mask_email(parsed.from_address)
    person = Person(name=parsed.from_name, email=parsed.from_address)
    masker = identity.masker_for((person,), registers.public_words(session))
    item.subject = masker.mask(clean_line(parsed.subject, 300)).text


def _same_mails(session: Session, item: MailItem) -> tuple[list[MailItem], list[MailItem]]:
    """The same mail that came before, and other mails whose senders gave them the same Message-ID."""
    alike = MailItem.fingerprint == item.fingerprint
    if item.message_id_index is not None:
        alike = sa.or_(alike, MailItem.message_id_index == item.message_id_index)
    rows = session.scalars(
        sa.select(MailItem).where(alike, MailItem.id != item.id).order_by(MailItem.id)
    ).all()
    same = [each for each in rows if each.fingerprint == item.fingerprint]
    return same, [each for each in rows if each.fingerprint != item.fingerprint]


def _tickets_of(session: Session, item_ids: Sequence[int]) -> list[Ticket]:
    """The tickets these mails have made or joined: what comes once more adds nothing to them."""
    if not item_ids:
        return []
    return list(
        session.scalars(
            sa.select(Ticket)
            .join(MailLink, MailLink.ticket_id == Ticket.id)
            .where(MailLink.item_id.in_(item_ids), MailLink.role.in_((LinkRole.ORIGIN, LinkRole.REPLY)))
            .distinct()
            .order_by(Ticket.id)
        )
    )


def _thread(session: Session, item: MailItem, parsed: ParsedMail) -> Thread | None:
    ids = [each for each in (parsed.in_reply_to, *reversed(parsed.references)) if each]
    return thread_of(session, ids, parsed.subject, item.received_at)


def _ticket_of(session: Session, thread: Thread | None) -> Ticket | None:
    """The ticket a mail goes on with, if it is known to."""
    if thread is None:
        return None
    return session.scalars(sa.select(Ticket).where(Ticket.number == thread.number)).one_or_none()


def _answered_order(session: Session, parsed: ParsedMail) -> Order | None:
    """The order a school's mail answers: by the Message-ID of our letter, or by the order's token in its subject."""
    ids = [each for each in (parsed.in_reply_to, *reversed(parsed.references)) if each]
    order_id = answering.order_of_letter(session, ids)
    if order_id is None:
        tokens = _ORDER_TOKEN.findall(parsed.subject.lower())[:3]
        order_id = next(filter(None, (answering.order_of_token(session, each) for each in tokens)), None)
    return session.get(Order, order_id) if order_id else None


def _taken_in_from(session: Session, item: MailItem) -> datetime | None:
    """From when the mailbox's mail counts; what a person imported (it has no place on a server) always does."""
    start = box(session, item.mailbox_id).intake_from
    if start is None or item.received_at >= start:
        return None
    on_server = session.execute(
        sa.select(MailLedger.id).where(MailLedger.item_id == item.id).limit(1)
    ).first()
    return start if on_server else None
