"""Second step of intake: each stored mail is read by the child and dealt with in one transaction.

Whatever interrupts it, the item stays `new` and is taken up again; three failures make a ticket that a person reads.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from config.settings import Settings
from core import failpoints
from core.blobs import BlobMissing, blob_store
from core.clock import now
from core.db import db, end_read, transaction
from core.text import clean_line
from mail_ingest import looking, opening, queries
from mail_ingest.deciding import Fate, MailFacts, decide, may_acknowledge
from mail_ingest.models import MailboxState, MailItem, MailLedger, MailLink
from mail_ingest.reader_process import Reader, ReaderFailed
from mail_ingest.reading.parsed import ParsedMail
from mail_ingest.reading.read import fingerprint
from mail_ingest.vocabulary import ItemReason, ItemState, LedgerState, LinkRole, MailKind
from tickets import identity, letters, registers
from tickets.identity import Person
from tickets.masking.phones import mask_email
from tickets.messages import NewAttachment
from tickets.models import Ticket

log = logging.getLogger(__name__)
TRIES = 3
AFTER_READING = failpoints.declare("mail.read", "邮件已解析、附件已落盘，事务还没有开始")
BEFORE_COMMIT = failpoints.declare("mail.before_commit", "诉求件已写入，事务还没有提交")
AFTER_COMMIT = failpoints.declare("mail.after_commit", "诉求件已提交，下一封还没有开始")


@dataclass
class Counts:
    """What became of the mails of one run, as `mail poll` and `mail import` report it."""

    fetched: int = 0
    tickets: int = 0
    linked: int = 0
    machine: int = 0
    quarantined: int = 0
    duplicates: int = 0
    errors: int = 0
    numbers: list[str] = field(default_factory=list)

    def add(self, other: Counts) -> None:
        for name in ("fetched", "tickets", "linked", "machine", "quarantined", "duplicates", "errors"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.numbers += other.numbers

    def as_json(self) -> dict[str, int]:
        return {
            "fetched": self.fetched,
            "tickets": self.tickets,
            "linked": self.linked,
            "machine": self.machine,
            "quarantined": self.quarantined,
            "duplicates": self.duplicates,
            "errors": self.errors,
        }


def unfinished(session: Session, *, limit: int = 1000, after: int = 0) -> list[int]:
    """The items nobody has dealt with yet, oldest first: those a crash left behind among them."""
    return list(
        session.scalars(
            sa.select(MailItem.id)
            .where(MailItem.state == ItemState.NEW, MailItem.kind.is_(None), MailItem.id > after)
            .order_by(MailItem.id)
            .limit(limit)
        )
    )


def work_off(reader: Reader, *, mailbox_id: int | None = None) -> Counts:
    """Deals with everything unfinished, of one mailbox or of all."""
    counts, after = Counts(), 0
    while batch := unfinished(db.session(), after=after):
        end_read()
        for item_id in batch:
            if mailbox_id is None or _belongs_to(item_id, mailbox_id):
                counts.add(process(item_id, reader))
        after = batch[-1]
    end_read()
    return counts


def _belongs_to(item_id: int, mailbox_id: int) -> bool:
    found = db.session.execute(sa.select(MailItem.mailbox_id).where(MailItem.id == item_id)).scalar_one()
    end_read()
    return found == mailbox_id


def process(item_id: int, reader: Reader) -> Counts:
    """Reads one stored mail and deals with it. Never raises for the mail's sake."""
    blob = db.session.execute(sa.select(MailItem.blob).where(MailItem.id == item_id)).scalar_one()
    end_read()
    try:
        parsed = reader.read(blob_store().get(blob))
        files = opening.store_attachments(parsed)
        failpoints.hit(AFTER_READING)
        try:
            counts = _deal_with(item_id, parsed, files)
        except IntegrityError:
            # The same mail is dealt with by another process in this instant: now it is a copy.
            counts = _deal_with(item_id, parsed, files)
        failpoints.hit(AFTER_COMMIT)
    except ReaderFailed as error:
        return _note_failure(item_id, f"解析失败：{error}")
    except BlobMissing:
        return _note_failure(item_id, "原始邮件文件缺失或损坏")
    except Exception as error:
        log.exception("mail item %s could not be dealt with", item_id)
        return _note_failure(item_id, f"处理出错（{type(error).__name__}）")
    return counts


