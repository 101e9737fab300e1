"""Who may see what of a ticket: one table, role × permission × relation. What is not in it, nobody may.

Roles alone give nothing: each line asks for a relation between the person and the ticket as well. Who may perform which
action stands with the actions; it builds on the relations here. Pure; `tickets.visibility` asks the same of the database.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

from accounts.actor import Actor
from accounts.vocabulary import Role
from tickets.vocabulary import Secrecy


class Relation(enum.StrEnum):
    """How a person stands to a ticket; several may hold at once."""

    RESPONSIBLE = "responsible"  # works in the section that answers for it, or is the leader it is given to
    INFORMED = "informed"  # works in a section that was informed
    HANDLER = "handler"  # it is assigned to this person
    RECORDER = "recorder"  # this person wrote it down
    CALLER_BACK = "caller_back"  # works in the section while the ticket waits to be called back
    STAND_IN = "stand_in"  # was sent the call-back: works in that section, or is the leader it went to


class Permission(enum.StrEnum):
    """What may be allowed besides actions."""

    VIEW = "view"  # the page with the working text
    READ_VERBATIM = "read_verbatim"  # what was really written, and the raw mail
    REVEAL = "reveal"  # name, number, address of the complainant
    OPEN_ATTACHMENT = "open_attachment"
    EDIT = "edit"  # working texts, school, category, urgency


@dataclass(frozen=True, kw_only=True)
class TicketFacts:
    """What the policy needs to know of a ticket."""

    section_id: int
    informed_ids: frozenset[int]
    handler_id: int | None
    recorded_by_id: int | None
    secrecy: Secrecy
    conflict: bool
    to_call_back: bool = False
    call_back_sent_to: frozenset[int | None] = frozenset()  # sections; None: the leader


STAFF = (Role.CLERK, Role.HANDLER, Role.HEAD, Role.LEADER)

TABLE: dict[Permission, frozenset[tuple[Role, Relation]]] = {
    Permission.VIEW: frozenset(
        {(role, Relation.RESPONSIBLE) for role in STAFF}
        | {(role, Relation.INFORMED) for role in STAFF}
        | {(role, Relation.HANDLER) for role in STAFF}
        | {(Role.CLERK, Relation.RECORDER)}
    ),
    Permission.READ_VERBATIM: frozenset(
        {(Role.HANDLER, Relation.HANDLER), (Role.HEAD, Relation.RESPONSIBLE)}
    ),
    Permission.REVEAL: frozenset(
        {
            (Role.HANDLER, Relation.HANDLER),
            (Role.HEAD, Relation.HANDLER),
            (Role.HEAD, Relation.RESPONSIBLE),
            (Role.CLERK, Relation.CALLER_BACK),
            (Role.HANDLER, Relation.CALLER_BACK),
            *((role, Relation.STAND_IN) for role in STAFF),
        }
    ),
    Permission.OPEN_ATTACHMENT: frozenset(
        {
            (Role.HANDLER, Relation.HANDLER),
            (Role.HEAD, Relation.RESPONSIBLE),
            (Role.LEADER, Relation.RESPONSIBLE),
        }
    ),
    Permission.EDIT: frozenset(
        {
            (Role.CLERK, Relation.RESPONSIBLE),
            (Role.HANDLER, Relation.RESPONSIBLE),
            (Role.HEAD, Relation.RESPONSIBLE),
        }
    ),
}

# 限制知悉: whoever works in the section is not enough; the people who must act are named here.
_RESTRICTED = frozenset(
    {(Role.HEAD, Relation.RESPONSIBLE), (Role.LEADER, Relation.RESPONSIBLE)}
    | {(role, Relation.HANDLER) for role in STAFF}
)
# A complaint about the section's own people is the leader's until somebody else is named.
_CONFLICT = frozenset({(Role.LEADER, Relation.RESPONSIBLE)} | {(role, Relation.HANDLER) for role in STAFF})


def relations(actor: Actor, facts: TicketFacts) -> frozenset[Relation]:
    """All relations between a person and a ticket."""
    found = set()
    if facts.section_id in actor.section_ids:
        found.add(Relation.RESPONSIBLE)
        if facts.to_call_back:
            found.add(Relation.CALLER_BACK)
    if actor.section_ids & facts.call_back_sent_to or (
        None in facts.call_back_sent_to and Relation.RESPONSIBLE in found and actor.has(Role.LEADER)
    ):
        found.add(Relation.STAND_IN)
    if actor.section_ids & facts.informed_ids:
        found.add(Relation.INFORMED)
    if actor.id is not None and actor.id == facts.handler_id:
        found.add(Relation.HANDLER)
    if actor.id is not None and actor.id == facts.recorded_by_id:
        found.add(Relation.RECORDER)
    return frozenset(found)


def held(actor: Actor, facts: TicketFacts) -> frozenset[tuple[Role, Relation]]:
    """The pairs of role and relation that count for this ticket, narrowed by secrecy and conflict."""
    pairs = {(role, relation) for role in actor.roles for relation in relations(actor, facts)}
    if facts.secrecy is Secrecy.RESTRICTED:
        pairs &= _RESTRICTED
    if facts.conflict:
        pairs &= _CONFLICT
    return frozenset(pairs)


def may(actor: Actor, permission: Permission, facts: TicketFacts) -> bool:
    """Whether the table has a line for this person and this ticket."""
    return not TABLE[permission].isdisjoint(held(actor, facts))
