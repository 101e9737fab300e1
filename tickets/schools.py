"""The register of schools: read from a CSV file, again and again; nothing is ever removed."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.orm import Session

from accounts.actor import Actor
from core import audit
from core.errors import DomainError
from core.text import clean_line
from tickets import registers
from tickets.models import School, SchoolAlias
from tickets.vocabulary import Stage

COLUMNS = (
    "name",
    "aliases",
    "stage",
    "town",
    "area",
    "ownership",
    "parent",
    "contact",
    "care_hours",
    "care_fee",
)
# A file without one of these leaves what the register holds.
_OPTIONAL = ("contact", "care_hours", "care_fee")
URBAN, PRIVATE = "城区", "民办"


@dataclass(frozen=True, kw_only=True)
class SchoolLine:
    """One line of the file, checked."""

    name: str
    aliases: tuple[str, ...]
    stage: Stage | None
    town: str
    urban: bool
    private: bool
    parent: str
    told: dict[str, str] = field(default_factory=dict)  # of the optional columns, those the file has


@dataclass(frozen=True, kw_only=True)
class Loaded:
    added: int
    changed: int


def read_schools(text: str) -> list[SchoolLine]:
    """Understands the text of a schools file; DomainError names every line that is wrong."""
    rows = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    if missing := {"name", "stage"} - set(rows.fieldnames or ()):
        raise DomainError(f"学校名单缺少这些列：{'、'.join(sorted(missing))}。应有：{','.join(COLUMNS)}")
    lines, problems = [], []
    stages = {stage.value: stage for stage in Stage} | {stage.label: stage for stage in Stage}
    for number, row in enumerate(rows, start=2):
        value = {name: clean_line(row.get(name) or "") for name in COLUMNS}
        if not value["name"]:
            problems.append(f"第 {number} 行没有学校名称")
        elif value["stage"] and value["stage"] not in stages:
            problems.append(f"第 {number} 行学段“{value['stage']}”不认识，可写：{'、'.join(stages)}")
        else:
            lines.append(
                SchoolLine(
                    name=value["name"],
                    aliases=tuple(alias.strip() for alias in value["aliases"].split("|") if alias.strip()),
                    stage=stages.get(value["stage"]),
                    town=value["town"],
                    urban=value["area"] == URBAN,
                    private=value["ownership"] == PRIVATE,
                    parent=value["parent"],
                    told={name: value[name] for name in _OPTIONAL if name in (rows.fieldnames or ())},
                )
            )
    if problems:
        raise DomainError("；".join(problems) + "。整份名单没有导入，请改好再试。")
    return lines


def load_schools(session: Session, lines: list[SchoolLine], *, actor: Actor) -> Loaded:
    """Enters new schools and brings known ones up to date, by their names."""
    known = {row.name: row for row in session.scalars(sa.select(School))}
    added = changed = 0
    for line in lines:
        row = known.get(line.name)
        if row is None:
            row = known[line.name] = School(name=line.name)
            session.add(row)
            added += 1
        row.stage, row.town = line.stage, line.town
        row.urban, row.private = line.urban, line.private
        for name, text in line.told.items():
            setattr(row, name, text)
        changed += row not in session.new and session.is_modified(row)
    session.flush()
    for line in lines:
        row = known[line.name]
        if line.parent:
            if line.parent not in known:
                raise DomainError(f"“{line.name}”的上级学校“{line.parent}”不在名单里。")
            row.parent_id = known[line.parent].id
        _set_aliases(session, row, line.aliases)
    registers.note_schools_changed(session)
    audit.record(session, "schools.loaded", actor=actor.username, added=added, changed=changed)
    return Loaded(added=added, changed=changed)


def _set_aliases(session: Session, school: School, wanted: tuple[str, ...]) -> None:
    known = set(session.scalars(sa.select(SchoolAlias.alias).where(SchoolAlias.school_id == school.id)))
    session.add_all(
        SchoolAlias(school_id=school.id, alias=alias) for alias in dict.fromkeys(wanted) if alias not in known
    )
