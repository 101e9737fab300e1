"""The one door: whatever way a complaint comes, here it becomes a ticket, in the caller's transaction.

A ticket, its sealed verbatim texts and complainants, its working texts, its deadlines, its first line of history and its
words in the search index are made together or not at all.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import Session

from accounts.actor import SYSTEM, Actor
from accounts.models import Section
from config.settings import Settings
from core import vault
from core.clock import now, office_day
from core.errors import DomainError
from core.text import clean_line, clean_text, shorten
from tickets import history, identity, numbers, registers
from tickets.deadlines import ledger
from tickets.deadlines.rules import DeadlineKind, DeadlineRule
from tickets.deadlines.standard import resolve_rule, standard_rule
from tickets.identity import Person
from tickets.masking.mask import Identity, Masker
from tickets.models import (
    Attachment,
    Category,
    InformedSection,
    Message,
    Ticket,
    TicketCategory,
    TicketSchool,
)
from tickets.models.people import random_id
from tickets.office_hours import office_hours
from tickets.search.index import put_into_index
from tickets.suggestions.suggest import Suggestion
from tickets.vocabulary import (
    Action,
    Alarm,
    CallerKind,
    Channel,
    Direction,
    Secrecy,
    Status,
    TargetKind,
    Urgency,
)

TITLE_LENGTH = 60
BACKFILLED_AFTER_HOURS = 4


@dataclass(frozen=True, kw_only=True, repr=False)
class NewAttachment:
    """A file already in the blob store."""

    name: str
    content_type: str
    size: int
    blob: str


@dataclass(frozen=True, kw_only=True, repr=False)
class NewMessage:
    """The mail or letter a ticket begins with, as it was read."""

    subject: str
    text: str
    sender: str
    html: str | None = None
    quote_start: int | None = None
    notes: str = "[]"
    attachments: tuple[NewAttachment, ...] = ()


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


def register(session: Session, new: NewTicket, *, actor: Actor = SYSTEM) -> Registered:
    """Makes a ticket. DomainError if nothing was said; the caller has asked the policy."""
    title, matter = clean_line(new.title), clean_text(new.matter)
    if not matter.strip() and not new.needs_reading:
        raise DomainError("请写下反映的事项，其他都可以以后补。")
    suggestion = registers.suggester(session).suggest(
        title,
        matter,
        school_text=new.school_text,
        grade_text=new.grade_text,
        arrived_at_section=new.arrived_at,
    )
    section = _section(session, new.section or suggestion.section)
    key = vault.new_data_key(session)
    masker = masker_for(new.people, sender=new.message.sender if new.message else "")
    working_title = masker.mask(title or _title_from(matter)).text
    ticket = Ticket(
        number=numbers.next_number(session, section.number_prefix, office_day(now())),
        section_id=section.id,
        status=Status.PENDING,
        title=shorten(working_title, TITLE_LENGTH),
        matter=masker.mask(matter).text,
        request=masker.mask(clean_text(new.request)).text,
        school_text=masker.mask(clean_line(new.school_text)).text,
        grade_text=masker.mask(clean_line(new.grade_text)).text,
        channel=new.channel,
        received_at=new.received_at,
        recorded_at=now(),
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
        data_key_id=key.id,
    )
    session.add(ticket)
    session.flush([ticket])
    codes = tuple(
        identity.add_complainant(session, ticket, key, person, position=position)[1]
        for position, person in enumerate(new.people, start=1)
    )
    identity.add_verbatim(
        session,
        ticket,
        key,
        {
            "title": title,
            "matter": matter,
            "request": clean_text(new.request),
            "school_text": clean_line(new.school_text),
            "grade_text": clean_line(new.grade_text),
        },
    )
    _inform(session, ticket, new.informed)
    _classify(session, ticket, new, suggestion, actor)
    message = (
        add_message(session, ticket, key, masker, new.message, occurred_at=new.received_at)
        if new.message
        else None
    )
    _start_deadlines(session, ticket)
    session.flush()
    history.add_event(
        session,
        ticket,
        Action.REGISTER,
        actor=actor,
        from_status=None,
        occurred_at=new.received_at,
        channel=new.channel.value,
        section=section.slug,
        backfilled=ticket.backfilled,
        due=ledger.last_days(session, ticket),
    )
    put_into_index(session, ticket)
    return Registered(ticket=ticket, query_codes=codes, suggestion=suggestion, message_id=message)


def masker_for(people: tuple[Person, ...], *, sender: str = "") -> Masker:
    """Masks one ticket's texts with one numbering, knowing its people and the sender's display name."""
    known = Identity(
        names=tuple(name for name in (*(person.name for person in people), sender) if name),
        phones=tuple(person.phone for person in people if person.phone),
        emails=tuple(person.email for person in people if person.email),
        addresses=tuple(person.address for person in people if person.address),
        others=(),
    )
    return Masker(known, public_phones=_public_phones())


def add_message(
    session: Session,
    ticket: Ticket,
    key: vault.DataKeyInHand,
    masker: Masker,
    message: NewMessage,
    *,
    occurred_at: datetime,
    direction: Direction = Direction.INBOUND,
) -> str:
    """Adds a message with its files to a ticket; returns the message's id."""
    message_id = random_id()
    subject, text = clean_line(message.subject), clean_text(message.text)
    session.add(
        Message(
            id=message_id,
            ticket_id=ticket.id,
            direction=direction,
            channel=Channel.MAIL,
            occurred_at=occurred_at,
            recorded_at=now(),
            author="反映人" if direction is Direction.INBOUND else "",
            subject=masker.mask(subject).text,
            text=masker.mask(text).text,
            quote_start=message.quote_start,
            notes=message.notes,
        )
    )
    session.flush()
    verbatim = {"subject": subject, "sender": clean_line(message.sender), "text": text}
    if message.html is not None:
        verbatim["html"] = message.html
    identity.add_verbatim(session, ticket, key, verbatim, message_id=message_id)
    for position, file in enumerate(message.attachments, start=1):
        attachment_id = random_id()
        session.add(
            Attachment(
                id=attachment_id,
                ticket_id=ticket.id,
                message_id=message_id,
                position=position,
                label=_file_label(position, file.name),
                name_sealed=identity.seal_file_name(key, attachment_id, file.name),
                content_type=file.content_type,
                size=file.size,
                blob=file.blob,
            )
        )
    return message_id


