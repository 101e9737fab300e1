"""Notices (告知记录): what has to be told to each complainant, and how it was; and the texts of the letters that tell it."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from core.append_only import append_only
from core.db import Base
from outbox.models import OutboxMessage
from tickets.models.people import Complainant, random_id
from tickets.models.ticket import Ticket, TicketEvent
from tickets.vocabulary import LetterKind, LetterName, ToldBy


class Notice(Base):
    """One thing one complainant has to be told. Fulfilled by mail, telephone, letter or in person; a bounce undoes it."""

    __tablename__ = "notice"
    __table_args__ = (
        sa.UniqueConstraint("event_id", "complainant_id", "kind"),
        sa.Index(None, "ticket_id", "id"),
        sa.Index(None, "outbox_id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=random_id)
    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey(Ticket.id))
    complainant_id: Mapped[str] = mapped_column(sa.ForeignKey(Complainant.id))
    event_id: Mapped[int] = mapped_column(sa.ForeignKey(TicketEvent.id))  # what has to be told
    kind: Mapped[LetterKind]
    owed_at: Mapped[datetime]
    text_used: Mapped[str]
    aloud: Mapped[str]  # what is read aloud on the telephone: a working text
    outbox_id: Mapped[int | None] = mapped_column(sa.ForeignKey(OutboxMessage.id))
    how: Mapped[ToldBy | None]
    told_at: Mapped[datetime | None]
    told_by: Mapped[str] = mapped_column(default="")
    came_back_at: Mapped[datetime | None]


class LetterText(Base):
    """A version of a letter's text, as the bureau has written it. Never changed: the newest one counts."""

    __tablename__ = "letter_text"
    __table_args__ = (sa.UniqueConstraint("name", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[LetterName]
    version: Mapped[int]
    as_shipped: Mapped[bool]  # from here on the shipped text counts again
    subject: Mapped[str]
    body: Mapped[str]
    aloud: Mapped[str]
    saved_by: Mapped[str]
    saved_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(default="")


append_only(LetterText.__table__)
