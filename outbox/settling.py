"""What becomes of a mail: claimed, sent, tried again, failed, or gone without a receipt. Called inside a transaction.

A mail is claimed after the server has taken sender and recipient and right before the text is handed over. So only a
crash between the claim and the note of the receipt leaves it open whether the mail has left; such a mail is repeated once,
with the same Message-ID, and after that waits for a person.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.clock import now, office_day
from outbox import pace
from outbox.models import OutboxMessage, OutboxSender
from outbox.queries import REPEATS_ALLOWED
from outbox.replies import FINAL, Meaning, Verdict
from outbox.verbs import clear_trouble, followers
from outbox.vocabulary import OutboxState

log = logging.getLogger(__name__)

_MARK = re.compile(r"\b[A-Z]{2}:[A-Z]{3}\b")
_AFTER_MIDNIGHT = timedelta(minutes=5)  # the provider's day may end a little after ours
_REPEAT_AFTER = timedelta(minutes=1)
UNCONFIRMED_ONCE = "邮件已递交，但没有得到邮箱服务器的确认；会用同一编号重发一次，对方最多收到两封。"
UNCONFIRMED_AGAIN = "两次递交都没有得到确认，对方可能已经收到。请先联系对方核实，再决定是否重发。"
GIVEN_UP = "试了约 72 小时仍没有发出：{words}"


@dataclass(frozen=True)
class Reason:
    """Why a mail or a sender waits: the server's code, and a sentence for a person."""

    code: str
    words: str


@dataclass(frozen=True)
class Claim:
    """The right to hand over one mail, once: whoever finds the row otherwise has lost it."""

    message_id: int
    attempts: int


def claim(session: Session, row: OutboxMessage) -> Claim | None:
    """Marks a mail as leaving; None if it has changed since it was read."""
    changed = session.execute(
        sa.update(OutboxMessage)
        .where(
            OutboxMessage.id == row.id,
            OutboxMessage.state == row.state,
            OutboxMessage.attempts == row.attempts,
        )
        .values(state=OutboxState.INFLIGHT, attempts=row.attempts + 1, tried_at=now())
    )
    if changed.rowcount != 1:  # type: ignore[attr-defined]  # an UPDATE's result is a CursorResult
        return None
    _sender(session, row.sender).last_at = now()
    return Claim(row.id, row.attempts + 1)


def sent(session: Session, claimed: Claim, *, tell: bool = True) -> None:
    """The server has taken it: said in the same transaction to whoever waits for it."""
    row = _claimed(session, claimed)
    if row is None:
        return
    moment = now()
    if tell:
        for follow in followers(row.kind):
            follow(session, row, moment)
    row.state, row.sent_at = OutboxState.SENT, moment
    row.last_code, row.last_error = "250", ""
    clear_trouble(_sender(session, row.sender))


def unconfirmed(session: Session, claimed: Claim) -> None:
    """The line broke before the receipt."""
    row = _claimed(session, claimed)
    if row is not None:
        _note_unconfirmed(row, now() + _REPEAT_AFTER)


def recover(session: Session) -> int:
    """What a process that died has left behind; only for whoever holds the lease. How many mails that were."""
    left = session.scalars(
        sa.select(OutboxMessage).where(OutboxMessage.state == OutboxState.INFLIGHT).with_for_update()
    ).all()
    for row in left:
        _note_unconfirmed(row, now())
    return len(left)


def refused(
    session: Session,
    row: OutboxMessage,
    claimed: Claim | None,
    meaning: Meaning,
    code: str,
) -> OutboxState | None:
    """The server said no. Gives the state the mail is in now; None if somebody else has it."""
    reason = Reason(code, meaning.words)
    if meaning.whole_sender:
        until = _until(session, row.sender, meaning)
        hold_sender(session, row.sender, until, reason, alarm=meaning.verdict is Verdict.ALARM)
        return later(session, row, claimed, until, reason)
    mine = _mine(session, row, claimed)
    if mine is None:
        return None
    if claimed is None:
        mine.attempts += 1
        mine.tried_at = now()
    wait = pace.next_try(mine.attempts)
    if meaning.verdict in FINAL or (meaning.tries is not None and mine.attempts >= meaning.tries):
        _fail(mine, reason)
    elif wait is None:
        _fail(mine, Reason(code, GIVEN_UP.format(words=meaning.words)))
    else:
        mine.state, mine.next_at = OutboxState.RETRY, now() + (meaning.wait or wait)
        mine.last_code, mine.last_error = reason.code, reason.words
    return mine.state


