"""Who may look after whose account: a table."""

from __future__ import annotations

import pytest

from accounts import rules
from accounts.actor import SYSTEM, Actor
from accounts.vocabulary import Role
from core.errors import DomainError


def person(number: int, *roles: Role, sections: tuple[int, ...] = (1,)) -> Actor:
    return Actor(
        id=number,
        username=f"u{number}",
        display_name=f"u{number}",
        roles=frozenset(roles),
        section_ids=frozenset(sections),
    )


HEAD = person(1, Role.HEAD, Role.HANDLER)
ADMIN = person(2, Role.ADMIN, sections=())


@pytest.mark.parametrize(
    ("actor", "whom", "may"),
    [
        pytest.param(HEAD, person(3, Role.CLERK), True, id="head: own clerk"),
        pytest.param(HEAD, person(3, Role.CLERK, Role.HANDLER), True, id="head: own clerk and handler"),
        pytest.param(HEAD, person(3, Role.CLERK, sections=(2,)), False, id="head: another section's clerk"),
        pytest.param(HEAD, person(3, Role.CLERK, sections=(1, 2)), False, id="head: clerk of two sections"),
        pytest.param(HEAD, person(3, Role.CLERK, sections=()), False, id="head: clerk of none"),
        pytest.param(HEAD, person(3, Role.HEAD), False, id="head: the other head"),
        pytest.param(HEAD, person(3, Role.CLERK, Role.ADMIN), False, id="head: a clerk who is admin too"),
        pytest.param(HEAD, person(3, Role.LEADER), False, id="head: leader"),
        pytest.param(HEAD, HEAD, False, id="head: himself"),
        pytest.param(ADMIN, person(3, Role.LEADER, sections=()), True, id="admin: leader"),
        pytest.param(ADMIN, person(3, Role.ADMIN), True, id="admin: the other admin"),
        pytest.param(ADMIN, ADMIN, False, id="admin: himself"),
        pytest.param(person(4, Role.LEADER), person(3, Role.CLERK), False, id="leader"),
        pytest.param(person(4, Role.SUPERVISOR), person(3, Role.CLERK), False, id="supervisor"),
        pytest.param(person(4, Role.HANDLER, Role.CLERK), person(3, Role.CLERK), False, id="colleague"),
        pytest.param(SYSTEM, ADMIN, True, id="the operator at the terminal"),
    ],
)
def test_who_looks_after_whom(actor: Actor, whom: Actor, may: bool) -> None:
    assert rules.may_look_after(actor, whom) is may


@pytest.mark.parametrize("role", [Role.HEAD, Role.LEADER, Role.SUPERVISOR, Role.ADMIN])
def test_a_head_gives_no_role_above_his_people(role: Role) -> None:
    with pytest.raises(DomainError, match=role.label):
        rules.check_may_grant(HEAD, [Role.CLERK, role])


def test_a_head_places_nobody_elsewhere_and_lets_nobody_slip_away() -> None:
    rules.check_may_place(HEAD, before=[1], after=[1])
    with pytest.raises(DomainError, match="跨股室"):
        rules.check_may_place(HEAD, before=[1], after=[1, 2])
    with pytest.raises(DomainError, match="所在的股室"):
        rules.check_may_place(HEAD, before=[1], after=[])


@pytest.mark.parametrize("name", ["x", "a" * 41, "lin fang", "lin/fang", "<b>", "", "a\nb", "../x"])
def test_names_that_are_none(name: str) -> None:
    with pytest.raises(DomainError, match="用户名"):
        rules.checked_username(name)


@pytest.mark.parametrize(
    ("typed", "name"), [(" LinFang ", "linfang"), ("林芳", "林芳"), ("ｌｉｎ－２", "lin-2")]
)
def test_names_have_one_spelling(typed: str, name: str) -> None:
    assert rules.checked_username(typed) == name
