"""专项工作记事: what no case of the system tells, counted in the bulletin by when it was recorded."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from accounts.vocabulary import Role
from core.db import db, transaction
from core.errors import DomainError
from reports.contents import Worked
from reports.work.verbs import note
from reports.work.vocabulary import WorkKind
from tests.accounts.people import Desk as People
from tests.desk.office import Office, words_of
from tests.life.support import person
from tests.reports.support import Months
from tests.support.app import make_app


def done(office: Months, at: str, kind: WorkKind, amount: int, text: str = "面上检查") -> None:
    office.at(at)
    day = date.fromisoformat(f"2026-{at[:5]}")
    with transaction() as session:
        note(session, kind=kind, day=day, amount=amount, text=text, actor=person("head"))


def test_the_bulletin_counts_the_period_and_the_year(office: Months) -> None:
    done(office, "10-20 09:00", WorkKind.INSPECTION, 4)
    done(office, "11-03 09:00", WorkKind.INSPECTION, 6)
    done(office, "11-04 09:00", WorkKind.REFUND, 12600, "三所学校退费")
    done(office, "11-05 09:00", WorkKind.REFUND, -600, "更正 11-04 一笔，多登 600 元")
    found = office.at("12-01 00:40").bulletin()
    assert found.worked == (
        Worked(label="检查学校（机构）", unit="个次", now=6, this_year=10),
        Worked(label="退费金额", unit="元", now=12000, this_year=12000),
    )
    text = "".join(text for c in found.chapters for p in c.passages for text in p.paragraphs)
    assert "检查学校（机构） 6 个次、退费金额 12000 元" in text
    table = next(t for annex in found.annexes for t in annex.tables if t.name == "专项工作")
    assert table.rows[0] == ("检查学校（机构）", "个次", 6, 10)


def test_without_any_it_says_so(office: Months) -> None:
    found = office.at("12-01 00:40").bulletin()
    assert found.worked == ()
    assert "本期没有登记专项工作" in str(found.chapters)


@pytest.mark.parametrize(
    ("amount", "day", "text", "sentence"),
    [
        (0, "2026-11-03", "检查", "不能是 0"),
        (10_000_001, "2026-11-03", "检查", "不能是 0"),
        (-2, "2026-11-03", "检查", "更正哪一笔"),
        (2, "2026-11-30", "检查", "不能晚于今天"),
        (2, "2026-11-03", " ", "请写一句"),
        (2, "2026-11-03", "家长 13905951234 已退", "不写姓名"),
    ],
)
def test_what_cannot_be_noted(office: Months, amount: int, day: str, text: str, sentence: str) -> None:
    office.at("11-03 09:00")
    with pytest.raises(DomainError, match=sentence), transaction() as session:
        note(
            session,
            kind=WorkKind.CASE,
            day=date.fromisoformat(day),
            amount=amount,
            text=text,
            actor=person("head"),
        )


def test_a_note_is_never_changed(office: Months) -> None:
    done(office, "11-03 09:00", WorkKind.TALK, 2)
    with pytest.raises(sa.exc.IntegrityError, match="append-only"), transaction() as session:
        session.execute(sa.text("UPDATE work_note SET amount = 3"))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Office]:
    app: Flask = make_app(tmp_path / "data")
    people = People(app)
    people.account("wang", Role.HEAD, name="王建国")
    people.account("ji", Role.SUPERVISOR, sections=(), name="纪检")
    yield Office(app, people)
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.mark.slow
def test_heads_write_it_down_and_supervisors_read_it(desk: Office) -> None:
    wang, ji = desk.signed_in("wang"), desk.signed_in("ji")
    given = {"kind": "inspection", "day": "2026-11-20", "amount": "3", "text": "检查三所学校课后服务收费公示"}
    assert wang.post("/reports/work", given).status_code == 303
    page = ji.text("/reports/work")
    assert "检查三所学校课后服务收费公示" in words_of(page)
    assert 'name="amount"' not in page
    assert ji.post("/reports/work", given, form="/account").status_code == 403
    wrong = wang.post("/reports/work", {**given, "amount": "三", "text": "还在这里"})
    assert wrong.status_code == 422
    assert "还在这里" in wrong.get_data(as_text=True)