def later(
    session: Session, row: OutboxMessage, claimed: Claim | None, until: datetime, reason: Reason
) -> OutboxState | None:
    """It is not the mail's fault: it keeps its place and loses no try."""
    mine = _mine(session, row, claimed)
    if mine is None:
        return None
    if claimed is not None:
        mine.attempts -= 1
    mine.state, mine.next_at = OutboxState.RETRY, until
    mine.last_code, mine.last_error = reason.code, reason.words
    return mine.state


def fail(session: Session, row: OutboxMessage, reason: Reason) -> None:
    """It cannot be sent as it is."""
    mine = _mine(session, row, None)
    if mine is not None:
        _fail(mine, reason)


def hold_sender(
    session: Session, address: str, until: datetime, reason: Reason, *, alarm: bool = False
) -> None:
    """Nothing leaves from this address until then."""
    sender = _sender(session, address)
    sender.failures += 1
    sender.blocked_until, sender.down_since = until, sender.down_since or now()
    sender.last_code, sender.last_message, sender.alarm = reason.code, reason.words, alarm


def code_of(code: int, text: str) -> str:
    """The server's number with its own mark, as 163.com's help pages list them. Its words may hold an address."""
    mark = _MARK.search(text)
    return f"{code} {mark[0]}" if mark else str(code)


def next_connection_at(session: Session, address: str) -> datetime:
    """When an address whose server could not be reached is tried again."""
    return now() + pace.next_connection(_sender(session, address).failures + 1)


def _until(session: Session, address: str, meaning: Meaning) -> datetime:
    moment = now()
    if meaning.verdict is Verdict.TOMORROW:
        return pace.start_of_day(office_day(moment) + timedelta(days=1)) + _AFTER_MIDNIGHT
    failures = _sender(session, address).failures + 1
    return moment + max(meaning.wait or timedelta(0), pace.next_connection(failures))


def _note_unconfirmed(row: OutboxMessage, again_at: datetime) -> None:
    row.state, row.unconfirmed = OutboxState.UNKNOWN, row.unconfirmed + 1
    row.next_at, row.last_code = again_at, "unconfirmed"
    row.last_error = UNCONFIRMED_ONCE if row.unconfirmed <= REPEATS_ALLOWED else UNCONFIRMED_AGAIN


def _fail(row: OutboxMessage, reason: Reason) -> None:
    row.state, row.last_code, row.last_error = OutboxState.FAILED, reason.code, reason.words


def _claimed(session: Session, claimed: Claim) -> OutboxMessage | None:
    """The mail of a claim; None if another process has taken it for a dead one's meanwhile."""
    row = session.get(OutboxMessage, claimed.message_id, with_for_update=True)
    if row is None or (row.state, row.attempts) != (OutboxState.INFLIGHT, claimed.attempts):
        log.warning("outbox message %s was taken over by another process", claimed.message_id)
        return None
    return row


def _mine(session: Session, row: OutboxMessage, claimed: Claim | None) -> OutboxMessage | None:
    if claimed is not None:
        return _claimed(session, claimed)
    fresh = session.get(OutboxMessage, row.id, with_for_update=True)
    unchanged = fresh is not None and (fresh.state, fresh.attempts) == (row.state, row.attempts)
    return fresh if unchanged else None


def _sender(session: Session, address: str) -> OutboxSender:
    sender = session.get(OutboxSender, address, with_for_update=True)
    if sender is not None:
        return sender
    try:
        with session.begin_nested():
            session.add(OutboxSender(address=address, failures=0, alarm=False, last_code="", last_message=""))
    except IntegrityError:
        log.debug("another process has made the row of this sender in the same instant")
    return session.get_one(OutboxSender, address, with_for_update=True)