def _start_deadlines(session: Session, ticket: Ticket) -> None:
    settings: Settings = current_app.extensions["settings"]
    lengths = settings.office.deadlines
    calendar, hours = registers.working_calendar(session), office_hours()
    consultation = bool(
        session.execute(
            sa.select(Category.consultation)
            .join(TicketCategory, TicketCategory.category_code == Category.code)
            .where(TicketCategory.ticket_id == ticket.id, TicketCategory.main)
        ).scalar_one_or_none()
    )
    rules: list[DeadlineRule] = [
        standard_rule(DeadlineKind.ACCEPT, lengths),
        resolve_rule(consultation=consultation, urgent=ticket.urgency is Urgency.URGENT, settings=lengths),
        standard_rule(DeadlineKind.NOTICE, lengths),
    ]
    for rule in rules:
        ledger.start(
            session, ticket.ref, rule, ticket.received_at, calendar=calendar, hours=hours, ticket=ticket
        )


def _classify(session: Session, ticket: Ticket, new: NewTicket, suggestion: Suggestion, actor: Actor) -> None:
    chosen = new.category or suggestion.category
    if chosen:
        by = actor.display_name if new.category else "系统建议"
        session.add(TicketCategory(ticket_id=ticket.id, category_code=chosen, main=True, set_by=by))
    schools = new.school_ids or tuple(match.id for match in suggestion.schools[:1])
    for school_id in dict.fromkeys(schools):
        by = actor.display_name if new.school_ids else ""
        session.add(TicketSchool(ticket_id=ticket.id, school_id=school_id, confirmed_by=by))
    session.flush()


def _inform(session: Session, ticket: Ticket, slugs: tuple[str, ...]) -> None:
    for slug in dict.fromkeys(slugs):
        section = _section(session, slug)
        if section.id != ticket.section_id:
            session.add(
                InformedSection(
                    ticket_id=ticket.id, section_id=section.id, reason="同一来信也寄到本股室", since=now()
                )
            )


def _section(session: Session, slug: str) -> Section:
    section = session.scalars(sa.select(Section).where(Section.slug == slug)).one_or_none()
    if section is None:
        raise DomainError(f"没有这个股室：{slug}")
    return section


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
    return Urgency.WATCH if suggestion.alarm else Urgency.NORMAL


def _is_backfilled(new: NewTicket) -> bool:
    if new.backfilled is not None:
        return new.backfilled
    if new.channel is Channel.MAIL:
        return False
    return (now() - new.received_at).total_seconds() > BACKFILLED_AFTER_HOURS * 3600


def _title_from(matter: str) -> str:
    first = next((line for line in matter.splitlines() if line.strip()), "（无标题）")
    return shorten(clean_line(first), TITLE_LENGTH)


def _file_label(position: int, name: str) -> str:
    stem, dot, ending = name.rpartition(".")
    known = dot and stem and ending.isalnum() and ending.isascii() and len(ending) <= 5
    return f"附件{position}.{ending.lower()}" if known else f"附件{position}"


def _public_phones() -> frozenset[str]:
    settings: Settings = current_app.extensions["settings"]
    phones = {section.phone for section in settings.office.sections if section.phone}
    return frozenset(phones | ({settings.office.duty.phone} if settings.office.duty.phone else set()))
