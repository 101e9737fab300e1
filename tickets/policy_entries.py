"""Policy entries (政策口径): what may be answered on the telephone, every wording kept, and which one somebody was answered with."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from accounts.actor import SYSTEM, Actor
from accounts.models import Section
from accounts.vocabulary import Role
from core import audit
from core.clock import now, office_day
from core.errors import DomainError, NotFound, StaleVersion
from core.text import clean_line, clean_text
from tickets.models import PolicyEntry, PolicyUse, PolicyVersion, School, Ticket
from tickets.suggestions.policies import PolicyFacts, PolicyReader
from tickets.vocabulary import Stage

POLICIES_FILE = Path(__file__).resolve().parent.parent / "config" / "policies.toml"
CHECK_BEFORE_END = timedelta(days=30)
CHECK_EVERY = timedelta(days=365)
SHIPPED = "随软件提供"
_SHOWN = 3


@dataclass(frozen=True, kw_only=True)
class Wording:
    """What a person writes into an entry."""

    question: str
    answer: str
    source: str
    valid_from: date | None = None
    valid_until: date | None = None
    stage: Stage | None = None
    category: str | None = None
    section_id: int | None = None
    keywords: str = ""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """An entry as it stands, or stood in one version."""

    id: int  # of the entry
    version_id: int
    version: int
    withdrawn: bool
    wording: Wording
    section: str
    checked_on: date | None
    checked_by: str
    saved_by: str
    saved_at: Any

    def usable(self, day: date) -> bool:
        """Whether it may be answered with on a day."""
        said = self.wording
        begun = said.valid_from is None or said.valid_from <= day
        return not self.withdrawn and begun and (said.valid_until is None or day <= said.valid_until)

    def to_check(self, day: date) -> str:
        """Why somebody should hold it against its source again; empty if nobody need to."""
        until = self.wording.valid_until
        if self.withdrawn:
            return ""
        if until is not None and until < day:
            return "有效期已过，不再推荐；请核对后改有效期，或停用"
        if until is not None and until - day <= CHECK_BEFORE_END:
            return "有效期快到了，请核对依据是否还有效"
        if self.checked_on is None:
            return "还没有人核对过依据"
        return "一年没有核对了" if day - self.checked_on > CHECK_EVERY else ""


def may_edit(actor: Actor) -> bool:
    """The heads of the sections answer for what is said in their name."""
    return actor.has(Role.HEAD)


def entries(session: Session) -> list[Entry]:
    """All as they stand now, those in use first."""
    query = _versions().where(PolicyVersion.version == PolicyEntry.version)
    found = [_entry(row) for row in session.execute(query)]
    return sorted(found, key=lambda entry: (entry.withdrawn, entry.wording.category or "~", entry.id))


def entry(session: Session, entry_id: int, *, version: int | None = None) -> Entry:
    """One entry as it stands or stood; NotFound."""
    wanted = PolicyVersion.version == (PolicyEntry.version if version is None else version)
    row = session.execute(_versions().where(PolicyEntry.id == entry_id, wanted)).one_or_none()
    if row is None:
        raise NotFound("没有这一条政策口径。")
    return _entry(row)


def history_of(session: Session, entry_id: int) -> list[Entry]:
    """Every wording it has had, the newest first."""
    query = _versions().where(PolicyEntry.id == entry_id).order_by(PolicyVersion.version.desc())
    return [_entry(row) for row in session.execute(query)]


def fitting(session: Session, text: str, *, category: str = "", school_id: int | None = None) -> list[Entry]:
    """The entries that answer what is being asked, today."""
    today = office_day(now())
    usable = {each.version_id: each for each in entries(session) if each.usable(today)}
    stage = (
        session.execute(sa.select(School.stage).where(School.id == school_id)).scalar() if school_id else None
    )
    reader = PolicyReader(
        PolicyFacts(
            id=each.version_id,
            question=each.wording.question,
            keywords=tuple(keywords_of(each.wording.keywords)),
            category=each.wording.category or "",
            stage=each.wording.stage.value if each.wording.stage else "",
        )
        for each in usable.values()
    )
    found = reader.fitting(text, category=category, stage=stage.value if stage else "", limit=_SHOWN)
    return [usable[version_id] for version_id in found]


def usable_version(session: Session, version_id: int) -> Entry | None:
    """The entry of a version that is the present one and may be used today."""
    query = _versions().where(PolicyVersion.id == version_id, PolicyVersion.version == PolicyEntry.version)
    row = session.execute(query).one_or_none()
    found = _entry(row) if row else None
    return found if found and found.usable(office_day(now())) else None


def save(
    session: Session,
    wording: Wording,
    *,
    actor: Actor,
    entry_id: int | None = None,
    version: int = 0,
    checked: bool,
) -> PolicyVersion:
    """A new entry, or a new version of one; StaleVersion if somebody else has changed it meanwhile."""
    said = _checked(wording)
    row = PolicyEntry(key=None, version=1)
    before = None
    if entry_id is None:
        session.add(row)
        session.flush()
    else:
        row = _locked(session, entry_id, version)
        before = entry(session, entry_id)
        row.version += 1
    checked_on = office_day(now()) if checked else (before.checked_on if before else None)
    checked_by = actor.display_name if checked else (before.checked_by if before else "")
    row.withdrawn = False
    return _add_version(session, row, said, actor=actor, checked=(checked_on, checked_by))


def withdraw(session: Session, entry_id: int, *, actor: Actor, version: int) -> None:
    """Takes an entry out of use; it stays readable, and can be taken up again by saving it anew."""
    row = _locked(session, entry_id, version)
    before = entry(session, entry_id)
    row.version += 1
    row.withdrawn = True
    _add_version(session, row, before.wording, actor=actor, checked=(before.checked_on, before.checked_by))


def note_use(session: Session, ticket: Ticket, version_id: int, *, actor: Actor) -> None:
    """Writes down with which wording a caller was answered."""
    session.add(
        PolicyUse(
            ticket_id=ticket.id, policy_version_id=version_id, used_by=actor.display_name, used_at=now()
        )
    )
    audit.record(
        session, "policy.used", actor=actor.username, object_ref=ticket.ref, policy_version=version_id
    )


def used_in(session: Session, ticket_id: int) -> list[Entry]:
    """The wordings with which the caller of a ticket was answered."""
    query = _versions().join(PolicyUse, PolicyUse.policy_version_id == PolicyVersion.id)
    return [_entry(row) for row in session.execute(query.where(PolicyUse.ticket_id == ticket_id))]


def seed(session: Session) -> None:
    """Enters the entries of config/policies.toml that the installation has never had."""
    with POLICIES_FILE.open("rb") as file:
        shipped: list[dict[str, Any]] = tomllib.load(file)["entries"]
    known = set(session.scalars(sa.select(PolicyEntry.key).where(PolicyEntry.key.is_not(None))))
    for each in shipped:
        if each["key"] in known:
            continue
        row = PolicyEntry(key=each["key"], version=1)
        session.add(row)
        session.flush()
        wording = Wording(
            question=each["question"],
            answer=each["answer"],
            source=each["source"],
            stage=Stage(each["stage"]) if "stage" in each else None,
            category=each.get("category"),
            keywords="、".join(each["keywords"]),
        )
        _add_version(session, row, wording, actor=SYSTEM, checked=(None, ""))


def keywords_of(text: str) -> Iterable[str]:
    """The words of a list as people write one."""
    for sign in "，,；;\n/|":
        text = text.replace(sign, "、")
    return (word for each in text.split("、") if (word := each.strip()))


def _checked(wording: Wording) -> Wording:
    said = Wording(
        **{
            **{field.name: getattr(wording, field.name) for field in fields(wording)},
            "question": clean_line(wording.question),
            "answer": clean_text(wording.answer).strip(),
            "source": clean_line(wording.source),
            "keywords": "、".join(keywords_of(clean_text(wording.keywords))),
        }
    )
    if not (said.question and said.answer and said.source):
        raise DomainError("问题、答复、依据三样都要写：没有依据的话不能替局里说。")
    if said.valid_from and said.valid_until and said.valid_until < said.valid_from:
        raise DomainError("有效期的截止日在起始日之前，请核对。")
    return said


def _locked(session: Session, entry_id: int, version: int) -> PolicyEntry:
    row = session.get(PolicyEntry, entry_id, with_for_update=True)
    if row is None:
        raise NotFound("没有这一条政策口径。")
    if row.version != version:
        raise StaleVersion("这一条刚刚被别人改过。您写的在下面，没有丢；请对照现在的内容再保存一次。")
    return row


def _add_version(
    session: Session,
    row: PolicyEntry,
    said: Wording,
    *,
    actor: Actor,
    checked: tuple[date | None, str],
) -> PolicyVersion:
    version = PolicyVersion(
        entry_id=row.id,
        version=row.version,
        **{field.name: getattr(said, field.name) for field in fields(said)},
        checked_on=checked[0],
        checked_by=checked[1],
        withdrawn=row.withdrawn,
        saved_by=actor.display_name if actor.id is not None else SHIPPED,
        saved_at=now(),
    )
    session.add(version)
    audit.record(
        session,
        "policy.withdrawn" if row.withdrawn else "policy.saved",
        actor=actor.username,
        object_ref=f"policy/{row.id}",
        version=row.version,
    )
    return version


def _versions() -> sa.Select[PolicyVersion, str]:
    return (
        sa.select(PolicyVersion, Section.name.label("section"))
        .join(PolicyEntry, PolicyEntry.id == PolicyVersion.entry_id)
        .outerjoin(Section, Section.id == PolicyVersion.section_id)
    )


def _entry(row: Any) -> Entry:
    found: PolicyVersion = row.PolicyVersion
    return Entry(
        id=found.entry_id,
        version_id=found.id,
        version=found.version,
        withdrawn=found.withdrawn,
        wording=Wording(**{field.name: getattr(found, field.name) for field in fields(Wording)}),
        section=row.section or "",
        checked_on=found.checked_on,
        checked_by=found.checked_by,
        saved_by=found.saved_by,
        saved_at=found.saved_at,
    )
