"""Which letter follows from an act, with the particulars that were typed with it."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import Session

from config.settings import Settings
from core.clock import office_day
from tickets import handling, identity
from tickets.deadlines.rules import DeadlineKind
from tickets.handling import Done, LetterDue
from tickets.letters import answering, notices
from tickets.letters.signing import signature_of, spoken
from tickets.letters.texts import text_in_use
from tickets.letters.wording import Letter
from tickets.models import Deadline, Extension, Ticket
from tickets.vocabulary import ContactData, FactWanted, LetterKind, LetterName, Outcome, RefusalReason


def compose(  # noqa: PLR0911 - one letter for each kind
    session: Session, done: Done, due: LetterDue, ticket: Ticket, place: int
) -> Letter | None:
    """The letter for the complainant at a place; None if it cannot be written without a person.

    `ticket` is the one the letter is about: the one that was acted on, one merged into it, or one split off.
    """
    sign, data = signature_of(session, ticket), _details(done)
    on = office_day(done.event.occurred_at)
    match due.kind:
        case LetterKind.ACCEPTED:
            settings: Settings = current_app.extensions["settings"]
            return notices.accepted(
                sign,
                ticket.number,
                natural_days=settings.office.deadlines.legal_natural,
                text=text_in_use(session, LetterName.ACCEPTED),
            )
        case LetterKind.REFUSED:
            why = RefusalReason(data["why"])
            return notices.refused(
                sign,
                ticket.number,
                why,
                on=on,
                details=_typed(session, done, "reason"),
                text=text_in_use(session, notices.REFUSALS[why]) if why in notices.REFUSALS else None,
            )
        case LetterKind.TRANSFERRED:
            contact = ContactData(data["contact_data"])
            to = _typed(session, done, "to")
            return notices.transferred(
                sign,
                ticket.number,
                to=to,
                on=on,
                contact_data=contact,
                text=text_in_use(session, LetterName.TRANSFERRED),
            )
        case LetterKind.PASSED_ON:
            return notices.passed_on(sign, ticket.number, text=text_in_use(session, LetterName.PASSED_ON))
        case LetterKind.MERGED:
            return notices.merged(sign, ticket.number, text=text_in_use(session, LetterName.MERGED))
        case LetterKind.EXTENDED:
            return _extended(session, done, ticket)
        case LetterKind.ANSWER:
            return _answer(session, done, ticket)
        case LetterKind.SPLIT:
            part = done.split_off
            if part is None or place >= len(part.query_codes):
                return None
            return notices.split_off(
                sign,
                done.ticket.number,
                part=ticket.number,
                code=spoken(part.query_codes[place]),
                text=text_in_use(session, LetterName.SPLIT),
            )
        case LetterKind.FACTS:
            wanted = [FactWanted(each) for each in data["wanted"]]
            return notices.facts_wanted(
                sign, ticket.number, wanted, text=text_in_use(session, LetterName.FACTS)
            )


def _typed(session: Session, done: Done, name: str) -> str:
    """A text of the act as it was typed: the letter is for the one it is about."""
    working = done.event.reason if name == "reason" else str(_details(done).get(name, ""))
    return identity.open_verbatim(session, done.ticket).get(f"{name}@{done.event.position}", working)


def _details(done: Done) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(done.event.data)
    return found


def _extended(session: Session, done: Done, ticket: Ticket) -> Letter:
    details = _details(done)
    before, after = details["moved"][f"{details['kind']}/{details['round']}"]
    why = session.execute(
        sa.select(Extension.reason)
        .join(Deadline, Deadline.id == Extension.deadline_id)
        .where(Deadline.ticket_id == ticket.id)
        .order_by(Extension.id.desc())
        .limit(1)
    ).scalar_one()
    return notices.extended(
        signature_of(session, ticket),
        ticket.number,
        before=date.fromisoformat(before),
        after=date.fromisoformat(after),
        why=why,
        statutory=details["kind"] == DeadlineKind.LEGAL.value,
        text=text_in_use(session, LetterName.EXTENDED),
    )


def _answer(session: Session, done: Done, ticket: Ticket) -> Letter | None:
    """The reviewed answer. To others than who complained first it goes without the first one's name."""
    main = done.ticket
    outcome = main.outcome or Outcome.NOT_APPLICABLE
    text = handling.answer_in_full(session, main) if ticket.id == main.id else main.answer
    if not text or answering.problems_of(outcome, text):
        return None
    return answering.answer(
        signature_of(session, ticket),
        ticket.number,
        outcome,
        text,
        text=text_in_use(session, answering.name_of(outcome)),
    )
