"""The first connection of a mailbox whose code was pasted on the page: from when does its mail count?

A mailbox that has been the section's for years holds thousands of letters. Nothing of it is taken in until a person has
seen how many would become tickets and has answered. A code given by the environment asks nothing: all mail counts.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy.orm import Session

from accounts.actor import Actor
from core import audit, state
from core.clock import OFFICE_ZONE, now, office_day
from core.db import db, end_read, transaction
from core.errors import DomainError
from mail_ingest import mailboxes
from mail_ingest.mailbox import FetchedHeaders, Mailbox, MailboxUnavailable, OpenMailbox
from mail_ingest.models import MailboxState

WAITS_FOR_ANSWER = "已经连上，但还没有回答“从哪一天起的来信登记成件”。请到〔邮件〕页回答，回答以后开始收信。"
_LATELY = timedelta(days=30)


@dataclass(frozen=True, kw_only=True)
class Question:
    """What lies in the inbox: all of it, of the last thirty days, of today."""

    total: int
    lately: int
    today: int


def question(session: Session, row: MailboxState) -> Question | None:
    """The question that waits for an answer, or None."""
    kept = state.get_fact(session, _fact(row))
    if not kept:
        return None
    return Question(**json.loads(kept))


def ask(address: str, open_mailbox: OpenMailbox, *, today: date) -> Question | None:
    """Counts what lies in the inbox and asks; None if the mailbox was read before or has its start already.

    MailboxUnavailable if it cannot be read.
    """
    session = db.session()
    row, _ = mailboxes.find(session, address)
    if row.last_ok_at is not None or row.intake_from is not None:
        end_read()
        return None
    row_id, connection = (
        row.id,
        mailboxes.connection_settings(session, row, mailboxes.find(session, address)[1]),
    )
    end_read()
    with open_mailbox(connection) as mailbox:
        mailbox.open_folder("INBOX")
        uids = mailbox.uids()
        counted = Question(
            total=len(uids),
            lately=count_since(mailbox, uids, _midnight(today - _LATELY)),
            today=count_since(mailbox, uids, _midnight(today)),
        )
    with transaction() as writing:
        words = {"total": counted.total, "lately": counted.lately, "today": counted.today}
        kept = writing.get_one(MailboxState, row_id)
        state.set_fact(writing, _fact(kept), json.dumps(words))
        kept.last_code, kept.last_message = "not_set_up", WAITS_FOR_ANSWER
    return counted


def count_since(mailbox: Mailbox, uids: Sequence[int], moment: datetime) -> int:
    """About how many mails arrived since a moment: numbers are given in the order of arrival, so a few looks suffice."""
    low, high = 0, len(uids)
    while low < high:
        middle = (low + high) // 2
        arrived = _arrived(mailbox, uids[middle])
        if arrived is None or arrived < moment:
            low = middle + 1
        else:
            high = middle
    return len(uids) - low


def answer(session: Session, row: MailboxState, start: date | None, *, actor: Actor) -> None:
    """Takes the answer: the day from which mail becomes tickets, None for all there is."""
    if start is not None and start > office_day(now()):
        raise DomainError("起始日期不能晚于今天，否则从今天到那天的来信不会登记。")
    row.intake_from = _midnight(start) if start else None
    row.next_try_at = None
    state.set_fact(session, _fact(row), "")
    audit.record(
        session,
        "mailbox.start_chosen",
        actor=actor.username,
        object_ref=f"mailbox/{row.address}",
        start=start.isoformat() if start else "all",
    )


def refuse_while_asked(session: Session, row: MailboxState) -> None:
    """Raises MailboxUnavailable while the question waits: an old mailbox must not become thousands of tickets."""
    if question(session, row) is not None:
        raise MailboxUnavailable("not_set_up", WAITS_FOR_ANSWER)


def _arrived(mailbox: Mailbox, uid: int) -> datetime | None:
    for fetched in mailbox.fetch_headers([uid]):
        return fetched.internaldate if isinstance(fetched, FetchedHeaders) else None
    return None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, OFFICE_ZONE)


def _fact(row: MailboxState) -> str:
    return f"mail.start_question/{row.id}"
