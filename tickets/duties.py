"""Who does the next step when the one it belongs to may not, is away or is not there: the stand-in table (人手替补链).

Review is always apart from the work, calling back nearly always. The order is: the section itself, another section, for
calling back the head who has reviewed it, the leader. Whoever is named here can really do it; nobody needs to share a
password.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlalchemy.orm import Session

from accounts.actor import Actor, actor_of
from accounts.models import Account, AccountRole, Section
from accounts.vocabulary import Role
from tickets.action_table import ActionRule, Step
from tickets.actions import Asker, TicketState, next_step, not_now
from tickets.past import StandIn
from tickets.vocabulary import Duty, Secrecy

_AT_WORK = (Role.CLERK, Role.HANDLER, Role.HEAD, Role.LEADER)


@dataclass(frozen=True, kw_only=True)
class NextPerson:
    """Who does it next. `send_to` is the section it has to be sent to first, `to_leader` that it goes to the leader."""

    people: tuple[Actor, ...]
    sentence: str
    send_to: int | None = None
    to_leader: bool = False


def next_person(
    rule: ActionRule, state: TicketState, people: Sequence[Actor], sections: Mapping[int, str]
) -> NextPerson:
    """Who can do the next step of an act on a ticket, among the people of the office. Pure."""
    step = next_step(rule, state)
    what = step.label or rule.action.label
    able = _able(rule, step, state, people)
    rested = [person for person in able if not _reviewed(step, state, person)]
    if rested:
        return _told(rested, f"可以由{_names(rested)}办理“{what}”。")
    if step.duty is not None:
        elsewhere = _elsewhere(rule, step, state, people, step.duty)
        for section_id, there in elsewhere.items():
            sentence = f"请送{sections.get(section_id, '另一股室')}（{_names(there)}）办理“{what}”。"
            return replace(_told(there, sentence), send_to=section_id)
    if able:
        return _told(able, f"可以由{_names(able)}办理“{what}”。")
    if step.duty is not None:
        leaders = _able(rule, step, _sent(state, StandIn(duty=step.duty, section_id=None)), people)
        if leaders:
            return replace(_told(leaders, f"请送分管领导（{_names(leaders)}）办理“{what}”。"), to_leader=True)
    return _told([], "现在没有人可以办理这一步，请分管领导安排人员，或由系统管理员补充岗位。")


def staff(session: Session) -> list[Actor]:
    """Everybody who may have a part in a ticket."""
    rows = session.scalars(
        sa.select(Account)
        .where(
            Account.disabled_at.is_(None),
            sa.exists().where(AccountRole.account_id == Account.id, AccountRole.role.in_(_AT_WORK)),
        )
        .order_by(Account.id)
    ).unique()
    return [actor_of(row) for row in rows]


def section_names(session: Session) -> dict[int, str]:
    return {
        row.id: row.name
        for row in session.scalars(sa.select(Section).where(Section.closed.is_(False)).order_by(Section.id))
    }


def _able(rule: ActionRule, step: Step, state: TicketState, people: Sequence[Actor]) -> list[Actor]:
    found = []
    for person in people:
        asker = Asker(actor=person)
        if (
            asker.may(step, state)
            and not asker.barred(rule, step, state)
            and not not_now(rule, step, state, asker)
        ):
            found.append(person)
    return found


def _reviewed(step: Step, state: TicketState, person: Actor) -> bool:
    """Whoever approved the answer asks the complainant about it only if there is really nobody else."""
    return step.duty is Duty.CALL_BACK and person.id == state.past.approved_by


def _elsewhere(
    rule: ActionRule, step: Step, state: TicketState, people: Sequence[Actor], duty: Duty
) -> dict[int, list[Actor]]:
    if state.facts.secrecy is Secrecy.RESTRICTED or state.facts.conflict:
        return {}
    found: dict[int, list[Actor]] = {}
    others = sorted({each for person in people for each in person.section_ids} - {state.facts.section_id})
    for section_id in others:
        sent = _sent(state, StandIn(duty=duty, section_id=section_id))
        there = [
            person
            for person in _able(rule, step, sent, people)
            if section_id in person.section_ids and not person.has(Role.LEADER)
        ]
        if there:
            found[section_id] = there
    return found


def _sent(state: TicketState, stand_in: StandIn) -> TicketState:
    return replace(state, past=replace(state.past, stand_ins=state.past.stand_ins | {stand_in}))


def _told(people: Sequence[Actor], sentence: str) -> NextPerson:
    return NextPerson(people=tuple(people), sentence=sentence)


def _names(people: Sequence[Actor]) -> str:
    shown = "、".join(person.display_name for person in people[:3])
    return f"{shown}等" if len(people) > 3 else shown
