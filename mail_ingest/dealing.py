"""What is done with mails that were read: a ticket, one more message of a ticket, a tray. In the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import Session

from config.settings import Settings
from core import failpoints
from core.clock import now
from core.db import gathering, write_gathered
from core.text import clean_line, clean_text, shorten
from mail_ingest import heartbeat, hints, looking, opening
from mail_ingest.boxes import box
from mail_ingest.counting import Counts
from mail_ingest.deciding import Fate, MailFacts, decide, may_acknowledge
from mail_ingest.foreseen import Foreseen, answers_to, foresee
from mail_ingest.models import MailItem, MailLedger
from mail_ingest.reading.parsed import ParsedMail
from mail_ingest.reading.read import fingerprint
from mail_ingest.vocabulary import ItemReason, ItemState, LedgerState, MailKind
from tickets import identity, letters, registers
from tickets.identity import Person
from tickets.letters import sending
from tickets.letters.hearing import Thread, thread_of
from tickets.letters.threading import signed_number
from tickets.masking.mask import Masker
from tickets.masking.phones import mask_email
from tickets.messages import NewAttachment
from tickets.models import Order, Ticket

_SUBJECT_LENGTH = 300
_SET_ASIDE = {
    Fate.DUPLICATE: ItemReason.DUPLICATE,
    Fate.BEFORE_START: ItemReason.BEFORE_START,
    Fate.OWN_CHECK: ItemReason.MACHINE,
}
REGISTERED = failpoints.declare("mail.registered", "诉求件已写入，回执还没有写入")
ACKNOWLEDGED = failpoints.declare("mail.acknowledged", "回执已写入，登记行还没有改")
COPIED = failpoints.declare("mail.copied", "重复来信已挂到原件，事务还没有提交")
JOINED = failpoints.declare("mail.joined", "补充来信已并入诉求件，事务还没有提交")
BEFORE_COMMIT = failpoints.declare("mail.before_commit", "诉求件已写入，事务还没有提交")
IN_TRAY = failpoints.declare("mail.in_tray", "邮件已放入待甄别，事务还没有提交")


@dataclass(frozen=True, repr=False)
class Described:
    """A mail with its row's words for lists and what masks the rest of its words."""

    item: MailItem
    parsed: ParsedMail
    files: Sequence[NewAttachment]
    masker: Masker


def deal_with_all(
    session: Session, mails: Sequence[tuple[MailItem, ParsedMail, Sequence[NewAttachment]]]
) -> Counts:
    """Decides what becomes of each mail and does it; one that was dealt with meanwhile is left alone.

    The rows of the mails are locked already. What is decided of one is known when the next is looked at.
    """
    described = [_describe(session, *each) for each in mails if not each[0].dealt_with]
    known = foresee(session, [(each.item, each.parsed) for each in described])
    counts = Counts()
    with gathering(session):
        for each in described:
            counts.add(_deal_with(session, each, known))
            failpoints.hit(BEFORE_COMMIT)
        finish(session, [each.item for each in described])
    return counts


def _deal_with(session: Session, mail: Described, known: Foreseen) -> Counts:
    item, parsed = mail.item, mail.parsed
    if heartbeat.came_back(session, parsed):
        item.kind, item.kind_rule = MailKind.HEARTBEAT, "heartbeat"
    same, same_id = known.same_mails(item)
    originals = known.tickets_of(same)
    order = known.answered_order(parsed)
    thread = None if order else _thread(session, known, mail)
    number = thread.number if thread else ""
    answered = session.get_one(Ticket, order.ticket_id) if order else known.numbered.get(number)
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
        hinted = hints.of_new_ticket(session, parsed, known.tickets_of(same_id))
        mail = replace(mail, parsed=replace(parsed, notes=(*hinted, *parsed.notes)))
    else:
        write_gathered(session)  # the others ask for rows of mails that came just before
    to_answer = thread is not None and thread.to_answer
    counts, tickets = _carry_out(
        session, fate, mail, originals=originals, answered=answered, order=order, to_answer=to_answer
    )
    known.note(item, tickets)
    return counts


def open_unreadable(session: Session, item: MailItem, why: str) -> Counts:
    """Makes a ticket of a mail that defeats the reader: a person reads it, its deadlines running."""
    item.kind = MailKind.ORDINARY
    sentence = f"系统没能读懂这封邮件（{why}），请打开原始邮件人工登记。"
    registered = opening.open_ticket(
        session, item, ParsedMail(subject="（无法自动识别的邮件）"), (), unreadable=sentence
    )
    finish(session, [item])
    return Counts(quarantined=1, errors=1, numbers=[registered.ticket.number])


