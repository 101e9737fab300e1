"""Who signs the letters of a ticket: its section, as the office's settings have it."""

from __future__ import annotations

from flask import current_app
from sqlalchemy.orm import Session

from config.settings import Settings
from tickets import registers
from tickets.letters.wording import Signature
from tickets.models import Ticket


def signature_of(session: Session, ticket: Ticket) -> Signature:
    """The office, the responsible section and its telephone with the area code."""
    settings: Settings = current_app.extensions["settings"]
    slug = registers.slug_of(session, ticket.section_id)
    section = settings.office.section(slug)
    area = settings.office.area_code
    phone = f"{area}-{section.phone}" if area and section.phone else section.phone
    return Signature(office=settings.office.name, section=section.name, phone=phone)


def spoken(code: str) -> str:
    """A query code in pairs, as it is read aloud and copied by hand."""
    return " ".join(code[place : place + 2] for place in range(0, len(code), 2))
