"""A mailbox that stays dead is told to the duty contact at once, through another sender than itself."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import Session

from config.settings import Settings
from core.db import transaction
from mail_ingest import health, mailboxes
from mail_ingest.models import MailboxState
from outbox.models import OutboxMessage
from outbox.verbs import enqueue
from outbox.vocabulary import OutboxKind
from tickets.reminders.alarms import duty

_ENDING = "期间请照常接听登记电话。\n（本邮件由系统自动发出，请勿回复）\n"


def tell_duty() -> int:
    """Writes to the duty contact about every mailbox that has turned red, once for each time it was dead; how many."""
    if not duty().mail:
        return 0
    with transaction() as session:
        told = 0
        for row, _ in mailboxes.all_mailboxes(session):
            found, sender = health.health_of(row), _sender_beside(row.address)
            if found.level != "error" or row.down_since is None or sender is None:
                continue
            words = f"邮箱 {row.address} {found.words}：{found.sentence}"
            letter = enqueue(
                session,
                OutboxKind.STAFF,
                dedupe=_dedupe(row.address, row.down_since),
                object_ref=f"mailbox/{row.address}",
                sender=sender,
                recipient=duty().mail,
                subject="【紧急】邮箱收不到信，请处理",
                body=f"{words}\n\n{_ENDING}",
                urgent=True,
            )
            told += letter is not None
        return told


def told_at(session: Session, row: MailboxState) -> datetime | None:
    """When the duty contact was written to about the mailbox being dead now; None if nobody was."""
    if row.down_since is None:
        return None
    return session.execute(
        sa.select(OutboxMessage.created_at).where(
            OutboxMessage.dedupe == _dedupe(row.address, row.down_since)
        )
    ).scalar_one_or_none()


def _sender_beside(address: str) -> str | None:
    """The sender for staff, else another mailbox: one that is refused at its login cannot send either."""
    settings: Settings = current_app.extensions["settings"]
    office = settings.office
    if office.smtp is not None:
        return office.smtp.address
    able = [each.address for each in office.open_mailboxes if each.smtp is not None]
    return next((each for each in able if each != address), next(iter(able), None))


def _dedupe(address: str, since: datetime) -> str:
    return f"alarm/mailbox/{address}/{since.isoformat()}"
