"""The daily check that a mailbox still receives: a mail to itself on every working day, which the poll has to find.

A poll that finds nothing cannot tell silence from a filter rule, a full mailbox or a frozen account; a mail of our own can.
"""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import Session

from config.settings import Settings
from core import state
from core.clock import OFFICE_ZONE, now, office_day
from core.db import transaction
from mail_ingest import mailboxes
from mail_ingest.models import MailboxState
from mail_ingest.reading.parsed import ParsedMail
from outbox.models import OutboxMessage
from outbox.verbs import enqueue
from outbox.vocabulary import OutboxKind, OutboxState
from tickets import registers

SENT_AT = (8, 0)
BACK_WITHIN = timedelta(hours=1)


def send_all() -> int:
    """The morning's mails into the outbox, on a working day; how many. Only of mailboxes that send and were read before."""
    with transaction() as session:
        settings: Settings = current_app.extensions["settings"]
        today = office_day(now())
        if not settings.office.mail.heartbeat or not registers.working_calendar(session).is_working_day(
            today
        ):
            return 0
        sent = 0
        for row, mailbox in mailboxes.all_mailboxes(session):
            if mailbox.smtp is None or row.last_ok_at is None:
                continue
            put = enqueue(
                session,
                OutboxKind.HEARTBEAT,
                dedupe=f"heartbeat/{row.address}/{today.isoformat()}",
                object_ref=f"mailbox/{row.address}",
                sender=row.address,
                recipient=row.address,
                subject=f"系统自检 {today.isoformat()}",
                body="这是系统发给本邮箱自己的自检邮件，用来确认邮箱能收到信。请不要删除或移动，不需要处理。\n",
            )
            sent += put is not None
        return sent


def came_back(session: Session, parsed: ParsedMail) -> bool:
    """Whether a mail is one of ours to ourselves; if so, it is noted that it has arrived."""
    if not parsed.message_id or parsed.from_address.casefold() not in _own_addresses():
        return False
    row = session.execute(
        sa.select(OutboxMessage.id, OutboxMessage.sender).where(
            OutboxMessage.message_id == parsed.message_id, OutboxMessage.kind == OutboxKind.HEARTBEAT
        )
    ).one_or_none()
    if row is None:
        return False
    if row.id > _last_back(session, row.sender):
        state.set_fact(session, _fact(row.sender), str(row.id))
    return True


def missing(session: Session, row: MailboxState) -> str:
    """What to say if the newest mail to itself has not come back within an hour, though the mailbox was read after it."""
    if row.last_ok_at is None:
        return ""
    newest = session.execute(
        sa.select(OutboxMessage.id, OutboxMessage.sent_at)
        .where(
            OutboxMessage.kind == OutboxKind.HEARTBEAT,
            OutboxMessage.sender == row.address,
            OutboxMessage.state == OutboxState.SENT,
            OutboxMessage.sent_at <= row.last_ok_at - BACK_WITHIN,
        )
        .order_by(OutboxMessage.id.desc())
        .limit(1)
    ).one_or_none()
    if newest is None or newest.id <= _last_back(session, row.address):
        return ""
    local = newest.sent_at.astimezone(OFFICE_ZONE)
    return (
        f"{row.address} 于 {local.month}月{local.day}日 {local:%H:%M} 发给自己的自检邮件没有收到，来信可能也收不到。"
        "请登录网页邮箱，看收信规则、自动转发、容量和账号状态。"
    )


def _last_back(session: Session, address: str) -> int:
    return int(state.get_fact(session, _fact(address)) or 0)


def _own_addresses() -> set[str]:
    return {each.address.casefold() for each in mailboxes.office_mailboxes()}


def _fact(address: str) -> str:
    return f"mail.heartbeat_back/{address}"
