"""An act and the letters that follow from it, in one transaction; and what becomes of a ticket when a letter arrives or comes back.

Whoever performs an act calls `carry_out`: a letter that is due can then not be forgotten.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask import Flask, current_app
from sqlalchemy.orm import Session

from accounts.actor import Actor
from accounts.models import Section
from config.settings import Settings
from core.errors import DomainError
from outbox.models import OutboxMessage
from outbox.verbs import enqueue, on_sent
from outbox.vocabulary import OutboxKind, OutboxState
from tickets import handling, identity
from tickets.handling import Done, LetterDue, OnPaper
from tickets.identity import Person
from tickets.letters.answering import problems_of
from tickets.letters.composing import compose
from tickets.letters.threading import with_token
from tickets.models import Ticket
from tickets.vocabulary import Action, LetterKind, Outcome

_ON_THE_WAY = (OutboxState.QUEUED, OutboxState.INFLIGHT, OutboxState.RETRY, OutboxState.UNKNOWN)
# 不要回邮件, 请勿回信, 别发邮件: somebody else reads that mailbox.
_NO_MAIL = re.compile(
    r"(?:不要|请勿|勿|别|不能|不可)[^，。；,;]{0,4}(?:回信|回邮|发信|发邮|回复邮|邮件|邮箱)"
)
_NUMBER = re.compile(r"ticket/(.+)")


@dataclass(frozen=True, kw_only=True)
class CarriedOut:
    """What was done, the letters that are on their way, and those that a person has to see to."""

    done: Done
    queued: tuple[LetterDue, ...] = ()
    by_hand: tuple[LetterDue, ...] = ()


def init_app(app: Flask) -> None:
    """Has the outbox say in its own transaction that a letter has left."""
    on_sent(app, OutboxKind.ANSWER, _follow(handling.answer_reached))
    on_sent(app, OutboxKind.NOTICE, _follow(handling.notice_reached))


def carry_out(
    session: Session,
    number: str,
    action: Action,
    *,
    version: int,
    actor: Actor,
    fields: Mapping[str, str],
    paper: OnPaper | None = None,
) -> CarriedOut:
    """Performs an act and puts its letters into the outbox; raises what `handling.perform` raises.

    Also refuses an answer that must not leave as it is written: it is easier put right before it is reviewed.
    """
    if action is Action.REPORT_DONE:
        _check_answer(fields)
    done = handling.perform(session, number, action, version=version, actor=actor, fields=fields, paper=paper)
    queued: list[LetterDue] = []
    by_hand: list[LetterDue] = []
    for letter in done.letters:
        (queued if _send(session, done, letter) else by_hand).append(letter)
    return CarriedOut(done=done, queued=tuple(queued), by_hand=tuple(by_hand))


def came_back(session: Session, message_ids: Iterable[str], reason: str) -> bool:
    """A bounce speaks of one of these letters: an answer that came back is not given. Whether it was one."""
    ref = session.execute(
        sa.select(OutboxMessage.object_ref).where(
            OutboxMessage.message_id.in_(list(message_ids)), OutboxMessage.kind == OutboxKind.ANSWER
        )
    ).scalar()
    number = _NUMBER.fullmatch(ref or "")
    if number is None:
        return False
    return handling.answer_bounced(session, number[1], reason) is not None


def _check_answer(fields: Mapping[str, str]) -> None:
    outcome = next((each for each in Outcome if each.value == fields.get("outcome")), None)
    problems = problems_of(outcome, fields.get("answer", "")) if outcome else []
    if problems:
        raise DomainError("".join(problems))


def _send(session: Session, done: Done, due: LetterDue) -> bool:
    """One mail to each complainant who can be written to; False if nobody could, so that a person tells them."""
    ticket = (
        done.ticket
        if due.number == done.ticket.number
        else session.scalars(sa.select(Ticket).where(Ticket.number == due.number)).one()
    )
    sender = _sender_of(session, ticket)
    if sender is None:
        return False
    sent = 0
    for place, person in enumerate(identity.open_complainants(session, ticket)):
        letter = compose(session, done, due, ticket, place) if _may_be_written_to(person) else None
        if letter is None:
            continue
        row = enqueue(
            session,
            OutboxKind.ANSWER if due.kind is LetterKind.ANSWER else OutboxKind.NOTICE,
            dedupe=f"letter/{due.kind.value}/{ticket.number}/{done.event.id}/{place}",
            object_ref=ticket.ref,
            sender=sender,
            recipient=person.email,
            subject=with_token(letter.subject, ticket.number),
            body=letter.body,
            headers=_thread(session, ticket, person.email),
        )
        sent += row is not None
    return sent > 0


def _may_be_written_to(person: Person) -> bool:
    return bool(person.email) and not _NO_MAIL.search(person.contact_note)


def _sender_of(session: Session, ticket: Ticket) -> str | None:
    """The mailbox of the responsible section: its answers come from the address that people know."""
    settings: Settings = current_app.extensions["settings"]
    slug = session.execute(sa.select(Section.slug).where(Section.id == ticket.section_id)).scalar_one()
    own = (each for each in settings.office.open_mailboxes if each.section == slug and each.smtp is not None)
    return next((each.address for each in own), None)


def _thread(session: Session, ticket: Ticket, address: str) -> dict[str, str]:
    """Puts the letter beneath the one before it in the complainant's mail program."""
    before = session.execute(
        sa.select(OutboxMessage.message_id)
        .where(
            OutboxMessage.object_ref == ticket.ref,
            OutboxMessage.recipient_index == identity.email_index(address),
        )
        .order_by(OutboxMessage.id.desc())
        .limit(1)
    ).scalar()
    return {"In-Reply-To": before, "References": before} if before else {}


def _follow(
    reached: Callable[[Session, str, datetime], Done | None],
) -> Callable[[Session, str, datetime], None]:
    def follow(session: Session, object_ref: str, at: datetime) -> None:
        number = _NUMBER.fullmatch(object_ref)
        if number is not None and not _others_on_the_way(session, object_ref):
            reached(session, number[1], at)

    return follow


def _others_on_the_way(session: Session, object_ref: str) -> bool:
    """Several people may stand behind one ticket: it is told when the last of them was. The mail asked for still counts as
    leaving."""
    waiting = session.execute(
        sa.select(sa.func.count())
        .select_from(OutboxMessage)
        .where(
            OutboxMessage.object_ref == object_ref,
            OutboxMessage.kind.in_([OutboxKind.ANSWER, OutboxKind.NOTICE]),
            OutboxMessage.state.in_(_ON_THE_WAY),
        )
    ).scalar_one()
    return waiting > 1
