"""What is said and written in a ticket's course: sealed as it was, masked for everybody's work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from core import vault
from core.clock import now
from core.db import insert_later
from core.text import clean_line, clean_text
from tickets import identity, registers
from tickets.identity import Person
from tickets.masking.mask import Masker
from tickets.models import Attachment, Message, Ticket
from tickets.models.people import random_id
from tickets.vocabulary import Channel, Direction


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


@dataclass(frozen=True, kw_only=True)
class Added:
    """What was made of a message: its id, subject and text as everybody may read them."""

    id: str
    words: tuple[str, str]


def add_message(
    session: Session,
    ticket: Ticket,
    key: vault.DataKeyInHand,
    masker: Masker,
    message: NewMessage,
    *,
    occurred_at: datetime,
    direction: Direction = Direction.INBOUND,
    channel: Channel = Channel.MAIL,
    author: str = "",
) -> Added:
    """Adds a message with its files to a ticket; returns its id and its working texts. `author` is shown: never a complainant's name."""
    message_id = random_id()
    subject, text = clean_line(message.subject), clean_text(message.text)
    working_subject, working_text = masker.mask_all(subject, text)
    insert_later(
        session,
        Message,
        id=message_id,
        ticket_id=ticket.id,
        direction=direction,
        channel=channel,
        occurred_at=occurred_at,
        recorded_at=now(),
        author="反映人" if direction is Direction.INBOUND else author,
        subject=working_subject.text,
        text=working_text.text,
        quote_start=message.quote_start,
        notes=message.notes,
    )
    verbatim = {"subject": subject, "sender": clean_line(message.sender), "text": text}
    if message.html is not None:
        verbatim["html"] = message.html
    identity.add_verbatim(session, ticket, key, verbatim, message_id=message_id)
    replaced = (*working_subject.replaced, *working_text.replaced)
    identity.add_replacements(session, ticket, key, replaced, message_id=message_id)
    for position, file in enumerate(message.attachments, start=1):
        attachment_id = random_id()
        insert_later(
            session,
            Attachment,
            id=attachment_id,
            ticket_id=ticket.id,
            message_id=message_id,
            position=position,
            label=file_label(position, file.name),
            name_sealed=identity.seal_file_name(key, attachment_id, file.name),
            content_type=file.content_type,
            size=file.size,
            blob=file.blob,
        )
    return Added(id=message_id, words=(working_subject.text, working_text.text))


def open_masker(session: Session, ticket: Ticket, *, further: tuple[Person, ...] = ()) -> Masker:
    """The masker for a ticket's next text: knows its people and goes on with its numbering."""
    named = (Person(name=name) for name in identity.open_names(session, ticket))
    people = (*identity.open_complainants(session, ticket), *further, *named)
    known = identity.open_replacements(session, ticket)
    return identity.masker_for(people, registers.public_words(session), known=known)


def file_label(position: int, name: str) -> str:
    """What the screen calls a file whose own name may tell who wrote: 附件1.jpg."""
    stem, dot, ending = name.rpartition(".")
    known = dot and stem and ending.isalnum() and ending.isascii() and len(ending) <= 5
    return f"附件{position}.{ending.lower()}" if known else f"附件{position}"
