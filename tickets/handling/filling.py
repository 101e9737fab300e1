"""What was typed with an act: checked against its fields, masked for everybody's work, kept sealed as it was typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TypeVar

from sqlalchemy.orm import Session

from core import vault
from core.clock import OFFICE_ZONE, now
from core.errors import DomainError
from core.labels import Labelled
from core.text import clean_line, clean_text
from tickets import identity, messages
from tickets.action_table import Field, Kind, Step
from tickets.models import Ticket

_Choice = TypeVar("_Choice", bound=Labelled)

_FREE = frozenset({Kind.TEXT, Kind.LINE})
_ON = frozenset({"on", "yes", "true", "1", "y", "是"})
LONGEST = 20_000


@dataclass(frozen=True)
class Filled:
    """The fields of a step by name. `said` is what was typed, `working` the same with every identity masked."""

    said: Mapping[str, str]
    working: Mapping[str, str]
    step: Step
    _given: Mapping[str, str] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """The working text; empty if nothing was typed."""
        return self.working.get(name, "")

    def raw(self, name: str) -> str:
        """What is no free text: a choice, a name of the register, a date."""
        return self._given.get(name, "")

    def switched_on(self, name: str) -> bool:
        return self.raw(name).casefold() in _ON

    def choice(self, name: str, kind: type[_Choice]) -> _Choice:
        return kind(self.raw(name))

    def choice_or_none(self, name: str, kind: type[_Choice]) -> _Choice | None:
        return kind(self.raw(name)) if self.raw(name) else None

    def day(self, name: str) -> date | None:
        return date.fromisoformat(self.raw(name)) if self.raw(name) else None

    def days(self, name: str) -> int:
        return int(self.raw(name))

    def moment(self, name: str) -> datetime:
        """The moment that was typed, in the office's zone unless it names its own; the present one if none was."""
        return _moment(self.raw(name)) if self.raw(name) else now()

    def for_history(self) -> dict[str, object]:
        """All but the reason, which has its own column."""
        found: dict[str, object] = {name: text for name, text in self.working.items() if name != "reason"}
        return {**found, **self._given}


def fill(session: Session, ticket: Ticket, step: Step, fields: Mapping[str, str], *, position: int) -> Filled:
    """Reads the fields of a step; DomainError names everything that is missing or wrong in one sentence.

    What a pattern found in a free text is sealed under `<field>@<position of the event>`, as it was typed.
    """
    said, given, troubles = {}, {}, []
    for each in step.fields:
        if each.kind is Kind.FILES:
            continue
        value = fields.get(each.name, "")
        text = clean_text(value).strip() if each.kind is Kind.TEXT else clean_line(value)
        trouble = _trouble(each, text)
        if trouble:
            troubles.append(trouble)
        elif text and each.kind in _FREE:
            said[each.name] = text
        elif text:
            given[each.name] = text
    if troubles:
        raise DomainError("；".join(troubles) + "。")
    working = _masked(session, ticket, said, position)
    return Filled(said=said, working=working, step=step, _given=given)


def _trouble(wanted: Field, text: str) -> str:
    if not text:
        return f"请填写“{wanted.label}”" if wanted.required else ""
    if len(text) > LONGEST:
        return f"“{wanted.label}”太长，最多 {LONGEST} 字"
    if wanted.choices is not None and text not in {str(each) for each in wanted.choices}:
        return f"“{wanted.label}”没有这一项"
    try:
        match wanted.kind:
            case Kind.DAY:
                date.fromisoformat(text)
            case Kind.MOMENT:
                _moment(text)
            case Kind.DAYS if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 365):
                return f"“{wanted.label}”要填 1 以上的天数"
    except ValueError:
        return f"“{wanted.label}”的日期写得不对，请写成 2026-12-01 这样"
    return ""


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=OFFICE_ZONE)).astimezone(UTC)


def _masked(session: Session, ticket: Ticket, said: Mapping[str, str], position: int) -> dict[str, str]:
    if not said:
        return {}
    masker = messages.open_masker(session, ticket)
    masked = dict(zip(said, masker.mask_all(*said.values()), strict=True))
    hidden = {f"{name}@{position}": said[name] for name, each in masked.items() if each.text != said[name]}
    if hidden:
        key = vault.data_key(session, ticket.data_key_id)
        identity.add_verbatim(session, ticket, key, hidden)
        replaced = [found for each in masked.values() for found in each.replaced]
        identity.add_replacements(session, ticket, key, replaced)
    return {name: each.text for name, each in masked.items()}
