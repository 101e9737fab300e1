"""Complaints of one matter linked into a group (关联组): found together, each still a ticket with its own deadlines and answer.

Merging makes thirty complaints one case; a group only says that they belong together: across sections, with closed ones, before
anybody has decided to merge. A person sees of a group what he may see of its tickets.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from accounts.actor import Actor
from core import audit
from core.clock import now
from core.errors import DomainError, NotAllowed, NotFound
from core.text import clean_line
from tickets import identity, registers
from tickets.models import GroupMember, RelatedGroup, Ticket
from tickets.policy import Permission, may
from tickets.queries import detail, listing
from tickets.queries.detail import Seen
from tickets.queries.listing import Row
from tickets.visibility import visible_to

NAME_LENGTH = 40
AT_MOST = 500


@dataclass(frozen=True, kw_only=True)
class Group:
    """A group as one person sees it: of its tickets those he may see."""

    id: int
    name: str
    made_by: str
    made_at: datetime
    rows: Sequence[Row]


def group_of(session: Session, ticket_id: int) -> RelatedGroup | None:
    """The group a ticket is in."""
    return session.scalars(
        sa.select(RelatedGroup)
        .join(GroupMember, GroupMember.group_id == RelatedGroup.id)
        .where(GroupMember.ticket_id == ticket_id)
    ).one_or_none()


def group_seen(session: Session, actor: Actor, group_id: int) -> Group:
    """A group; NotFound for one of which this person may see no ticket."""
    row = session.get(RelatedGroup, group_id)
    members = sa.select(GroupMember.ticket_id).where(GroupMember.group_id == group_id)
    rows = listing.rows_where(session, actor, Ticket.id.in_(members), now(), limit=AT_MOST)
    if row is None or not rows:
        raise NotFound("没有这个关联组。")
    return Group(id=row.id, name=row.name, made_by=row.made_by, made_at=row.made_at, rows=rows)


def link(session: Session, actor: Actor, number: str, other: str, *, name: str = "") -> RelatedGroup:
    """Puts two tickets into one group: that of either, or a new one."""
    first, second = _to_link(session, actor, number), _seen(session, actor, other)
    if first.ticket.id == second.ticket.id:
        raise DomainError("这是同一件，请填另一件的编号。")
    here, there = group_of(session, first.ticket.id), group_of(session, second.ticket.id)
    if here and there and here.id != there.id:
        raise DomainError(f"两件已分别在“{here.name}”和“{there.name}”里，请先从一个组里移出，再关联。")
    group = here or there or _new_group(session, actor, name or second.ticket.title, first, second)
    for seen, present in ((first, here), (second, there)):
        if present is None:
            session.add(
                GroupMember(
                    ticket_id=seen.ticket.id, group_id=group.id, added_by=actor.display_name, added_at=now()
                )
            )
            audit.record(
                session, "ticket.linked", actor=actor.username, object_ref=seen.ticket.ref, group=group.id
            )
    return group


def unlink(session: Session, actor: Actor, number: str) -> None:
    """Takes a ticket out of its group."""
    seen = _to_link(session, actor, number)
    member = session.get(GroupMember, seen.ticket.id)
    if member is None:
        raise DomainError("这一件不在关联组里。")
    audit.record(
        session, "ticket.unlinked", actor=actor.username, object_ref=seen.ticket.ref, group=member.group_id
    )
    session.delete(member)


def may_link(actor: Actor, seen: Seen) -> bool:
    return may(actor, Permission.EDIT, seen.facts)


def _new_group(session: Session, actor: Actor, name: str, first: Seen, second: Seen) -> RelatedGroup:
    """Its name is seen by whoever sees any of the tickets: what a pattern can know of a person does not stand in it, and a
    ticket that few may know of does not give it its title."""
    secret = any(
        seen.ticket.secrecy.value == "restricted" or seen.ticket.conflict for seen in (first, second)
    )
    said = "有关联的几件" if secret else clean_line(name, NAME_LENGTH) or "有关联的几件"
    masker = identity.masker_for((), registers.public_words(session))
    (masked,) = masker.mask_all(said)
    group = RelatedGroup(name=masked.text, made_by=actor.display_name, made_at=now())
    session.add(group)
    session.flush()
    return group


def _to_link(session: Session, actor: Actor, number: str) -> Seen:
    seen = detail.seen_by(session, actor, number)
    if not may_link(actor, seen):
        raise NotAllowed("关联要由承办股室的人来做。")
    return seen


def _seen(session: Session, actor: Actor, number: str) -> Seen:
    """Another ticket; that one exists which this person may not see is not told."""
    found = session.execute(
        sa.select(Ticket.number).where(Ticket.number == clean_line(number).upper(), visible_to(actor))
    ).scalar_one_or_none()
    if found is None:
        raise DomainError("没有找到这个编号的诉求件，请核对。")
    return detail.seen_by(session, actor, found)
