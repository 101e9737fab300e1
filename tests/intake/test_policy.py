"""Lists and single tickets follow one rule: who may see a ticket finds it in the list, and nobody else does."""

from __future__ import annotations

import itertools
from dataclasses import replace

import sqlalchemy as sa
from flask import Flask

from accounts.actor import Actor
from accounts.models import Account, Section
from accounts.vocabulary import Role
from core.db import db, transaction
from demo.people import actors, add_people
from tests.support.moments import MONDAY_MORNING
from tickets.intake import NewTicket, inform, register
from tickets.models import InformedSection, Ticket
from tickets.policy import Permission, TicketFacts, may
from tickets.visibility import visible_to
from tickets.vocabulary import Channel, Secrecy


def facts_of(ticket: Ticket) -> TicketFacts:
    informed = db.session.scalars(
        sa.select(InformedSection.section_id).where(InformedSection.ticket_id == ticket.id)
    )
    return TicketFacts(
        section_id=ticket.section_id,
        informed_ids=frozenset(informed),
        handler_id=ticket.handler_id,
        recorded_by_id=ticket.recorded_by_id,
        secrecy=ticket.secrecy,
        conflict=ticket.conflict,
    )


def every_kind_of_ticket(people: dict[str, Actor]) -> None:
    """Section × informed × secrecy × conflict × handler × who recorded it."""
    handlers = [None, "wangjun", "huanglan"]
    combinations = itertools.product(
        ("zhongjiao", "chuyoujiao"), (False, True), Secrecy, (False, True), handlers, (None, "chenjie")
    )
    for section, informed, secrecy, conflict, handler, recorder in combinations:
        with transaction() as session:
            new = NewTicket(
                channel=Channel.PHONE,
                received_at=MONDAY_MORNING,
                matter="课后服务",
                section=section,
                secrecy=secrecy,
                conflict=conflict,
            )
            ticket = register(session, new).ticket
            ticket.handler_id = people[handler].id if handler else None
            ticket.recorded_by_id = people[recorder].id if recorder else None
            if informed:
                other = "chuyoujiao" if section == "zhongjiao" else "zhongjiao"
                inform(session, ticket, other, reason="同一来信")


def test_the_list_shows_exactly_the_tickets_that_may_be_viewed(office: Flask) -> None:
    with transaction() as session:
        add_people(session)
    people = dict(actors(db.session()))
    every_kind_of_ticket(people)
    tickets = db.session.scalars(sa.select(Ticket)).all()
    nobody = Actor(id=None, username="x", display_name="x")
    both = frozenset(db.session.scalars(sa.select(Section.id)))
    strangers = [
        Actor(id=9999, username=role, display_name=role, roles=frozenset({role}), section_ids=sections)
        for role in Role
        for sections in (frozenset(), both)
    ]
    seen_by_somebody = set()
    for actor in [*people.values(), nobody, *strangers]:
        listed = set(db.session.scalars(sa.select(Ticket.id).where(visible_to(actor))))
        allowed = {ticket.id for ticket in tickets if may(actor, Permission.VIEW, facts_of(ticket))}
        assert listed == allowed, actor.username
        seen_by_somebody |= listed
    assert seen_by_somebody == {ticket.id for ticket in tickets}  # no ticket is hidden from everybody


def test_supervisor_and_admin_see_no_ticket_and_no_identity_by_their_role(office: Flask) -> None:
    with transaction() as session:
        add_people(session)
        register(session, NewTicket(channel=Channel.PHONE, received_at=MONDAY_MORNING, matter="课后服务"))
    people = actors(db.session())
    ticket = db.session.scalars(sa.select(Ticket)).one()
    assert db.session.scalars(sa.select(Account)).all()
    for name in ("jijian", "guanli"):
        assert not any(may(people[name], permission, facts_of(ticket)) for permission in Permission)


def test_whoever_takes_calls_in_the_section_sees_the_number_only_while_the_ticket_waits_to_be_called_back(
    office: Flask,
) -> None:
    with transaction() as session:
        add_people(session)
    people = actors(db.session())
    here = next(iter(people["linfang"].section_ids))
    waiting = TicketFacts(
        section_id=here,
        informed_ids=frozenset(),
        handler_id=None,
        recorded_by_id=None,
        secrecy=Secrecy.ORDINARY,
        conflict=False,
        to_call_back=True,
    )
    assert may(people["linfang"], Permission.REVEAL, waiting)
    assert not may(people["linfang"], Permission.REVEAL, replace(waiting, to_call_back=False))
    assert not may(people["linfang"], Permission.REVEAL, replace(waiting, secrecy=Secrecy.RESTRICTED))
    assert not may(people["huanglan"], Permission.REVEAL, waiting)
