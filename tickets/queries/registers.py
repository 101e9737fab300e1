"""The choices of the forms, from the registers."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import Session
from wtforms.fields.choices import SelectChoice

from accounts.actor import Actor
from accounts.models import Account, AccountRole, AccountSection, Section
from accounts.vocabulary import Role
from config.settings import Settings
from core.kept import kept
from tickets import registers
from tickets.models import Category
from tickets.suggestions.schools import initials


def category_choices(session: Session) -> Sequence[SelectChoice]:
    """The categories under their parents; a parent itself may be chosen when nobody knows better."""
    return kept("category_choices", lambda: _category_choices(session))


def _category_choices(session: Session) -> tuple[SelectChoice, ...]:
    rows = session.execute(
        sa.select(Category.code, Category.parent_code, Category.name)
        .where(Category.closed.is_(False))
        .order_by(Category.position)
    ).all()
    groups = {row.code: f"{row.code} {row.name}" for row in rows if row.parent_code is None}
    return tuple(
        SelectChoice(row.code, f"{row.code} {row.name}", optgroup=groups[row.parent_code])
        if row.parent_code
        else SelectChoice(row.code, f"{row.code} {row.name}（不细分）", optgroup=groups[row.code])
        for row in rows
    )


def school_options(session: Session) -> list[tuple[str, str]]:
    """Every school with what else it answers to: its aliases and their first pinyin initials, for picking one by the keyboard."""
    return [
        (
            school.name,
            " ".join(dict.fromkeys([*map(initials, (*school.aliases, school.name)), *school.aliases])),
        )
        for school in registers.suggester(session).schools.schools
    ]


def section_choices() -> list[SelectChoice]:
    """The sections that take cases, by slug."""
    settings: Settings = current_app.extensions["settings"]
    return [SelectChoice(section.slug, section.name) for section in settings.office.open_sections]


def own_section(session: Session, actor: Actor) -> Section | None:
    """The section at whose telephone this person sits; None if there are several."""
    if len(actor.section_ids) != 1:
        return None
    return session.get(Section, next(iter(actor.section_ids)))


_PEOPLE = (
    sa.select(Account.username, Account.display_name, Account.job_title)
    .join(AccountSection, AccountSection.account_id == Account.id)
    .where(
        AccountSection.section_id == sa.bindparam("section_id"),
        Account.disabled_at.is_(None),
        sa.exists().where(
            AccountRole.account_id == Account.id, AccountRole.role.in_([Role.HANDLER, Role.HEAD])
        ),
    )
    .order_by(Account.id)
)


def people_choices(session: Session, section_id: int) -> list[SelectChoice]:
    """Who may be named to handle a ticket of a section, by user name."""
    rows = session.execute(_PEOPLE, {"section_id": section_id}).all()
    return [
        SelectChoice(
            row.username, f"{row.display_name}（{row.job_title}）" if row.job_title else row.display_name
        )
        for row in rows
    ]
