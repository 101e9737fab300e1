"""Schools by the name a person types."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.errors import DomainError
from core.text import clean_line
from tickets.models import School, SchoolAlias


def school_named(session: Session, name: str) -> School:
    """The open school of that name, or of that alias if only one has it; DomainError with what to do."""
    wanted = clean_line(name)
    rows = session.scalars(
        sa.select(School).where(
            School.closed.is_(False),
            sa.or_(
                School.name == wanted,
                School.id.in_(sa.select(SchoolAlias.school_id).where(SchoolAlias.alias == wanted)),
            ),
        )
    ).all()
    exact = [row for row in rows if row.name == wanted] or list(rows)
    if len(exact) == 1:
        return exact[0]
    if exact:
        raise DomainError(f"“{wanted}”对应几所学校，请写全称：{'、'.join(row.name for row in exact)}。")
    raise DomainError(f"学校登记册里没有“{wanted}”，请写全称，或请管理员先补登学校。")


def unit_of(session: Session, school: School) -> str:
    """Who takes an order for a school: the central school it belongs to, else the school itself."""
    parent = session.get(School, school.parent_id) if school.parent_id else None
    return parent.name if parent is not None else school.name
