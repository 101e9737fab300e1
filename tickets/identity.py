"""Who complained: what is sealed when a ticket is made, and the one place where it is opened again.

Nothing here asks the policy; callers do, before they call. Nothing opened here may be logged or put into the audit chain.
"""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256

import sqlalchemy as sa
from sqlalchemy.orm import Session, undefer

from core import vault
from core.clock import now
from core.db import insert_later
from core.keys import keys_in_use
from tickets.masking.mask import Identity, Masker, Replacement
from tickets.masking.phones import normalise_phone
from tickets.models import Attachment, Complainant, Message, Ticket, Verbatim
from tickets.models.people import random_id
from tickets.vocabulary import Anonymity, Direction

_REPLACEMENTS = "replacements"
_NAMES = "names"
_SAID = ("title", "matter", "request", "subject", "text")
_FIELDS = ("name", "phone", "email", "address", "contact_note")


@dataclass(frozen=True, kw_only=True, repr=False)
class Person:
    """A complainant in plain text; has no repr, so that it cannot slip into a log."""

    name: str = ""
    phone: str = ""
    email: str = ""
    address: str = ""
    contact_note: str = ""
    anonymity: Anonymity = Anonymity.CONFIDENTIAL
    wants_callback: bool = False

    @property
    def reachable(self) -> bool:
        return bool(self.phone or self.email or self.address)


def add_complainant(
    session: Session, ticket: Ticket, key: vault.DataKeyInHand, person: Person, *, position: int = 1
) -> str:
    """Adds a sealed complainant to a ticket; returns the query code, which is stored only as a keyed hash."""
    row_id = random_id()
    code = new_query_code()
    sealed = {
        f"{field}_sealed": vault.seal(key, value, place=_place("complainant", field, row_id))
        if (value := getattr(person, field))
        else None
        for field in _FIELDS
    }
    insert_later(
        session,
        Complainant,
        id=row_id,
        ticket_id=ticket.id,
        position=position,
        anonymity=person.anonymity,
        phone_index=phone_index(person.phone),
        email_index=email_index(person.email),
        wants_callback=person.wants_callback,
        query_code_hash=query_code_hash(ticket.number, code),
        created_at=now(),
        **sealed,
    )
    return code


def open_complainants(session: Session, ticket: Ticket) -> list[Person]:
    """All complainants of a ticket in plain text. Ask the policy first, and record the reveal."""
    rows = session.scalars(
        sa.select(Complainant)
        .where(Complainant.ticket_id == ticket.id)
        .order_by(Complainant.position)
        .options(*(undefer(getattr(Complainant, f"{field}_sealed")) for field in _FIELDS))
        .execution_options(populate_existing=True)
    ).all()
    key = vault.data_key(session, ticket.data_key_id)
    return [
        Person(
            anonymity=row.anonymity,
            wants_callback=row.wants_callback,
            **{
                field: vault.unseal(key, sealed, place=_place("complainant", field, row.id))
                for field in _FIELDS
                if (sealed := getattr(row, f"{field}_sealed")) is not None
            },
        )
        for row in rows
    ]


def add_verbatim(
    session: Session,
    ticket: Ticket,
    key: vault.DataKeyInHand,
    texts: Mapping[str, str],
    *,
    message_id: str | None = None,
) -> None:
    """Seals what was really written or said, field by field."""
    for field, text in texts.items():
        row_id = random_id()
        insert_later(
            session,
            Verbatim,
            id=row_id,
            ticket_id=ticket.id,
            message_id=message_id,
            field=field,
            sealed=vault.seal(key, text, place=_place("verbatim", field, row_id)),
        )


def open_verbatim(session: Session, ticket: Ticket, *, message_id: str | None = None) -> dict[str, str]:
    """What was really written, by field: of the ticket itself, or of one of its messages. Ask the policy first."""
    rows = session.execute(
        sa.select(Verbatim.id, Verbatim.field, Verbatim.sealed).where(
            Verbatim.ticket_id == ticket.id,
            Verbatim.message_id == message_id,
            Verbatim.field.not_in((_REPLACEMENTS, _NAMES)),
        )
    ).all()
    key = vault.data_key(session, ticket.data_key_id)
    return {
        row.field: vault.unseal(key, row.sealed, place=_place("verbatim", row.field, row.id)) for row in rows
    }


def open_said(session: Session, ticket: Ticket) -> list[str]:
    """Everything the complainants of a ticket have said and written; for the leak check, not for the screen."""
    rows = session.execute(
        sa.select(Verbatim.id, Verbatim.field, Verbatim.sealed)
        .outerjoin(Message, Message.id == Verbatim.message_id)
        .where(
            Verbatim.ticket_id == ticket.id,
            Verbatim.field.in_(_SAID),
            sa.or_(Message.id.is_(None), Message.direction == Direction.INBOUND),
        )
    ).all()
    key = vault.data_key(session, ticket.data_key_id)
    return [vault.unseal(key, row.sealed, place=_place("verbatim", row.field, row.id)) for row in rows]


def open_own_file_names(session: Session, ticket: Ticket) -> list[str]:
    """The real names of the files that complainants have sent; for the leak check as well."""
    rows = session.execute(
        sa.select(Attachment.id, Attachment.name_sealed)
        .join(Message, Message.id == Attachment.message_id)
        .where(Attachment.ticket_id == ticket.id, Message.direction == Direction.INBOUND)
    ).all()
    key = vault.data_key(session, ticket.data_key_id)
    return [vault.unseal(key, row.name_sealed, place=_place("attachment", "name", row.id)) for row in rows]


