"""The registers as the rules want them: calendar, schools, categories, sections; read once a version, kept in the process."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import Session

from accounts.models import Section
from config.settings import Settings
from core import state
from core.clock import now
from core.db import WriteSession
from core.errors import DomainError
from tickets.calendar import seed as calendar_seed
from tickets.calendar.working_days import CalendarDay as DayLine
from tickets.calendar.working_days import DayKind, WorkingCalendar
from tickets.identity import PublicWords
from tickets.models import CalendarDay, CalendarYear, Category, School, SchoolAlias
from tickets.suggestions.categories import load_categories
from tickets.suggestions.schools import SchoolFacts
from tickets.suggestions.section import SectionFacts
from tickets.suggestions.suggest import Suggester

Kept = TypeVar("Kept")
_ONCE = "registers.once"
CONSULTATIONS = "I"  # the parent of 咨询建议 in categories.toml
_SCHOOLS_CHANGED = "schools_changed"
CATEGORIES_FILE = Path(__file__).resolve().parent.parent / "config" / "categories.toml"


@dataclass
class _Kept:
    calendar: WorkingCalendar | None = None
    suggester: Suggester | None = None
    public: PublicWords | None = None
    schools_version: str | None = None


def _kept() -> _Kept:
    kept: _Kept = current_app.extensions.setdefault("registers", _Kept())
    return kept


def working_calendar(session: Session) -> WorkingCalendar:
    """The office's calendar as it stands in the database now."""
    kept = _kept()
    version = once(
        session,
        "calendar",
        lambda: session.execute(sa.select(sa.func.max(CalendarYear.version))).scalar_one() or 0,
    )
    if kept.calendar is None or kept.calendar.version != version:
        years = frozenset(session.scalars(sa.select(CalendarYear.year)))
        rows = session.execute(sa.select(CalendarDay.day, CalendarDay.off, CalendarDay.name))
        lines = [DayLine(row.day, DayKind.OFF if row.off else DayKind.WORK, row.name) for row in rows]
        kept.calendar = calendar_seed.calendar_from(lines, years, version)
    return kept.calendar


def seed_calendar(session: Session) -> None:
    """Enters the announced years of a new installation; one that has a calendar keeps it."""
    if session.execute(sa.select(sa.func.count()).select_from(CalendarYear)).scalar_one():
        return
    days = calendar_seed.seed_days()
    years = sorted(calendar_seed.announced_years(days))
    for version, year in enumerate(years, start=1):
        session.add(
            CalendarYear(year=year, source="随软件提供", version=version, saved_by="系统", saved_at=now())
        )
    session.flush()
    for line in days:
        # The notice for a year may name the last days of the year before.
        year = line.day.year if line.day.year in years else line.day.year + 1
        session.add(CalendarDay(day=line.day, year=year, off=line.kind is DayKind.OFF, name=line.name))


def seed_categories(session: Session) -> None:
    """Enters the categories of config/categories.toml; wording is brought up to date, nothing is removed."""
    known = {row.code: row for row in session.scalars(sa.select(Category))}
    leaves = load_categories(CATEGORIES_FILE.read_text(encoding="utf-8"))
    wanted: dict[str, Category] = {}
    for leaf in leaves:
        if leaf.parent not in wanted:
            parent = known.get(leaf.parent) or Category(code=leaf.parent)
            parent.name, parent.parent_code = leaf.parent_name, None
            wanted[leaf.parent] = parent
        row = known.get(leaf.code) or Category(code=leaf.code)
        row.name, row.parent_code = leaf.name, leaf.parent
        row.consultation = leaf.parent == CONSULTATIONS
        row.in_scope = leaf.in_scope
        row.bans = ",".join(str(ban) for ban in leaf.bans)
        row.problem_group = leaf.group
        wanted[leaf.code] = row
    for position, row in enumerate(wanted.values()):
        row.position = position
        session.add(row)
        session.flush()  # a parent before its leaves
    for code in known.keys() - wanted.keys():
        known[code].closed = True


def suggester(session: Session) -> Suggester:
    """Suggests section, category, urgency and schools with what the registers hold now."""
    kept = _kept()
    version = once(session, _SCHOOLS_CHANGED, lambda: state.get_fact(session, _SCHOOLS_CHANGED) or "")
    if kept.suggester is None or kept.schools_version != version:
        kept.suggester = Suggester(
            sections=_sections(session),
            categories=load_categories(CATEGORIES_FILE.read_text(encoding="utf-8")),
            schools=_schools(session),
        )
        kept.schools_version = version
        kept.public = None
    return kept.suggester


def public_words(session: Session) -> PublicWords:
    """What no mask hides: the office's own telephone numbers and mailboxes, and the names of the schools."""
    suggester(session)  # reads the schools anew if they have changed
    kept = _kept()
    if kept.public is None:
        settings: Settings = current_app.extensions["settings"]
        office = settings.office
        phones = [each.phone for each in office.sections if each.phone]
        kept.public = PublicWords(
            phones=tuple(phones + ([office.duty.phone] if office.duty.phone else [])),
            emails=tuple(each.address for each in office.mailboxes),
            schools=tuple(name for school in _schools(session) for name in (school.name, *school.aliases)),
        )
    return kept.public


def note_schools_changed(session: Session) -> None:
    """Every process sees by this fact that it has to read the schools again."""
    state.set_fact(session, _SCHOOLS_CHANGED, secrets.token_hex(8))
    session.info.pop(_ONCE, None)


def section_of(session: Session, slug: str) -> Section:
    """The section of a slug; DomainError if the office has none."""
    sections = _sections_by_slug(session)
    if slug not in sections:
        raise DomainError(f"没有这个股室：{slug}")
    return sections[slug]


def slug_of(session: Session, section_id: int) -> str:
    """The slug of a section."""
    return next(slug for slug, row in _sections_by_slug(session).items() if row.id == section_id)


def _sections_by_slug(session: Session) -> dict[str, Section]:
    return once(session, "sections", lambda: {row.slug: row for row in session.scalars(sa.select(Section))})


def is_consultation(session: Session, category: str | None) -> bool:
    """Whether a category is a question, which is answered sooner than a complaint."""
    asked = sa.select(Category.code).where(Category.consultation)
    return category in once(session, "consultations", lambda: frozenset(session.scalars(asked)))


def once(session: Session, name: str, read: Callable[[], Kept]) -> Kept:
    """Reads what registrations of one transaction all ask, once a transaction. A session that only reads lives too long."""
    if not isinstance(session, WriteSession):
        return read()
    kept: dict[str, Any] = session.info.setdefault(_ONCE, {})
    if name not in kept:
        kept[name] = read()
    found: Kept = kept[name]
    return found


def _sections(session: Session) -> list[SectionFacts]:
    stages = {each.slug: tuple(each.stages) for each in current_app.extensions["settings"].office.sections}
    rows = session.scalars(sa.select(Section).where(Section.closed.is_(False)).order_by(Section.id))
    return [SectionFacts(slug=row.slug, name=row.name, stages=stages.get(row.slug, ())) for row in rows]


def _schools(session: Session) -> list[SchoolFacts]:
    aliases: dict[int, list[str]] = {}
    for row in session.execute(sa.select(SchoolAlias.school_id, SchoolAlias.alias)):
        aliases.setdefault(row.school_id, []).append(row.alias)
    return [
        SchoolFacts(
            id=school.id,
            name=school.name,
            aliases=tuple(aliases.get(school.id, ())),
            stage=school.stage.value if school.stage else "",
            town=school.town,
        )
        for school in session.scalars(sa.select(School).where(School.closed.is_(False)).order_by(School.id))
    ]
