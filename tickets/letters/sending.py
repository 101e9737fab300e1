"""An act and the letters that follow from it, in one transaction; and what becomes of a ticket when a letter arrives or comes back.

Whoever performs an act calls `carry_out`: a letter that is due can then not be forgotten, nor one who has to be told.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import Flask, current_app
from sqlalchemy.orm import Session

from accounts.actor import Actor
from accounts.models import Section
from config.settings import Settings
from core.clock import now
from core.errors import DomainError
from outbox.models import OutboxMessage
from outbox.verbs import OutgoingFile, enqueue, on_sent
from outbox.vocabulary import OutboxKind, OutboxState
from tickets import handling, identity, released
from tickets.action_table import TABLE
from tickets.handling import Done, LetterDue, OnPaper, loading
from tickets.identity import Person
from tickets.letters import checking, enclosures, owing
from tickets.letters.answering import problems_of
from tickets.letters.composing import compose
from tickets.letters.owing import Owed
from tickets.letters.signing import spoken
from tickets.letters.threading import with_token
from tickets.letters.wording import Letter
from tickets.messages import NewAttachment
from tickets.models import Complainant, Notice, Ticket
from tickets.past import CALL_DONE
from tickets.vocabulary import Action, LetterKind, Outcome, ToldBy

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
    on_sent(app, OutboxKind.ANSWER, _answer_left)
    on_sent(app, OutboxKind.NOTICE, _notice_left)


def carry_out(
    session: Session,
    number: str,
    action: Action,
    *,
    version: int,
    actor: Actor,
    fields: Mapping[str, str],
    paper: OnPaper | None = None,
    files: Sequence[NewAttachment] = (),
) -> CarriedOut:
    """Performs an act and puts its letters into the outbox; raises what `handling.perform` raises.

    Also refuses an answer that must not leave as it is written, and words or files that could expose somebody: they are
    easier put right before they are reviewed. `fields["notice"]`: the one notice that was told, where several are owed.
    """
    if action is Action.REPORT_DONE:
        _check_answer(fields)
    action, only = _one_of_several(session, number, action, fields.get("notice", ""))
    done = handling.perform(session, number, action, version=version, actor=actor, fields=fields, paper=paper)
    checking.check(session, done.ticket, action, fields, files)
    if action is Action.REPORT_DONE:
        # What was done about it is printed in the bulletins' ledger as it is written here.
        released.check(session, done.ticket, fields.get("measures", ""))
        enclosures.choose(session, done.ticket, files, fields, actor=actor)
    _note_told(session, done, actor, only)
    queued: list[LetterDue] = []
    by_hand: list[LetterDue] = []
    for letter in done.letters:
        (queued if _send(session, done, letter) else by_hand).append(letter)
    return CarriedOut(done=done, queued=tuple(queued), by_hand=tuple(by_hand))


def came_back(session: Session, message_ids: Iterable[str], reason: str) -> bool:
    """A bounce speaks of one of these letters: what came back has told nobody. Whether it was one."""
    row = session.scalars(
        sa.select(OutboxMessage)
        .where(
            OutboxMessage.message_id.in_(list(message_ids)),
            OutboxMessage.kind.in_([OutboxKind.ANSWER, OutboxKind.NOTICE]),
        )
        .limit(1)
    ).one_or_none()
    number = _NUMBER.fullmatch(row.object_ref) if row is not None else None
    if row is None or number is None:
        return False
    loading.lock(session, [number[1]])
    notice = owing.of_mail(session, row)
    if notice is not None:
        owing.mark_back(notice, now())
    if row.kind is OutboxKind.ANSWER:
        return handling.answer_bounced(session, number[1], reason) is not None
    answered_at = session.execute(
        sa.select(Ticket.answered_at).where(Ticket.number == number[1])
    ).scalar_one_or_none()
    if answered_at is not None or notice is None or notice.told_at is not None:
        return False  # he knows more by now, or was told otherwise
    return handling.notice_bounced(session, number[1], f"{notice.kind.label}邮件被退回") is not None


def _check_answer(fields: Mapping[str, str]) -> None:
    outcome = next((each for each in Outcome if each.value == fields.get("outcome")), None)
    problems = problems_of(outcome, fields.get("answer", "")) if outcome else []
    if problems:
        raise DomainError("".join(problems))


def _one_of_several(
    session: Session, number: str, action: Action, notice_id: str
) -> tuple[Action, str | None]:
    """An answer that was told to one of several is noted; it is given when the last of them was told."""
    if not notice_id or action not in {Action.NOTIFY, Action.ANSWERED}:
        return action, None
    row = session.execute(
        sa.select(Notice, Ticket)
        .join(Ticket, Ticket.id == Notice.ticket_id)
        .where(Notice.id == notice_id, Ticket.number == number)
    ).one_or_none()
    if row is None or row[0].told_at is not None:
        raise DomainError("这一条告知已经登记过了，请看告知记录。")
    if row[0].kind is not LetterKind.ANSWER:
        return Action.NOTIFY, notice_id
    others = owing.still_owed(session, row[1], answer=True, besides=notice_id)
    possible = row[1].status in TABLE[Action.ANSWERED].sources
    return (Action.ANSWERED if possible and not others else Action.NOTIFY), notice_id


def _note_told(session: Session, done: Done, actor: Actor, only: str | None) -> None:
    """A person has told it: the notices that were owed are fulfilled."""
    action, ticket = done.event.action, done.ticket
    how, at = ToldBy.PHONE, done.event.occurred_at
    if action in {Action.NOTIFY, Action.ANSWERED}:
        how = ToldBy(_details_of(done)["how"])
    elif action is not Action.CALLED_BACK or _details_of(done).get("step") != CALL_DONE:
        return
    answer = action is not Action.NOTIFY
    if only is not None:
        answer = session.get_one(Notice, only).kind is LetterKind.ANSWER
    owing.fulfil(session, ticket, answer=answer, how=how, at=at, by=actor.display_name, only=only)


def _send(session: Session, done: Done, due: LetterDue) -> bool:
    """A notice for each complainant who can be told, and a mail where he can be written to.

    False if no mail could be written, so that a person tells them.
    """
    ticket = (
        done.ticket
        if due.number == done.ticket.number
        else session.scalars(sa.select(Ticket).where(Ticket.number == due.number)).one()
    )
    sender = _sender_of(session, ticket)
    ids = session.scalars(
        sa.select(Complainant.id).where(Complainant.ticket_id == ticket.id).order_by(Complainant.position)
    ).all()
    files = enclosures.of_answer(session, done.ticket) if due.kind is LetterKind.ANSWER else ()
    codes = [spoken(code) for code in done.split_off.query_codes] if done.split_off else []
    sent = 0
    for place, (complainant_id, person) in enumerate(
        zip(ids, identity.open_complainants(session, ticket), strict=True)
    ):
        if not person.reachable:
            continue
        letter = compose(session, done, due, ticket, place)
        if letter is not None:
            released.check_letter(session, ticket, done.ticket, letter.subject, letter.body)
        owed = Owed(
            ticket=ticket,
            complainant_id=complainant_id,
            done=done,
            due=due,
            letter=letter,
            secrets=codes,
        )
        row = None
        if letter is not None and sender is not None and _may_be_written_to(person):
            row = _enqueue(session, owed, letter, _To(sender=sender, email=person.email, place=place), files)
        owing.owe(session, owed, row)
        sent += row is not None
    return sent > 0


@dataclass(frozen=True, kw_only=True, repr=False)
class _To:
    """From which mailbox to which complainant, who has this place on the ticket."""

    sender: str
    email: str
    place: int


def _enqueue(
    session: Session, owed: Owed, letter: Letter, to: _To, files: Sequence[OutgoingFile]
) -> OutboxMessage | None:
    ticket, kind = owed.ticket, owed.due.kind
    return enqueue(
        session,
        OutboxKind.ANSWER if kind is LetterKind.ANSWER else OutboxKind.NOTICE,
        dedupe=f"letter/{kind.value}/{ticket.number}/{owed.done.event.id}/{to.place}",
        object_ref=ticket.ref,
        sender=to.sender,
        recipient=to.email,
        subject=with_token(letter.subject, ticket.number),
        body=letter.body,
        headers=_thread(session, ticket, to.email),
        files=files,
        text_used=letter.text_used,
    )


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


def _details_of(done: Done) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(done.event.data)
    return found


def _answer_left(session: Session, mail: OutboxMessage, at: datetime) -> None:
    _left(session, mail, at, handling.answer_reached)


def _notice_left(session: Session, mail: OutboxMessage, at: datetime) -> None:
    _left(session, mail, at, handling.notice_reached)


def _left(
    session: Session,
    mail: OutboxMessage,
    at: datetime,
    reached: Callable[[Session, str, datetime], Done | None],
) -> None:
    number = _NUMBER.fullmatch(mail.object_ref)
    if number is None:
        return
    loading.lock(session, [number[1]])
    notice = owing.of_mail(session, mail)
    if notice is not None:
        owing.mark_sent(notice, at)
        if notice.kind is LetterKind.FACTS:
            return  # it asks for something, and tells of no decision
    if not _others_on_the_way(session, mail):
        reached(session, number[1], at)


def _others_on_the_way(session: Session, mail: OutboxMessage) -> bool:
    """Several people may stand behind one ticket: it is told when the last of them was. The mail asked for still counts as
    leaving."""
    waiting = session.execute(
        sa.select(sa.func.count())
        .select_from(OutboxMessage)
        .where(
            OutboxMessage.object_ref == mail.object_ref,
            OutboxMessage.kind == mail.kind,
            OutboxMessage.state.in_(_ON_THE_WAY),
            ~OutboxMessage.dedupe.startswith(f"letter/{LetterKind.FACTS.value}/"),
        )
    ).scalar_one()
    return waiting > 1