def _carry_out(
    session: Session,
    fate: Fate,
    mail: Described,
    *,
    originals: Sequence[Ticket],
    answered: Ticket | None,
    order: Order | None,
    to_answer: bool,
) -> tuple[Counts, Sequence[Ticket]]:
    """Does it; what is to be counted, and the tickets the mail has made or joined."""
    item = mail.item
    match fate:
        case Fate.TICKET:
            ticket = _open_ticket(session, mail)
            return Counts(tickets=1, numbers=[ticket.number]), [ticket]
        case Fate.COPY:
            opening.add_copy(session, item, originals)
            failpoints.hit(COPIED)
            return Counts(linked=1, duplicates=1), ()
        case Fate.REPLY:
            assert answered is not None  # noqa: S101 - the rule asks for it
            opening.add_reply(
                session, item, mail.parsed, mail.files, answered, order=order, to_answer=to_answer
            )
            failpoints.hit(JOINED)
            return Counts(linked=1), [answered]
        case Fate.TRAY:
            _put_in_tray(session, mail)
            return Counts(machine=1), ()
    item.state, item.reason = ItemState.SET_ASIDE, _SET_ASIDE[fate]
    return Counts(duplicates=fate is Fate.DUPLICATE, machine=fate is Fate.OWN_CHECK), ()


def _open_ticket(session: Session, mail: Described) -> Ticket:
    item, parsed = mail.item, mail.parsed
    registered = opening.open_ticket(session, item, parsed, mail.files, masker=mail.masker)
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
    return registered.ticket


def _put_in_tray(session: Session, mail: Described) -> None:
    looking.start(session, mail.item, mail.item.recorded_at)
    failpoints.hit(IN_TRAY)
    if mail.item.kind is MailKind.BOUNCE and mail.parsed.failed_recipients:
        # A person still looks at it; but an answer that came back must not count as given meanwhile.
        sending.came_back(session, mail.parsed.about_message_ids, "答复邮件被退回")


def finish(session: Session, items: Sequence[MailItem]) -> None:
    """The ledger says done; sections whose mailboxes got the very same bytes meanwhile are informed."""
    rows = session.execute(
        sa.update(MailLedger)
        .where(MailLedger.item_id.in_([each.id for each in items]))
        .values(state=LedgerState.DONE)
        .returning(MailLedger.item_id, MailLedger.mailbox_id)
        .execution_options(synchronize_session=False)
    ).all()
    for item in items:
        if elsewhere := {row.mailbox_id for row in rows if row.item_id == item.id} - {item.mailbox_id}:
            write_gathered(session)
            opening.inform_sections(session, item.id, elsewhere)


def _describe(
    session: Session, item: MailItem, parsed: ParsedMail, files: Sequence[NewAttachment]
) -> Described:
    """Notes on the item what lists show of a mail, masked, and what equal mails are found by, keyed."""
    settings: Settings = current_app.extensions["settings"]
    known = {each.casefold() for each in settings.office.mail.work_senders}
    known |= box(session, item.mailbox_id).work_senders
    sender = parsed.from_address.casefold()
    from_work = sender in known or f"@{sender.rpartition('@')[2]}" in known
    item.kind = MailKind.WORK if from_work and parsed.kind is MailKind.ORDINARY else parsed.kind
    item.kind_rule = "work_sender" if item.kind is MailKind.WORK else parsed.kind_rule
    item.fingerprint = identity.fingerprint_of(fingerprint(parsed))
    item.message_id_index = identity.fingerprint_of(parsed.message_id) if parsed.message_id else None
    item.from_index = identity.email_index(parsed.from_address)
    item.sender_masked = mask_email(parsed.from_address)
    people = [Person(name=parsed.from_name, email=parsed.from_address)]
    if parsed.reply_to and parsed.reply_to != parsed.from_address:
        people.append(Person(email=parsed.reply_to))
    masker = identity.masker_for(people, registers.public_words(session))
    masker.learn(clean_text(parsed.text))
    item.subject = shorten(masker.mask(clean_line(parsed.subject)).text, _SUBJECT_LENGTH)
    return Described(item, parsed, files, masker)


def _thread(session: Session, known: Foreseen, mail: Described) -> Thread | None:
    """What a mail goes on with; nothing is asked for one that names no letter of ours and carries no token."""
    ours = [each for each in answers_to(mail.parsed) if each in known.letters]
    if not ours and signed_number(mail.parsed.subject) is None:
        return None
    return thread_of(session, ours, mail.parsed.subject, mail.item.received_at)


def _taken_in_from(session: Session, item: MailItem) -> datetime | None:
    """From when the mailbox's mail counts; what a person imported (it has no place on a server) always does."""
    start = box(session, item.mailbox_id).intake_from
    if start is None or item.received_at >= start:
        return None
    on_server = session.execute(
        sa.select(MailLedger.id).where(MailLedger.item_id == item.id).limit(1)
    ).first()
    return start if on_server else None
