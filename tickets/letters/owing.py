"""Notices (告知记录): who has to be told what, by which way he was, and what has become of the mail."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from outbox.models import OutboxMessage
from outbox.vocabulary import OutboxKind, OutboxState
from tickets import messages
from tickets.handling import Done, LetterDue
from tickets.letters.wording import Letter
from tickets.models import Complainant, Notice, Ticket
from tickets.vocabulary import LetterKind, NoticeState, ToldBy

_CODE_ELSEWHERE = "（见登记时显示的查询码）"
_LETTERS = (OutboxKind.ACKNOWLEDGEMENT, OutboxKind.ANSWER, OutboxKind.NOTICE)
_NOT_LEFT = frozenset({OutboxState.FAILED, OutboxState.CANCELLED})


@dataclass(frozen=True, kw_only=True, repr=False)
class Owed:
    """What has to be told to one complainant, as a letter if it could be written; `secrets` must not stand in the open."""

    ticket: Ticket
    complainant_id: str
    done: Done
    due: LetterDue
    letter: Letter | None
    secrets: Collection[str] = ()


def owe(session: Session, owed: Owed, row: OutboxMessage | None) -> None:
    """Notes that somebody has to be told; `row` is the mail that will, if one was written."""
    letter = owed.letter
    aloud = letter.aloud if letter else ""
    for secret in owed.secrets:
        aloud = aloud.replace(secret, _CODE_ELSEWHERE)
    notice = Notice(
        ticket_id=owed.ticket.id,
        complainant_id=owed.complainant_id,
        event_id=owed.done.event.id,
        kind=owed.due.kind,
        owed_at=owed.done.event.recorded_at,
        text_used=letter.text_used if letter else "",
        aloud=messages.open_masker(session, owed.ticket).mask(aloud).text if aloud else "",
        outbox_id=row.id if row else None,
        told_by="",
    )
    session.add(notice)
    session.flush()


def of_mail(session: Session, row: OutboxMessage) -> Notice | None:
    return session.scalars(
        sa.select(Notice).where(Notice.outbox_id == row.id).with_for_update()
    ).one_or_none()


def mark_sent(notice: Notice, at: datetime) -> None:
    if notice.told_at is None:
        notice.how, notice.told_at, notice.told_by = ToldBy.MAIL, at, "系统"
    notice.came_back_at = None


def mark_back(notice: Notice, at: datetime) -> None:
    """A mail that came back has told nobody, unless he was told otherwise meanwhile."""
    if notice.how is ToldBy.MAIL:
        notice.how = notice.told_at = None
        notice.told_by = ""
    notice.came_back_at = at


def fulfil(
    session: Session,
    ticket: Ticket,
    *,
    answer: bool,
    how: ToldBy,
    at: datetime,
    by: str,
    only: str | None = None,
) -> None:
    """A person has told it: one notice, or all of a ticket that were owed."""
    of_answer = Notice.kind == LetterKind.ANSWER
    query = sa.select(Notice).where(
        Notice.ticket_id == ticket.id, Notice.told_at.is_(None), of_answer if answer else sa.not_(of_answer)
    )
    if only is not None:
        query = query.where(Notice.id == only)
    for notice in session.scalars(query.with_for_update()):
        notice.how, notice.told_at, notice.told_by = how, at, by


def still_owed(session: Session, ticket: Ticket, *, answer: bool, besides: str = "") -> bool:
    """Whether anybody else waits for an answer, or for any other notice."""
    of_answer = Notice.kind == LetterKind.ANSWER
    query = sa.select(
        sa.exists().where(
            Notice.ticket_id == ticket.id,
            Notice.told_at.is_(None),
            Notice.id != besides,
            of_answer if answer else sa.not_(of_answer),
        )
    )
    return bool(session.execute(query).scalar_one())


@dataclass(frozen=True, kw_only=True)
class NoticeLine:
    """One notice, or one acknowledgement, as the ticket's page shows it."""

    id: str
    what: str
    place: int  # which complainant, from 1; 0 if it was an acknowledgement
    state: NoticeState
    how: ToldBy | None
    at: datetime
    by: str
    aloud: str
    why: str
    text_used: str
    is_answer: bool

    @property
    def open(self) -> bool:
        return self.state is not NoticeState.TOLD


def lines(session: Session, ticket: Ticket) -> list[NoticeLine]:
    """Everything that was or is to be told, oldest first, with how far its mail has come."""
    told = session.execute(
        sa.select(Notice, Complainant.position, OutboxMessage)
        .join(Complainant, Complainant.id == Notice.complainant_id)
        .outerjoin(OutboxMessage, OutboxMessage.id == Notice.outbox_id)
        .where(Notice.ticket_id == ticket.id)
        .order_by(Notice.owed_at, Complainant.position)
    ).all()
    known = {row.id for _, _, row in told if row is not None}
    mails = session.scalars(
        sa.select(OutboxMessage)
        .where(OutboxMessage.object_ref == ticket.ref, OutboxMessage.kind.in_(_LETTERS))
        .order_by(OutboxMessage.id)
    ).all()
    alone = [_of_mail_alone(row) for row in mails if row.id not in known]
    return [*alone, *(_line(notice, place, row) for notice, place, row in told)]


def _line(notice: Notice, place: int, row: OutboxMessage | None) -> NoticeLine:
    return NoticeLine(
        id=notice.id,
        what=notice.kind.label,
        place=place,
        state=state_of(notice, row),
        how=notice.how,
        at=notice.told_at or notice.came_back_at or notice.owed_at,
        by=notice.told_by,
        aloud=notice.aloud,
        why=row.last_error if row is not None and notice.told_at is None else "",
        text_used=notice.text_used,
        is_answer=notice.kind is LetterKind.ANSWER,
    )


def state_of(notice: Notice, row: OutboxMessage | None) -> NoticeState:
    if notice.told_at is not None:
        return NoticeState.TOLD
    if notice.came_back_at is not None:
        return NoticeState.CAME_BACK
    if row is None:
        return NoticeState.OWED
    return NoticeState.FAILED if row.state in _NOT_LEFT else NoticeState.ON_ITS_WAY


def _of_mail_alone(row: OutboxMessage) -> NoticeLine:
    sent = row.state is OutboxState.SENT
    failed = row.state in _NOT_LEFT
    state = NoticeState.TOLD if sent else NoticeState.FAILED if failed else NoticeState.ON_ITS_WAY
    return NoticeLine(
        id="",
        what=row.kind.label,
        place=0,
        state=state,
        how=ToldBy.MAIL if sent else None,
        at=row.sent_at or row.created_at,
        by="系统",
        aloud="",
        why=row.last_error,
        text_used=row.text_used,
        is_answer=False,
    )
