"""A list of schools as somebody keeps it in a spreadsheet: its headings, its rows, everything that is wrong with them. Pure."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from core.errors import DomainError
from core.text import clean_line
from tickets.masking.phones import normalise_phone
from tickets.vocabulary import ContactRole, Stage

MOST_ROWS = 3000
URBAN, RURAL = "城区", "乡镇"
PUBLIC, PRIVATE = "公办", "民办"
# What the columns are called: the word of the file format, and the one of a form somebody fills in.
HEADINGS: dict[str, str] = {
    "name": "学校名称",
    "aliases": "别名",
    "stage": "学段",
    "town": "乡镇",
    "area": "城乡",
    "ownership": "办学性质",
    "parent": "中心学校",
    "contact": "联络方式",
    "care_hours": "课后服务时段",
    "care_fee": "课后服务收费",
    **{role.value: role.label for role in ContactRole},
    **{f"{role.value}_phone": f"{role.label}电话" for role in ContactRole},
    "since": "任职起",
}
# A file without one of these leaves what the register holds.
TOLD = ("contact", "care_hours", "care_fee")
_NEEDED = ("name", "stage")
_SEVERAL_STAGES = {"", "九年一贯", "完全学校", "多学段"}


@dataclass(frozen=True, kw_only=True)
class Person:
    """Whom to call at a school."""

    role: ContactRole
    name: str
    phone: str


@dataclass(frozen=True, kw_only=True)
class SchoolLine:
    """One line of the file, understood as far as it can be. `wrong` keeps it out, `doubtful` wants a look."""

    row: int
    name: str
    aliases: tuple[str, ...] = ()
    stage: Stage | None = None
    town: str = ""
    urban: bool = False
    private: bool = False
    parent: str = ""
    told: dict[str, str] = field(default_factory=dict)  # of the optional columns, those the file has
    people: tuple[Person, ...] = ()
    since: date | None = None
    wrong: tuple[str, ...] = ()
    doubtful: tuple[str, ...] = ()

    def facts(self) -> dict[str, object]:
        """What the register keeps of it, by column."""
        return {
            "stage": self.stage,
            "town": self.town,
            "urban": self.urban,
            "private": self.private,
            **self.told,
        }


@dataclass(frozen=True, kw_only=True)
class KnownSchool:
    """A school of the register, for comparison."""

    name: str
    aliases: frozenset[str] = frozenset()


def csv_rows(text: str) -> list[list[str]]:
    """The cells of a CSV file."""
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))


def as_csv(rows: Iterable[Sequence[str]]) -> str:
    """The cells as a CSV file again."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


def read_table(rows: Sequence[Sequence[str]]) -> list[SchoolLine]:
    """Understands the rows under the heading; DomainError if the heading itself cannot be used."""
    words = {label: key for key, label in HEADINGS.items()} | {key: key for key in HEADINGS}
    columns = [words.get(clean_line(cell), "") for cell in rows[0]] if rows else []
    if missing := [key for key in _NEEDED if key not in columns]:
        named = "、".join(f"{HEADINGS[key]}（{key}）" for key in missing)
        raise DomainError(f"学校名单缺少这些列：{named}。应有：{','.join(HEADINGS.values())}")
    if len(rows) > MOST_ROWS:
        raise DomainError(f"学校名单超过 {MOST_ROWS} 行，请分几次导入。")
    lines = []
    for number, row in enumerate(rows[1:], start=2):
        cells = dict.fromkeys(HEADINGS, "") | {
            key: clean_line(cell) for key, cell in zip(columns, row, strict=False) if key
        }
        if any(cells.values()):
            lines.append(_line(number, cells, frozenset(columns)))
    return lines


def _line(number: int, cells: dict[str, str], columns: frozenset[str]) -> SchoolLine:
    stages = {stage.value: stage for stage in Stage} | {stage.label: stage for stage in Stage}
    wrong = [] if cells["name"] else ["没有学校名称"]
    if cells["stage"] not in stages and cells["stage"] not in _SEVERAL_STAGES:
        known = "、".join(stage.label for stage in Stage)
        wrong.append(f"学段“{cells['stage']}”不认识，可写：{known}；几个学段的留空")
    for key, allowed in (("area", (URBAN, RURAL)), ("ownership", (PUBLIC, PRIVATE))):
        if cells[key] and cells[key] not in allowed:
            wrong.append(f"{HEADINGS[key]}“{cells[key]}”不认识，可写：{'、'.join(allowed)}")
    if cells["parent"] and cells["parent"] == cells["name"]:
        wrong.append("中心学校是它自己")
    people = []
    for role in ContactRole:
        name, phone = cells[role.value], cells[f"{role.value}_phone"]
        if phone and normalise_phone(phone) is None:
            wrong.append(f"{role.label}电话“{phone}”不是电话号码")
        elif phone and not name:
            wrong.append(f"有{role.label}电话，没有{role.label}姓名")
        elif name:
            people.append(Person(role=role, name=name, phone=phone))
    since = _day(cells["since"])
    if cells["since"] and since is None:
        wrong.append(f"任职起“{cells['since']}”不是日期，请写成 2026-09-01")
    aliases = tuple(
        dict.fromkeys(
            alias.strip() for alias in cells["aliases"].replace("、", "|").split("|") if alias.strip()
        )
    )
    doubtful = [f"别名“{alias}”太短，不会用来认学校" for alias in aliases if len(alias) < 2]
    return SchoolLine(
        row=number,
        name=cells["name"],
        aliases=aliases,
        stage=stages.get(cells["stage"]),
        town=cells["town"],
        urban=cells["area"] == URBAN,
        private=cells["ownership"] == PRIVATE,
        parent=cells["parent"],
        told={key: cells[key] for key in TOLD if key in columns},
        people=tuple(people),
        since=since,
        wrong=tuple(wrong),
        doubtful=tuple(doubtful),
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.replace("/", "-").split(" ")[0]) if text else None
    except ValueError:
        return None


def compared(lines: Sequence[SchoolLine], known: Iterable[KnownSchool]) -> list[SchoolLine]:
    """The lines with what is wrong with them beside each other and beside the register."""
    register = {school.name: school for school in known}
    names = Counter(line.name for line in lines)
    owners: dict[str, set[str]] = {}
    for name, aliases in [
        *((school.name, school.aliases) for school in register.values()),
        *((line.name, line.aliases) for line in lines),
    ]:
        for alias in aliases:
            owners.setdefault(alias, set()).add(name)
    all_names = set(register) | set(names)
    found = []
    for line in lines:
        wrong, doubtful = list(line.wrong), list(line.doubtful)
        if line.name and names[line.name] > 1:
            wrong.append("学校名称在名单里出现了几次")
        if line.name and line.name not in register and (others := owners.get(line.name, set()) - {line.name}):
            doubtful.append(f"这个名称是“{'、'.join(sorted(others))}”的别名：如果是改名，请到该校页面改")
        if line.parent and line.parent not in all_names:
            wrong.append(f"中心学校“{line.parent}”不在名单里，也没有登记过")
        for alias in line.aliases:
            if others := owners[alias] - {line.name}:
                doubtful.append(f"别名“{alias}”也是“{'、'.join(sorted(others))}”的别名")
            elif alias in all_names - {line.name}:
                doubtful.append(f"别名“{alias}”是另一所学校的名称")
        found.append(_with(line, wrong, doubtful))
    return found


def _with(line: SchoolLine, wrong: Sequence[str], doubtful: Sequence[str]) -> SchoolLine:
    return replace(line, wrong=tuple(wrong), doubtful=tuple(doubtful))
