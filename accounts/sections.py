"""Sections come from office.toml: made when new, brought up to date, closed, never removed."""

from __future__ import annotations

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import Session

from accounts.models import Section
from config.settings import Settings
from core.errors import CannotStart


def seed_sections(session: Session) -> None:
    """Brings the sections up to the settings; CannotStart if one that is known is no longer written there."""
    settings: Settings = current_app.extensions["settings"]
    known = {row.slug: row for row in session.scalars(sa.select(Section))}
    gone = known.keys() - {each.slug for each in settings.office.sections}
    if gone:
        names = "、".join(known[slug].name for slug in sorted(gone))
        raise CannotStart(
            f"office.toml 里少了股室：{names}。诉求件仍挂在它名下，不能删除；如已撤并，请写回来并加一行 closed = true。"
        )
    for each in settings.office.sections:
        row = known.get(each.slug)
        if row is None:
            row = Section(slug=each.slug)
            session.add(row)
        row.name, row.number_prefix, row.closed = each.name, each.number_prefix, each.closed
    session.flush()
