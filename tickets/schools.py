"""The register of schools: lists are entered, single schools edited, renamed and merged; nothing is ever removed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from accounts.actor import Actor
from core import audit
from core.clock import now, office_day
from core.errors import DomainError, NotFound
from core.text import clean_line
from tickets import registers
from tickets.masking.phones import normalise_phone
from tickets.models import School, SchoolAlias, SchoolContact
from tickets.school_table import (
    MOST_ROWS,
    KnownSchool,
    Person,
    SchoolLine,
    compared,
    csv_rows,
    read_table,
)
from tickets.spreadsheet import read_sheet
from tickets.vocabulary import ContactRole


@dataclass(frozen=True, kw_only=True)
class Loaded:
    added: int
    changed: int


def rows_of(name: str, content: bytes) -> list[list[str]]:
    """The cells of a list, xlsx or CSV, by what its bytes are; DomainError in plain words for anything else."""
    if content.startswith(b"PK"):
        return read_sheet(content, at_most=MOST_ROWS)
    for encoding in ("utf-8", "gb18030"):
        try:
            return csv_rows(content.decode(encoding))
        except UnicodeDecodeError:
            continue
    raise DomainError(f"“{name}”读不懂。请在表格软件里另存为 xlsx 或“CSV UTF-8”。")


def read_schools(text: str) -> list[SchoolLine]:
    """Understands the text of a schools file; DomainError names every line that is wrong."""
    return sound(read_table(csv_rows(text)))


def sound(lines: list[SchoolLine]) -> list[SchoolLine]:
    """The lines, if nothing is wrong with any; else DomainError that names every one that is."""
    if not lines:
        raise DomainError("学校名单里一所学校也没有，没有导入。")
    problems = [f"第 {line.row} 行{problem}" for line in lines for problem in line.wrong]
    if problems:
        raise DomainError("；".join(problems) + "。整份名单没有导入，请改好再试。")
    return lines


def beside_register(session: Session, lines: Sequence[SchoolLine]) -> list[SchoolLine]:
    """The lines with everything that is wrong with them beside what the register holds."""
    aliases: dict[int, set[str]] = {}
    for row in session.scalars(sa.select(SchoolAlias)):
        aliases.setdefault(row.school_id, set()).add(row.alias)
    known = [
        KnownSchool(name=school.name, aliases=frozenset(aliases.get(school.id, ())))
        for school in session.scalars(sa.select(School).order_by(School.id))
    ]
    return compared(lines, known)


def what_changes(session: Session, lines: Sequence[SchoolLine]) -> dict[int, str]:
    """By row of the list: whether the school is new, changes, or stays as it is."""
    known = {row.name: row for row in session.scalars(sa.select(School))}
    return {line.row: _change(known.get(line.name), line) for line in lines}


def _change(school: School | None, line: SchoolLine) -> str:
    if school is None:
        return "新增"
    differs = any(getattr(school, name) != value for name, value in line.facts().items())
    return "更新" if differs or line.people else "不变"


def enter(
    session: Session, lines: Sequence[SchoolLine], *, looked_at: bool, actor: Actor
) -> tuple[Loaded, int]:
    """Enters a list that was shown; the rows that are wrong stay out, and how many. DomainError until somebody has looked."""
    checked = beside_register(session, lines)
    if not looked_at and any(line.wrong or line.doubtful for line in checked):
        raise DomainError("还没有保存：请先看过下面列出的问题，再勾选确认。")
    sound_ones = [line for line in checked if not line.wrong]
    return load_schools(session, sound_ones, actor=actor), len(checked) - len(sound_ones)


def load_schools(session: Session, lines: Sequence[SchoolLine], *, actor: Actor) -> Loaded:
    """Enters new schools and brings known ones up to date, by their names."""
    known = {row.name: row for row in session.scalars(sa.select(School))}
    added = changed = 0
    for line in lines:
        row = known.get(line.name)
        if row is None:
            row = known[line.name] = School(name=line.name)
            session.add(row)
            added += 1
        for name, value in line.facts().items():
            setattr(row, name, value)
        changed += row not in session.new and session.is_modified(row)
    session.flush()
    for line in lines:
        row = known[line.name]
        if line.parent:
            if line.parent not in known:
                raise DomainError(f"“{line.name}”的上级学校“{line.parent}”不在名单里。")
            row.parent_id = known[line.parent].id
        _add_aliases(session, row, line.aliases)
        for person in line.people:
            set_contact(session, row, person, since=line.since or office_day(now()))
    registers.note_schools_changed(session)
    audit.record(session, "schools.loaded", actor=actor.username, added=added, changed=changed)
    return Loaded(added=added, changed=changed)


def set_contact(session: Session, school: School, person: Person, *, since: date) -> None:
    """Whom to call from a day on; whoever was it until then stays on record with the last day."""
    current = session.scalars(
        sa.select(SchoolContact).where(
            SchoolContact.school_id == school.id,
            SchoolContact.role == person.role,
            SchoolContact.until_day.is_(None),
        )
    ).all()
    if any((row.name, row.phone) == (person.name, person.phone) for row in current):
        return
    for row in current:
        row.until_day = max(row.from_day, since - timedelta(days=1))
    session.add(
        SchoolContact(
            school_id=school.id, role=person.role, name=person.name, phone=person.phone, from_day=since
        )
    )
    session.flush()


def edit(session: Session, school_id: int, values: Mapping[str, str], *, actor: Actor) -> School:
    """Saves the page of a school. A new name keeps the old one as an alias, so that letters still find the school."""
    school = _school(session, school_id)
    name = clean_line(values.get("name", ""))
    if not name:
        raise DomainError("请填写学校名称。")
    if name != school.name:
        other = session.scalars(sa.select(School).where(School.name == name)).one_or_none()
        if other is not None:
            raise DomainError(f"已经有一所学校叫“{name}”。两校合并的，请用下面的“并入另一所学校”。")
        _add_aliases(session, school, (school.name,), former=True)
        audit.record(
            session,
            "schools.renamed",
            actor=actor.username,
            object_ref=f"school/{school.id}",
            before=school.name,
            after=name,
        )
        school.name = name
    wanted = {**values, "name": name, "aliases": values.get("aliases", "").replace("\n", "|")}
    (line,) = sound(read_table([list(wanted), list(wanted.values())]))
    for key, value in line.facts().items():
        setattr(school, key, value)
    school.parent_id = _parent(session, school, line.parent)
    school.closed = bool(values.get("closed"))
    _replace_aliases(session, school, {*line.aliases, *_old_names(session, school)})
    registers.note_schools_changed(session)
    audit.record(session, "schools.edited", actor=actor.username, object_ref=f"school/{school.id}")
    return school


def merge(session: Session, school_id: int, into: str, *, actor: Actor) -> School:
    """Closes a school that is part of another now: its names lead there, its schools belong there, its cases stay its own."""
    school = _school(session, school_id)
    target = session.scalars(sa.select(School).where(School.name == clean_line(into))).one_or_none()
    if target is None or target.closed:
        raise DomainError("没有这所学校，或它已经停办。请写登记的全称。")
    if target.id == school.id:
        raise DomainError("不能并入它自己。")
    aliases = session.scalars(sa.select(SchoolAlias.alias).where(SchoolAlias.school_id == school.id)).all()
    _add_aliases(session, target, (school.name, *aliases), former=True)
    session.execute(sa.update(School).where(School.parent_id == school.id).values(parent_id=target.id))
    if target.parent_id == target.id:
        target.parent_id = None
    school.closed = True
    registers.note_schools_changed(session)
    audit.record(
        session,
        "schools.merged",
        actor=actor.username,
        object_ref=f"school/{school.id}",
        name=school.name,
        into=target.name,
    )
    return target


def add_contact(session: Session, school_id: int, person: Person, *, since: date, actor: Actor) -> None:
    """Writes down whom to call, from a day on."""
    school = _school(session, school_id)
    if not person.name:
        raise DomainError("请填写姓名。")
    if person.phone and normalise_phone(person.phone) is None:
        raise DomainError(f"“{person.phone}”不是电话号码。")
    set_contact(session, school, person, since=since)
    audit.record(
        session,
        "schools.contact",
        actor=actor.username,
        object_ref=f"school/{school.id}",
        role=person.role.value,
        since=since,
    )


def end_contact(session: Session, school_id: int, contact_id: int, *, actor: Actor) -> None:
    """Somebody is no longer to be called, from tomorrow on."""
    row = session.get(SchoolContact, contact_id)
    if row is None or row.school_id != school_id:
        raise NotFound("没有这位联系人。")
    row.until_day = max(row.from_day, office_day(now()))
    audit.record(
        session,
        "schools.contact",
        actor=actor.username,
        object_ref=f"school/{school_id}",
        role=row.role.value,
        until=row.until_day,
    )


def contacts_on(session: Session, school_id: int, day: date) -> list[SchoolContact]:
    """Whom to call on a day, headmaster first."""
    rows = session.scalars(
        sa.select(SchoolContact).where(
            SchoolContact.school_id == school_id,
            SchoolContact.from_day <= day,
            sa.or_(SchoolContact.until_day.is_(None), SchoolContact.until_day >= day),
        )
    ).all()
    order = list(ContactRole)
    return sorted(rows, key=lambda row: (order.index(row.role), row.id))


def _school(session: Session, school_id: int) -> School:
    school = session.get(School, school_id, with_for_update=True)
    if school is None:
        raise NotFound("没有这所学校。")
    return school


def _parent(session: Session, school: School, name: str) -> int | None:
    if not name:
        return None
    found = session.scalars(sa.select(School).where(School.name == name)).one_or_none()
    if found is None or found.id == school.id:
        raise DomainError(f"中心学校“{name}”没有登记过，请写全称。")
    return found.id


def _old_names(session: Session, school: School) -> set[str]:
    """What a rename has left: nobody takes that away by emptying a field."""
    rows = session.scalars(
        sa.select(SchoolAlias.alias).where(SchoolAlias.school_id == school.id, SchoolAlias.former)
    )
    return set(rows)


def _add_aliases(session: Session, school: School, wanted: Sequence[str], *, former: bool = False) -> None:
    known = {
        row.alias: row
        for row in session.scalars(sa.select(SchoolAlias).where(SchoolAlias.school_id == school.id))
    }
    for alias in dict.fromkeys(wanted):
        if alias in known:
            known[alias].former |= former
        else:
            session.add(SchoolAlias(school_id=school.id, alias=alias, former=former))
    session.flush()


def _replace_aliases(session: Session, school: School, wanted: set[str]) -> None:
    session.execute(
        sa.delete(SchoolAlias).where(SchoolAlias.school_id == school.id, SchoolAlias.alias.not_in(wanted))
    )
    _add_aliases(session, school, sorted(wanted))