def _deal_with(item_id: int, parsed: ParsedMail, files: Sequence[NewAttachment]) -> Counts:
    with transaction() as session:
        item = session.scalars(sa.select(MailItem).where(MailItem.id == item_id).with_for_update()).one()
        if item.state is not ItemState.NEW or item.kind is not None:
            return Counts()
        _describe(session, item, parsed)
        same = _same_mails(session, item)
        originals = _tickets_of(session, [other.id for other in same])
        answered = _answered_ticket(session, parsed)
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
            )
        )
        counts = _carry_out(session, fate, item, parsed, files, originals=originals, answered=answered)
        _finish(session, item)
        failpoints.hit(BEFORE_COMMIT)
        return counts


def _carry_out(  # noqa: PLR0911 - one line for each fate
    session: Session,
    fate: Fate,
    item: MailItem,
    parsed: ParsedMail,
    files: Sequence[NewAttachment],
    *,
    originals: Sequence[Ticket],
    answered: Ticket | None,
) -> Counts:
    match fate:
        case Fate.TICKET:
            registered = opening.open_ticket(session, item, parsed, files)
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
                    sender=_mailbox_of(session, item).address,
                    written_at=item.received_at,
                    reply_to_id=parsed.message_id,
                )
            return Counts(tickets=1, numbers=[registered.ticket.number])
        case Fate.COPY:
            opening.add_copy(session, item, originals)
            return Counts(linked=1, duplicates=1)
        case Fate.REPLY:
            assert answered is not None  # noqa: S101 - the rule asks for it
            opening.add_reply(session, item, parsed, files, answered)
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
            return Counts(machine=1)


def _finish(session: Session, item: MailItem) -> None:
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
    session.flush()


def _same_mails(session: Session, item: MailItem) -> list[MailItem]:
    return list(
        session.scalars(
            sa.select(MailItem)
            .where(MailItem.fingerprint == item.fingerprint, MailItem.id != item.id)
            .order_by(MailItem.id)
        )
    )


def _tickets_of(session: Session, item_ids: Sequence[int]) -> list[Ticket]:
    if not item_ids:
        return []
    return list(
        session.scalars(
            sa.select(Ticket)
            .join(MailLink, MailLink.ticket_id == Ticket.id)
            .where(MailLink.item_id.in_(item_ids), MailLink.role == LinkRole.ORIGIN)
            .order_by(Ticket.id)
        )
    )


def _answered_ticket(session: Session, parsed: ParsedMail) -> Ticket | None:
    """The ticket a mail goes on with: known only by the Message-ID of a letter we sent, which no stranger can guess."""
    ids = [each for each in (parsed.in_reply_to, *reversed(parsed.references)) if each]
    number = queries.ticket_of_letter(session, ids)
    if number is None:
        return None
    return session.scalars(sa.select(Ticket).where(Ticket.number == number)).one_or_none()


def _mailbox_of(session: Session, item: MailItem) -> MailboxState:
    return session.get_one(MailboxState, item.mailbox_id)


def _taken_in_from(session: Session, item: MailItem) -> datetime | None:
    """From when the mailbox's mail counts; what a person imported (it has no place on a server) always does."""
    start = _mailbox_of(session, item).intake_from
    if start is None or item.received_at >= start:
        return None
    on_server = session.execute(
        sa.select(MailLedger.id).where(MailLedger.item_id == item.id).limit(1)
    ).first()
    return start if on_server else None


def _note_failure(item_id: int, error: str) -> Counts:
    """Counts a failed try; at the third the mail becomes a ticket that a person reads, its deadlines running."""
    with transaction() as session:
        item = session.scalars(sa.select(MailItem).where(MailItem.id == item_id).with_for_update()).one()
        if item.state is not ItemState.NEW or item.kind is not None:
            return Counts()
        item.attempts += 1
        item.last_error = error
        if item.attempts < TRIES:
            return Counts(errors=1)
        item.kind = MailKind.ORDINARY
        sentence = f"系统没能读懂这封邮件（{error}），请打开原始邮件人工登记。"
        registered = opening.open_ticket(
            session, item, ParsedMail(subject="（无法自动识别的邮件）"), (), unreadable=sentence
        )
        _finish(session, item)
        return Counts(quarantined=1, errors=1, numbers=[registered.ticket.number])
