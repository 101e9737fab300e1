"""The register of schools: read from a file, again and again, with every wrong line named."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from accounts.actor import SYSTEM
from core.db import db, transaction
from core.errors import DomainError
from tickets import registers
from tickets.models import School, SchoolAlias
from tickets.schools import Loaded, load_schools, read_schools
from tickets.vocabulary import Stage

HEADER = "name,aliases,stage,town,area,ownership,parent\n"


def load(lines: str) -> Loaded:
    with transaction() as session:
        return load_schools(session, read_schools(HEADER + lines), actor=SYSTEM)


def test_a_new_school_is_known_to_the_suggestions_at_once(office: Flask) -> None:
    load("安溪县白云小学,白云小学|白小,小学,白云镇,乡镇,公办,\n")
    guess = registers.suggester(db.session()).suggest("白小三年级托管费太高", "")
    assert [match.name for match in guess.schools] == ["安溪县白云小学"]


def test_the_same_file_twice_changes_nothing(office: Flask) -> None:
    line = "安溪县白云小学,白云小学,primary,白云镇,城区,民办,\n"
    assert load(line) == Loaded(added=1, changed=0)
    assert load(line) == Loaded(added=0, changed=0)
    school = db.session.scalars(sa.select(School).where(School.name == "安溪县白云小学")).one()
    assert (school.stage, school.urban, school.private) == (Stage.PRIMARY, True, True)
    assert db.session.scalars(
        sa.select(SchoolAlias.alias).where(SchoolAlias.school_id == school.id)
    ).all() == ["白云小学"]


def test_a_school_that_changed_is_brought_up_to_date_under_its_name(office: Flask) -> None:
    load("安溪县白云小学,,primary,白云镇,乡镇,公办,\n")
    assert load("安溪县白云小学,白云实小,primary,云岭镇,城区,公办,\n") == Loaded(added=0, changed=1)


def test_a_school_of_several_stages_has_none(office: Flask) -> None:
    load("安溪县白云学校,,,白云镇,乡镇,公办,\n")
    assert db.session.scalars(sa.select(School.stage).where(School.name == "安溪县白云学校")).one() is None


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (HEADER + ",x,primary,,,,\n", "第 2 行没有学校名称"),
        (HEADER + "甲校,,大学,,,,\n", "第 2 行学段“大学”不认识"),
        ("学校,学段\n甲校,小学\n", "缺少这些列"),
        ("", "缺少这些列"),
    ],
)
def test_what_is_wrong_is_named_by_its_line(text: str, problem: str) -> None:
    with pytest.raises(DomainError, match=problem):
        read_schools(text)


def test_an_unknown_parent_school_stops_the_whole_load(office: Flask) -> None:
    with pytest.raises(DomainError, match="不在名单里"):
        load("安溪县白云小学,,primary,,,,没有的学校\n")
    assert not db.session.scalars(sa.select(School).where(School.name == "安溪县白云小学")).first()


def test_a_file_saved_by_a_spreadsheet_may_begin_with_a_byte_order_mark() -> None:
    assert read_schools("\ufeff" + HEADER + "甲校,,primary,,,,\n")[0].name == "甲校"
