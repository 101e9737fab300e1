"""What mail intake tells those at work in the digest: mails that want to be read by a person, mailboxes that receive nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from accounts.actor import Actor
from accounts.vocabulary import Role
from mail_ingest.models import MailboxState, MailItem
from mail_ingest.vocabulary import ItemState
from tickets.reminders.news import News, heads_of

UNREADABLE, WAITING, RED = "待人工识别的邮件", "待甄别的邮件", "收不到信的邮箱"


def of_mails(session: Session, people: Sequence[Actor], since: datetime, until: datetime) -> Iterable[News]:
    """For the handlers and heads of the section whose mailbox it came to."""
    waits = sa.and_(MailItem.state == ItemState.NEW, MailItem.kind.is_not(None))
    rows = session.execute(
        sa.select(MailboxState.section_id, MailItem.state, sa.func.count())
        .join(MailboxState, MailboxState.id == MailItem.mailbox_id)
        .where(
            MailItem.recorded_at > since,
            MailItem.recorded_at <= until,
            sa.or_(waits, MailItem.state == ItemState.QUARANTINED),
        )
        .group_by(MailboxState.section_id, MailItem.state)
    ).all()
    for section_id, state, count in rows:
        words = UNREADABLE if state is ItemState.QUARANTINED else WAITING
        for person in people:
            if (
                person.id is not None
                and section_id in person.section_ids
                and person.has(Role.HANDLER, Role.HEAD)
            ):
                yield person.id, words, count
    red = session.scalars(
        sa.select(MailboxState.section_id).where(
            MailboxState.down_since > since, MailboxState.down_since <= until
        )
    )
    for section_id in red:
        for head in heads_of(people, section_id):
            yield head, RED, 1