def seal_file_name(key: vault.DataKeyInHand, attachment_id: str, name: str) -> bytes:
    return vault.seal(key, name, place=_place("attachment", "name", attachment_id))


def open_file_names(session: Session, ticket: Ticket, attachments: Iterable[str]) -> dict[str, str]:
    """The real names of attachments, by their id. Ask the policy first."""
    rows = session.execute(
        sa.select(Attachment.id, Attachment.name_sealed).where(
            Attachment.ticket_id == ticket.id, Attachment.id.in_(list(attachments))
        )
    ).all()
    key = vault.data_key(session, ticket.data_key_id)
    return {
        row.id: vault.unseal(key, row.name_sealed, place=_place("attachment", "name", row.id)) for row in rows
    }


def phone_index(phone: str) -> str | None:
    """The blind index of a phone number in any spelling; None for none."""
    normal = normalise_phone(phone)
    return keys_in_use().blind_index("phone", normal) if normal else None


def email_index(email: str) -> str | None:
    """The blind index of a mail address, in whatever case it was written."""
    normal = "".join(email.split()).casefold()
    return keys_in_use().blind_index("email", normal) if normal else None


@dataclass(frozen=True, kw_only=True)
class PublicWords:
    """What stays readable in every text: the office's own numbers and addresses, and the names of schools."""

    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    schools: tuple[str, ...] = ()


def masker_for(people: Iterable[Person], public: PublicWords, *, known: Iterable[Replacement] = ()) -> Masker:
    """Masks one ticket's texts with one numbering; `known` are the replacements of texts masked earlier."""
    rows = list(people)
    everything = Identity(
        names=tuple(person.name for person in rows if person.name),
        phones=tuple(person.phone for person in rows if person.phone),
        emails=tuple(person.email for person in rows if person.email),
        addresses=tuple(person.address for person in rows if person.address),
    )
    return Masker(
        everything, public.phones, public_emails=public.emails, protected=public.schools, known=known
    )


def add_replacements(
    session: Session,
    ticket: Ticket,
    key: vault.DataKeyInHand,
    replaced: Iterable[Replacement],
    *,
    message_id: str | None = None,
) -> None:
    """Seals what stands behind the placeholders of a ticket's working texts, so that later texts go on counting."""
    rows = sorted({(each.kind, each.number, each.original) for each in replaced})
    if rows:
        texts = {_REPLACEMENTS: json.dumps(rows, ensure_ascii=False)}
        add_verbatim(session, ticket, key, texts, message_id=message_id)


def open_replacements(session: Session, ticket: Ticket) -> list[Replacement]:
    """What stands behind the placeholders of a ticket; for masking its next text, not for the screen."""
    rows = session.execute(
        sa.select(Verbatim.id, Verbatim.sealed).where(
            Verbatim.ticket_id == ticket.id, Verbatim.field == _REPLACEMENTS
        )
    ).all()
    key = vault.data_key(session, ticket.data_key_id)
    found = (
        json.loads(vault.unseal(key, row.sealed, place=_place("verbatim", _REPLACEMENTS, row.id)))
        for row in rows
    )
    return [Replacement(*each) for lines in found for each in lines]


def add_names(session: Session, ticket: Ticket, key: vault.DataKeyInHand, names: Iterable[str]) -> None:
    """Seals names of further persons (a child) whom the texts of a ticket hide from now on."""
    add_verbatim(session, ticket, key, {_NAMES: json.dumps(list(names), ensure_ascii=False)})


def open_names(session: Session, ticket: Ticket) -> list[str]:
    """The further names of a ticket; for masking and for the leak check, not for the screen."""
    rows = session.execute(
        sa.select(Verbatim.id, Verbatim.sealed).where(
            Verbatim.ticket_id == ticket.id, Verbatim.field == _NAMES
        )
    ).all()
    key = vault.data_key(session, ticket.data_key_id)
    return [
        name
        for row in rows
        for name in json.loads(vault.unseal(key, row.sealed, place=_place("verbatim", _NAMES, row.id)))
    ]


def new_query_code() -> str:
    """Ten digits, the last a check digit, to be read aloud over the phone."""
    digits = f"{secrets.randbelow(10**9):09d}"
    return digits + check_digit(digits)


def check_digit(digits: str) -> str:
    """The Luhn digit: catches every single wrong digit and nearly every swap of neighbours."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def query_code_hash(number: str, code: str) -> str:
    """What the database keeps of a query code; bound to the ticket's number, so equal codes look different."""
    return keys_in_use().blind_index("query_code", f"{number}|{code}")


def query_code_fits(stored: str, number: str, code: str) -> bool:
    """Compares in constant time."""
    return hmac.compare_digest(stored, query_code_hash(number, code))


def fingerprint_of(text: str) -> str:
    """A keyed hash of any content, for equality without telling what it is."""
    return keys_in_use().blind_index("content", sha256(text.encode("utf-8", "surrogatepass")).hexdigest())


def _place(table: str, column: str, owner: str) -> str:
    return f"{table}|{column}|{owner}"
