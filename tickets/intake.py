"""The one door: whatever way a complaint comes, here it becomes a ticket, in the caller's transaction.

A ticket, its sealed verbatim texts and complainants, its working texts, its deadlines, its first line of history and its
words in the search index are made together or not at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import Session

from accounts.actor import SYSTEM, Actor
from accounts.models import Section
from config.settings import Settings
from core import vault
from core.clock import now, office_day
from core.db import gathering, insert_later, insert_now
from core.errors import DomainError
from core.text import clean_line, clean_text, shorten
from tickets import history, identity, messages, numbers, registers
from tickets.deadlines import ledger
from tickets.deadlines.rules import DeadlineKind, DeadlineRule
from tickets.deadlines.standard import resolve_rule, standard_rule
from tickets.identity import Person
from tickets.masking.mask import Masker, Replacement
from tickets.messages import NewMessage
from tickets.models import (
    InformedSection,
    School,
    Ticket,
    TicketCategory,
    TicketSchool,
)
from tickets.office_hours import office_hours
from tickets.search.index import put_new_into_index
from tickets.suggestions.suggest import Suggestion
from tickets.vocabulary import (
    Action,
    Alarm,
    CallerKind,
    Channel,
    Secrecy,
    Status,
    TargetKind,
    Urgency,
)

TITLE_LENGTH = 60
BACKFILLED_AFTER_HOURS = 4


@dataclass(frozen=True, kw_only=True, repr=False)
class NewTicket:
    """Everything known of a complaint when it comes in; texts as they were written or said, masked only here."""

    channel: Channel
    received_at: datetime
    matter: str
    title: str = ""
    request: str = ""
    school_text: str = ""
    grade_text: str = ""
    people: tuple[Person, ...] = ()
    caller_kind: CallerKind = CallerKind.UNKNOWN
    target_kind: TargetKind = TargetKind.UNKNOWN
    category: str | None = None
    urgent: bool = False
    wants_callback: bool = False
    secrecy: Secrecy = Secrecy.ORDINARY
    section: str | None = None  # a slug, when a person or a paper decided it
    arrived_at: str | None = None  # the slug whose mailbox or line it came to
    informed: tuple[str, ...] = ()
    source: str = ""
    external_id: str | None = None
    source_ref: str = ""
    source_due: date | None = None
    needs_reading: bool = False
    conflict: bool = False
    backfilled: bool | None = None  # None: worked out for calls and visits entered hours later
    school_ids: tuple[int, ...] = field(default=())
    message: NewMessage | None = None


@dataclass(frozen=True, kw_only=True, repr=False)
class Registered:
    """What registration gives back; the query codes are known only now, one a complainant."""

    ticket: Ticket
    query_codes: tuple[str, ...]
    suggestion: Suggestion
    message_id: str | None


def register(
    session: Session, new: NewTicket, *, actor: Actor = SYSTEM, masker: Masker | None = None
) -> Registered:
    """Makes a ticket. DomainError if nothing was said; the caller has asked the policy.

    `masker`: the one that has masked something of it already, so that all of it is numbered alike.
    """
    with gathering(session):
        return _register(session, new, actor, masker)


def _register(session: Session, new: NewTicket, actor: Actor, masker: Masker | None) -> Registered:
    said = _Said.of(new)
    if not said.matter.strip() and not new.needs_reading:
        raise DomainError("请写下反映的事项，其他都可以以后补。")
    suggestion = registers.suggester(session).suggest(
        said.title,
        said.matter,
        school_text=said.school_text,
        grade_text=said.grade_text,
        arrived_at_section=new.arrived_at,
    )
    section = registers.section_of(session, new.section or suggestion.section)
    key = vault.new_data_key(session)
    masker = masker or identity.masker_for(new.people, registers.public_words(session))
    if new.message:
        # As it will be masked: the names signed there are hidden in all texts.
        masker.learn(clean_line(new.message.subject), clean_text(new.message.text))
    working = said.masked(masker)
    ticket = _ticket_row(session, new, working.said, suggestion, section=section, actor=actor)
    ticket.data_key_id = key.id
    insert_now(session, ticket)
    codes = tuple(
        identity.add_complainant(session, ticket, key, person, position=position)
        for position, person in enumerate(new.people, start=1)
    )
    identity.add_verbatim(session, ticket, key, {name: text for name, text in asdict(said).items() if text})
    identity.add_replacements(session, ticket, key, working.replaced)
    for slug in dict.fromkeys(new.informed):
        inform(session, ticket, slug, reason="登记时告知")
    schools = _classify(session, ticket, new, suggestion, actor)
    message = (
        messages.add_message(session, ticket, key, masker, new.message, occurred_at=new.received_at)
        if new.message
        else None
    )
    started = _start_deadlines(session, ticket, new.category or suggestion.category)
    history.add_first_event(
        session,
        ticket,
        Action.REGISTER,
        actor=actor,
        occurred_at=new.received_at,
        channel=new.channel.value,
        section=section.slug,
        backfilled=ticket.backfilled,
        **started,
    )
    put_new_into_index(session, ticket, (*schools, *(message.words if message else ())))
    message_id = message.id if message else None
    return Registered(ticket=ticket, query_codes=codes, suggestion=suggestion, message_id=message_id)


@dataclass(frozen=True, kw_only=True, repr=False)
class _Said:
    """The texts of a new ticket: as they were said, or masked."""

    title: str
    matter: str
    request: str
    school_text: str
    grade_text: str

    @classmethod
    def of(cls, new: NewTicket) -> _Said:
        matter = clean_text(new.matter)
        return cls(
            title=clean_line(new.title) or _title_from(matter),
            matter=matter,
            request=clean_text(new.request),
            school_text=clean_line(new.school_text),
            grade_text=clean_line(new.grade_text),
        )

    def masked(self, masker: Masker) -> _Masked:
        texts = asdict(self)
        working = dict(zip(texts, masker.mask_all(*texts.values()), strict=True))
        return _Masked(
            said=_Said(**{name: each.text for name, each in working.items()}),
            replaced=[found for each in working.values() for found in each.replaced],
        )


@dataclass(frozen=True, repr=False)
class _Masked:
    said: _Said
    replaced: list[Replacement]


def _ticket_row(
    session: Session,
    new: NewTicket,
    working: _Said,
    suggestion: Suggestion,
    *,
    section: Section,
    actor: Actor,
) -> Ticket:
    moment = now()
    return Ticket(
        number=numbers.next_number(session, section.number_prefix, office_day(moment)),
        section_id=section.id,
        status=Status.PENDING,
        title=shorten(working.title, TITLE_LENGTH),
        matter=working.matter,
        request=working.request,
        school_text=working.school_text,
        grade_text=working.grade_text,
        channel=new.channel,
        received_at=new.received_at,
        recorded_at=moment,
        backfilled=_is_backfilled(new),
        recorded_by_id=actor.id,
        source=new.source,
        external_id=new.external_id,
        source_ref=clean_line(new.source_ref),
        source_due=new.source_due.isoformat() if new.source_due else None,
        caller_kind=new.caller_kind,
        target_kind=new.target_kind,
        wants_callback=new.wants_callback,
        urgency=_urgency(new, suggestion),
        alarm=Alarm(suggestion.alarm) if suggestion.alarm else None,
        secrecy=_secrecy(new),
        needs_reading=new.needs_reading,
        conflict=new.conflict,
        routing_reason="；".join(suggestion.why) if new.section is None else "登记时指定",
    )


def _start_deadlines(session: Session, ticket: Ticket, category: str | None) -> dict[str, Any]:
    settings: Settings = current_app.extensions["settings"]
    lengths = settings.office.deadlines
    calendar, hours = registers.working_calendar(session), office_hours()
    consultation = registers.is_consultation(session, category)
    rules: list[DeadlineRule] = [
        standard_rule(DeadlineKind.ACCEPT, lengths),
        resolve_rule(consultation=consultation, urgent=ticket.urgency is Urgency.URGENT, settings=lengths),
        standard_rule(DeadlineKind.NOTICE, lengths),
    ]
    return ledger.start_all(session, ticket, rules, calendar=calendar, hours=hours)


def _classify(
    session: Session, ticket: Ticket, new: NewTicket, suggestion: Suggestion, actor: Actor
) -> Sequence[str]:
    """Gives a ticket its category and its schools; returns the names of these."""
    chosen = new.category or suggestion.category
    if chosen:
        by = actor.display_name if new.category else "系统建议"
        insert_later(session, TicketCategory, ticket_id=ticket.id, category_code=chosen, main=True, set_by=by)
    schools = new.school_ids or tuple(match.id for match in suggestion.schools[:1])
    for school_id in dict.fromkeys(schools):
        by = actor.display_name if new.school_ids else ""
        insert_later(session, TicketSchool, ticket_id=ticket.id, school_id=school_id, confirmed_by=by)
    if new.school_ids:
        return session.scalars(sa.select(School.name).where(School.id.in_(new.school_ids))).all()
    return [match.name for match in suggestion.schools[:1]]


def inform(session: Session, ticket: Ticket, slug: str, *, reason: str) -> None:
    """Lets a further section read a ticket; nothing changes if it answers for it or was informed before."""
    section = registers.section_of(session, slug)
    known = session.execute(
        sa.select(InformedSection.section_id).where(
            InformedSection.ticket_id == ticket.id, InformedSection.section_id == section.id
        )
    ).first()
    if section.id == ticket.section_id or known:
        return
    session.add(InformedSection(ticket_id=ticket.id, section_id=section.id, reason=reason, since=now()))


def _secrecy(new: NewTicket) -> Secrecy:
    """A teacher who complains, or a headmaster or the bureau complained of: 限制知悉, whatever was chosen."""
    exposed = new.caller_kind is CallerKind.TEACHER or new.target_kind in {
        TargetKind.HEADMASTER,
        TargetKind.BUREAU,
    }
    return Secrecy.RESTRICTED if exposed else new.secrecy


def _urgency(new: NewTicket, suggestion: Suggestion) -> Urgency:
    if new.urgent or suggestion.urgent:
        return Urgency.URGENT
    return Urgency.WATCH if suggestion.alarm or suggestion.watch else Urgency.NORMAL


def _is_backfilled(new: NewTicket) -> bool:
    if new.backfilled is not None:
        return new.backfilled
    if new.channel is Channel.MAIL:
        return False
    return (now() - new.received_at).total_seconds() > BACKFILLED_AFTER_HOURS * 3600


def _title_from(matter: str) -> str:
    """The first line, whole: half a telephone number is masked no more, so a title is cut only after masking."""
    return clean_line(next((line for line in matter.splitlines() if line.strip()), "（无标题）"))
