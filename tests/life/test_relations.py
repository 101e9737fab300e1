"""Role × relation × act: what a relation to a ticket is good for in each role, written by hand after the office's rules.

The steps of `tests/life/test_table.py` are tried on real tickets; here every pair of role and relation is asked alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from accounts.actor import Actor
from accounts.vocabulary import Role
from tickets.action_table import TABLE
from tickets.actions import Asker, TicketState
from tickets.past import Past, StandIn
from tickets.policy import Permission, Relation, TicketFacts, may, relations
from tickets.vocabulary import Action, Duty, Secrecy, Status

HERE, THERE = 1, 2
ME, SOMEBODY = 7, 8
ROLES = {
    "C": Role.CLERK,
    "H": Role.HANDLER,
    "E": Role.HEAD,
    "L": Role.LEADER,
    "S": Role.SUPERVISOR,
    "A": Role.ADMIN,
}

# First who works in the section or leads it, then to whom it is assigned. Being informed, having written it down and
# calling back give no act by themselves, but for the clerk who may answer at once what he has just written down.
DECIDE, DECIDE_AND_LEAD = ("E", ""), ("EL", "")
WORK, OWN_OR_HEAD = ("HE", "HE"), ("E", "HE")
DESK, ANYONE, NOBODY = ("CHE", "CHE"), ("CHEL", "CHE"), ("", "")
EXPECTED: Mapping[tuple[Action, int], tuple[str, str]] = {
    (Action.ACCEPT, 0): WORK,
    (Action.ANSWER_NOW, 0): ("CH", "CH"),
    (Action.START, 0): WORK,
    (Action.REFUSE, 0): DECIDE,
    (Action.HAND_OVER, 0): DECIDE,
    (Action.TRANSFER_OUT, 0): DECIDE,
    (Action.FEEDBACK, 0): DESK,
    (Action.MERGE, 0): WORK,
    (Action.UNMERGE, 0): WORK,
    (Action.SPLIT, 0): WORK,
    (Action.SUSPEND, 0): DECIDE,
    (Action.RESUME, 0): DECIDE,
    (Action.REPORT_DONE, 0): OWN_OR_HEAD,
    (Action.APPROVE, 0): DECIDE_AND_LEAD,
    (Action.SEND_BACK, 0): DECIDE_AND_LEAD,
    (Action.CALLED_BACK, 0): DESK,
    (Action.REDO, 0): DECIDE_AND_LEAD,
    (Action.UPHOLD, 0): DECIDE,
    (Action.UPHOLD, 1): ("L", ""),
    (Action.REOPEN, 0): DECIDE_AND_LEAD,
    (Action.WITHDRAW, 0): WORK,
    (Action.WITHDRAW, 1): DESK,
    (Action.WITHDRAW, 2): DECIDE_AND_LEAD,
    (Action.VOID, 0): ANYONE,
    (Action.VOID, 1): ANYONE,
    (Action.ASSIGN, 0): DECIDE_AND_LEAD,
    (Action.CORRECT, 0): DESK,
    (Action.EXTEND, 0): OWN_OR_HEAD,
    (Action.EXTEND, 1): DECIDE_AND_LEAD,
    (Action.SEND_ON, 0): ANYONE,
    (Action.NOTIFY, 0): DESK,
    (Action.ANSWERED, 0): DESK,
    (Action.UNDELIVERED, 0): DESK,
    (Action.RATED, 0): NOBODY,
    (Action.ASK_FACTS, 0): DESK,
    (Action.NOTICE_BACK, 0): NOBODY,
    (Action.WROTE_AGAIN, 0): NOBODY,
    (Action.LEFT_AS_IS, 0): DECIDE_AND_LEAD,
}


def person(role: Role, relation: Relation) -> Actor:
    """Somebody with this one role who stands in this one relation, and in no other."""
    inside = relation in {Relation.RESPONSIBLE, Relation.CALLER_BACK}
    outside = relation in {Relation.INFORMED, Relation.STAND_IN}
    sections = frozenset({HERE}) if inside else frozenset({THERE}) if outside else frozenset[int]()
    return Actor(id=ME, username="me", display_name="me", roles=frozenset({role}), section_ids=sections)


def state(relation: Relation, *, secrecy: Secrecy = Secrecy.ORDINARY, conflict: bool = False) -> TicketState:
    facts = TicketFacts(
        section_id=HERE,
        informed_ids=frozenset({THERE}) if relation is Relation.INFORMED else frozenset(),
        handler_id=ME if relation is Relation.HANDLER else SOMEBODY,
        recorded_by_id=ME if relation is Relation.RECORDER else SOMEBODY,
        secrecy=secrecy,
        conflict=conflict,
        to_call_back=relation is Relation.CALLER_BACK,
        call_back_sent_to=frozenset({THERE}) if relation is Relation.STAND_IN else frozenset(),
    )
    return TicketState(status=Status.PENDING, facts=facts)


def allowed(action: Action, step: int, role: Role, at: TicketState, relation: Relation) -> bool:
    return Asker(actor=person(role, relation)).may(TABLE[action].steps[step], at)


def cells() -> Iterator[tuple[Action, int]]:
    for action, rule in TABLE.items():
        for place in range(len(rule.steps)):
            yield action, place


def test_every_step_of_every_act_has_its_line_here() -> None:
    assert set(cells()) == set(EXPECTED)


@pytest.mark.parametrize("relation", list(Relation), ids=str)
def test_a_relation_is_the_one_it_is_meant_to_be(relation: Relation) -> None:
    held = relations(person(Role.HANDLER, relation), state(relation).facts)
    beside = {Relation.RESPONSIBLE} if relation is Relation.CALLER_BACK else set()
    assert held == {relation} | beside


@pytest.mark.parametrize(("action", "step"), list(cells()), ids=str)
def test_which_roles_a_relation_is_good_for(action: Action, step: int) -> None:
    in_the_section, assigned = EXPECTED[action, step]
    expected = {
        Relation.RESPONSIBLE: in_the_section,
        Relation.CALLER_BACK: in_the_section,
        Relation.HANDLER: assigned,
        Relation.INFORMED: "",
        Relation.RECORDER: "C" if action is Action.ANSWER_NOW else "",
        Relation.STAND_IN: "",
    }
    for relation, letters in expected.items():
        at = state(relation)
        found = "".join(key for key, role in ROLES.items() if allowed(action, step, role, at, relation))
        assert found == "".join(key for key in ROLES if key in letters), relation


@pytest.mark.parametrize(("action", "step"), list(cells()), ids=str)
def test_what_few_may_know_is_for_head_leader_and_whom_it_was_given_to(action: Action, step: int) -> None:
    in_the_section, assigned = EXPECTED[action, step]
    kept = {
        Relation.RESPONSIBLE: in_the_section.replace("C", "").replace("H", ""),
        Relation.HANDLER: assigned,
    }
    for relation in Relation:
        at = state(relation, secrecy=Secrecy.RESTRICTED)
        letters = kept.get(Relation.RESPONSIBLE if relation is Relation.CALLER_BACK else relation, "")
        found = "".join(key for key, role in ROLES.items() if allowed(action, step, role, at, relation))
        assert found == "".join(key for key in ROLES if key in letters), relation


@pytest.mark.parametrize(("action", "step"), list(cells()), ids=str)
def test_what_is_about_the_section_itself_is_the_leaders(action: Action, step: int) -> None:
    """Also what a head would decide otherwise; the head himself has no part in it."""
    in_the_section, assigned = EXPECTED[action, step]
    by_leader = "L" if set(in_the_section) & set("EL") else ""
    for relation in Relation:
        at = state(relation, conflict=True)
        inside = relation in {Relation.RESPONSIBLE, Relation.CALLER_BACK}
        letters = by_leader if inside else assigned if relation is Relation.HANDLER else ""
        found = "".join(key for key, role in ROLES.items() if allowed(action, step, role, at, relation))
        assert found == "".join(key for key in ROLES if key in letters), relation


@pytest.mark.parametrize(("action", "step"), list(cells()), ids=str)
def test_a_duty_that_was_sent_on_is_done_by_the_same_role_elsewhere(action: Action, step: int) -> None:
    duty = TABLE[action].steps[step].duty
    in_the_section, _ = EXPECTED[action, step]
    for sent in Duty:
        facts = state(Relation.INFORMED).facts
        past = Past(stand_ins=frozenset({StandIn(duty=sent, section_id=THERE)}))
        at = TicketState(status=Status.PENDING, facts=facts, past=past)
        letters = in_the_section.replace("L", "") if sent is duty else ""
        found = "".join(
            key for key, role in ROLES.items() if allowed(action, step, role, at, Relation.INFORMED)
        )
        assert found == "".join(key for key in ROLES if key in letters), sent


def test_who_opens_the_number_that_is_to_be_dialled() -> None:
    """Whoever handles it, the head, whoever calls back here or was asked to elsewhere; never supervisor or admin."""
    expected = {
        Relation.RESPONSIBLE: "E",
        Relation.CALLER_BACK: "CHE",
        Relation.HANDLER: "HE",
        Relation.INFORMED: "",
        Relation.RECORDER: "",
        Relation.STAND_IN: "CHEL",
    }
    for relation, letters in expected.items():
        facts = state(relation).facts
        found = "".join(
            key for key, role in ROLES.items() if may(person(role, relation), Permission.REVEAL, facts)
        )
        assert found == letters, relation
