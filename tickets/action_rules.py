"""What a line of the table of acts is made of: fields, steps, who, and whom separation of duties keeps away. Pure."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from accounts.vocabulary import Role
from core.labels import Labelled
from tickets.past import ASKED
from tickets.policy import Relation
from tickets.vocabulary import Action, Duty, Status

Who = frozenset[tuple[Role, Relation]]


class Kind(enum.StrEnum):
    """How a field is filled in."""

    TEXT = "text"
    LINE = "line"
    CHOICE = "choice"
    DAY = "day"
    MOMENT = "moment"
    DAYS = "days"
    SWITCH = "switch"
    PERSON = "person"  # a user name of the section
    SECTION = "section"  # a slug
    TICKET = "ticket"  # a number
    CATEGORY = "category"  # a code
    FILES = "files"  # what goes along; not part of the fields


@dataclass(frozen=True, kw_only=True)
class Field:
    """One thing that is asked for with an act."""

    name: str
    label: str
    kind: Kind = Kind.TEXT
    required: bool = False
    choices: type[Labelled] | None = None
    hint: str = ""


class Apart(enum.StrEnum):
    """Whom separation of duties keeps from an act, besides those of earlier steps."""

    HANDLED = "handled"  # whoever has handled this ticket
    REPORTED = "reported"  # whoever reported it done, and whoever it is assigned to
    ASSIGNED = "assigned"  # whoever it is assigned to


@dataclass(frozen=True, kw_only=True)
class Step:
    """What one person does. Most acts have one step; the last one of several carries the act out."""

    who: Who
    fields: tuple[Field, ...] = ()
    name: str = ASKED
    label: str = ""
    apart: frozenset[Apart] = frozenset()
    not_after: frozenset[str] = frozenset()  # steps whose person may not do this one
    duty: Duty | None = None  # under which it can be sent to somebody else

    @property
    def on_paper(self) -> bool:
        """Whether a head or leader may have decided it on paper, to be entered by somebody else."""
        return self.duty is Duty.REVIEW or self.who == LEADERS


@dataclass(frozen=True, kw_only=True)
class ActionRule:
    """One line of the table. `targets` names every status it can end in; empty: the status stays."""

    action: Action
    sources: frozenset[Status]
    targets: frozenset[Status]
    steps: tuple[Step, ...]
    by_system: bool = False
    law: str = ""


_NEAR = (Relation.RESPONSIBLE, Relation.HANDLER)


def _pairs(*roles: Role, relations: tuple[Relation, ...] = _NEAR) -> Who:
    return frozenset((role, relation) for role in roles for relation in relations)


HEADS = _pairs(Role.HEAD, relations=(Relation.RESPONSIBLE,))
LEADERS = _pairs(Role.LEADER, relations=(Relation.RESPONSIBLE,))
WORKERS = _pairs(Role.HANDLER, Role.HEAD)
NAMED_OR_HEAD = HEADS | _pairs(Role.HANDLER, Role.HEAD, relations=(Relation.HANDLER,))
TAKING_CALLS = _pairs(Role.CLERK, Role.HANDLER) | {(Role.CLERK, Relation.RECORDER)}
DESK = _pairs(Role.CLERK, Role.HANDLER, Role.HEAD)
ANYONE = DESK | LEADERS
