"""What an answer to one of our letters brings about: a mark for the answer it replies to, or news of a case that is over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from outbox.models import OutboxMessage
from outbox.vocabulary import OutboxKind
from tickets import handling
from tickets.letters.rating import rating_of
from tickets.letters.threading import signed_number
from tickets.models import Ticket
from tickets.vocabulary import Satisfaction

RATED = "反映人对答复的评价：{said}。系统已登记。"
DISSATISFIED = "反映人对答复的评价：不满意。请股室负责人决定重办，或者维持结论并解释。"


@dataclass(frozen=True, kw_only=True)
class Thread:
    """The ticket a mail goes on with, and whether it replies to the answer that was given last."""

    number: str
    to_answer: bool


def thread_of(
    session: Session, message_ids: Sequence[str], subject: str, received_at: datetime
) -> Thread | None:
    """Known by the Message-ID of a letter of ours or by the signed token in the subject, never by sender or wording."""
    row = _letter(session, message_ids)
    if row is not None:
        return Thread(
            number=row.object_ref.removeprefix("ticket/"),
            to_answer=row.kind is OutboxKind.ANSWER and _is_newest_answer(session, row),
        )
    number = signed_number(subject)
    if number is None:
        return None
    answered_at = session.execute(
        sa.select(Ticket.answered_at).where(Ticket.number == number)
    ).scalar_one_or_none()
    return Thread(number=number, to_answer=answered_at is not None and answered_at <= received_at)


def rate(session: Session, ticket: Ticket, words: str) -> str:
    """Enters the one-word mark of a reply to the answer; what was made of it, for whoever reads on. Empty if it is none."""
    said = rating_of(words)
    if said is None or handling.rated(session, ticket.number, said, words.strip()) is None:
        return ""
    return DISSATISFIED if said is Satisfaction.DISSATISFIED else RATED.format(said=said.label)


def _letter(session: Session, message_ids: Sequence[str]) -> OutboxMessage | None:
    """The newest of our letters to a complainant among these."""
    if not message_ids:
        return None
    return session.scalars(
        sa.select(OutboxMessage)
        .where(
            OutboxMessage.message_id.in_(list(message_ids)),
            OutboxMessage.object_ref.startswith("ticket/"),
        )
        .order_by(OutboxMessage.id.desc())
        .limit(1)
    ).one_or_none()


def _is_newest_answer(session: Session, row: OutboxMessage) -> bool:
    """Whether no later answer was given to the same person: the mark for an old one says nothing of the new."""
    later = sa.select(
        sa.exists().where(
            OutboxMessage.object_ref == row.object_ref,
            OutboxMessage.kind == OutboxKind.ANSWER,
            OutboxMessage.recipient_index == row.recipient_index,
            OutboxMessage.id > row.id,
        )
    )
    return not session.execute(later).scalar_one()
