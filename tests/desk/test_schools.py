"""The register of schools: lists shown with every problem first, schools edited, renamed, merged, their people with dates."""

from __future__ import annotations

import io
from datetime import date

import openpyxl
import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from core.db import db
from tests.accounts.people import Browser
from tests.desk.office import Office, words_of
from tickets import registers
from tickets.models import School, SchoolAlias, SchoolContact
from tickets.vocabulary import Stage

URL = "/admin/schools"
HEADER = "学校名称,别名,学段,乡镇,城乡,办学性质,中心学校,校长,校长电话,任职起\n"
SOUND = HEADER + (
    "安溪县白云中心学校,白云中心小学、白小,小学,白云镇,乡镇,公办,,张立,0595-23331234,2026-09-01\n"
    "安溪县白云镇石门小学,石门小学,小学,白云镇,乡镇,公办,安溪县白云中心学校,,,\n"
)


def upload(browser: Browser, content: str | bytes, name: str = "名单.csv") -> TestResponse:
    data = content.encode() if isinstance(content, str) else content
    return browser.post(f"{URL}/import", {"file": (io.BytesIO(data), name)}, form=f"{URL}/import")


def confirm(browser: Browser, rows: str, **more: str) -> TestResponse:
    return browser.post(f"{URL}/import/save", {"rows": rows, **more}, form=f"{URL}/import")


def as_xlsx(text: str) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for line in text.splitlines():
        sheet.append([int(cell) if cell.isdigit() else cell for cell in line.split(",")])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def school(app: Flask, name: str) -> School:
    with app.app_context():
        row = db.session().scalars(sa.select(School).where(School.name == name)).one()
        db.session.expunge_all()
        return row


def aliases(app: Flask, name: str) -> set[str]:
    with app.app_context():
        rows = db.session().scalars(
            sa.select(SchoolAlias.alias)
            .join(School, School.id == SchoolAlias.school_id)
            .where(School.name == name)
        )
        return set(rows)


def found(app: Flask, text: str) -> list[str]:
    with app.app_context():
        return [match.name for match in registers.suggester(db.session()).suggest(text, "").schools]


def how_many(app: Flask) -> int:
    with app.app_context():
        return db.session().execute(sa.select(sa.func.count(School.id))).scalar_one()


@pytest.mark.parametrize(
    "content", [SOUND, as_xlsx(SOUND), SOUND.encode("gb18030")], ids=["csv", "xlsx", "gbk"]
)
def test_a_list_is_shown_first_and_saved_on_a_second_word(
    app: Flask, wang: Browser, content: str | bytes
) -> None:
    before = how_many(app)

    shown = upload(wang, content)

    page = words_of(shown.get_data(as_text=True))
    assert shown.status_code == 200
    assert "读出 2 行，有问题的 0 行。还没有保存。" in page
    assert "校长 张立 0595-23331234" in page
    assert how_many(app) == before
    assert confirm(wang, SOUND).status_code == 303
    assert how_many(app) == before + 2
    village = school(app, "安溪县白云镇石门小学")
    assert village.parent_id == school(app, "安溪县白云中心学校").id
    assert (village.stage, village.urban, village.private) == (Stage.PRIMARY, False, False)
    assert found(app, "白小三年级课后服务收费高") == ["安溪县白云中心学校"]


PROBLEMS = {
    ",,小学,,,,,,,": "没有学校名称",
    "甲校,,大学,,,,,,,": "学段“大学”不认识",
    "甲校,,小学,,市区,,,,,": "城乡“市区”不认识",
    "甲校,,小学,,,私立,,,,": "办学性质“私立”不认识",
    "甲校,,小学,,,,没有的学校,,,": "中心学校“没有的学校”不在名单里",
    "甲校,,小学,,,,甲校,,,": "中心学校是它自己",
    "甲校,,小学,,,,,李四,12,": "校长电话“12”不是电话号码",
    "甲校,,小学,,,,,,13905951234,": "有校长电话，没有校长姓名",
    "甲校,,小学,,,,,李四,,九月": "任职起“九月”不是日期",
}


@pytest.mark.parametrize(("line", "problem"), PROBLEMS.items(), ids=PROBLEMS.values())
def test_each_wrong_row_is_named_and_stays_out(app: Flask, wang: Browser, line: str, problem: str) -> None:
    text = SOUND + line + "\n"
    before = how_many(app)

    page = words_of(upload(wang, text).get_data(as_text=True))

    assert "有问题的 1 行" in page
    assert problem in page
    assert "不导入" in page
    refused = confirm(wang, text)
    assert refused.status_code == 422
    assert "请先看过" in words_of(refused.get_data(as_text=True))
    assert how_many(app) == before
    assert confirm(wang, text, looked_at="y").status_code == 303
    assert how_many(app) == before + 2


def test_doubles_and_names_of_others_are_shown(app: Flask, wang: Browser) -> None:
    confirm(wang, SOUND)
    text = HEADER + "".join(
        f"{name},{other},小学,,,,,,,\n"
        for name, other in [("乙校", "白小"), ("丙校", ""), ("丙校", ""), ("石门小学", ""), ("丁校", "乙校")]
    )

    page = words_of(upload(wang, text).get_data(as_text=True))

    assert "别名“白小”也是“安溪县白云中心学校”的别名" in page
    assert "学校名称在名单里出现了几次" in page
    assert "这个名称是“安溪县白云镇石门小学”的别名：如果是改名，请到该校页面改" in page
    assert "别名“乙校”是另一所学校的名称" in page


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "缺少这些列"),
        (b"\xff\xfe\x00\xd8", "读不懂"),
        (b"PK\x03\x04 no workbook", "不是 xlsx 表格"),
        ("学校,学段\n甲校,小学\n".encode(), "缺少这些列"),
        (b"x" * (2 * 1024 * 1024 + 1), "超过 2 MB"),
    ],
)
def test_what_is_no_list_is_refused_in_plain_words(wang: Browser, content: bytes, sentence: str) -> None:
    answer = upload(wang, content)

    assert answer.status_code == 422
    assert sentence in words_of(answer.get_data(as_text=True))


def edited(wang: Browser, number: int, **more: str) -> TestResponse:
    values = {
        "name": "安溪县白云中心学校",
        "aliases": "白小",
        "stage": "primary",
        "town": "白云镇",
        "area": "乡镇",
    }
    return wang.post(f"{URL}/{number}", {**values, "ownership": "公办", **more}, form=f"{URL}/{number}")


def test_a_school_that_is_renamed_is_still_found_by_its_old_name(app: Flask, wang: Browser) -> None:
    confirm(wang, SOUND)
    number = school(app, "安溪县白云中心学校").id

    assert edited(wang, number, name="安溪县白云实验学校").status_code == 303

    assert aliases(app, "安溪县白云实验学校") == {"白小", "安溪县白云中心学校"}
    assert found(app, "安溪县白云中心学校") == ["安溪县白云实验学校"]
    assert "曾用名：安溪县白云中心学校" in words_of(wang.text(f"{URL}/{number}"))
    edited(wang, number, name="安溪县白云实验学校", aliases="白云实小")
    assert aliases(app, "安溪县白云实验学校") == {"白云实小", "安溪县白云中心学校"}


def test_two_schools_that_become_one_keep_all_their_names(app: Flask, wang: Browser) -> None:
    confirm(wang, SOUND)
    village, central = school(app, "安溪县白云镇石门小学").id, school(app, "安溪县白云中心学校").id

    answer = wang.post(f"{URL}/{village}/merge", {"into": "安溪县白云中心学校"}, form=f"{URL}/{village}")

    assert answer.location.endswith(f"{URL}/{central}")
    assert aliases(app, "安溪县白云中心学校") >= {"石门小学", "安溪县白云镇石门小学", "白小"}
    assert school(app, "安溪县白云镇石门小学").closed
    assert found(app, "石门小学今天没有课后服务") == ["安溪县白云中心学校"]


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"name": ""}, "请填写这一项"),
        ({"name": "安溪县白云镇石门小学"}, "已经有一所学校叫"),
        ({"parent": "没有的学校"}, "没有登记过"),
        ({"stage": "university"}, "不是"),
    ],
)
def test_what_cannot_be_saved_says_why(
    app: Flask, wang: Browser, more: dict[str, str], sentence: str
) -> None:
    confirm(wang, SOUND)

    answer = edited(wang, school(app, "安溪县白云中心学校").id, **more)

    assert answer.status_code == 422
    assert sentence in words_of(answer.get_data(as_text=True))


def test_who_was_headmaster_until_when_stays_on_record(app: Flask, wang: Browser) -> None:
    confirm(wang, SOUND)
    number = school(app, "安溪县白云中心学校").id
    new = {"role": "headmaster", "person": "林海", "phone": "13905951234", "since": "2027-09-01"}

    assert wang.post(f"{URL}/{number}/contacts", new, form=f"{URL}/{number}").status_code == 303

    page = words_of(wang.text(f"{URL}/{number}"))
    assert "林海" in page
    assert "2026-09-01 周二 起，至 2027-08-31 周二" in page
    with app.app_context():
        ends = db.session().scalars(sa.select(SchoolContact.until_day).order_by(SchoolContact.id)).all()
    assert ends == [date(2027, 8, 31), None]
    wrong = wang.post(f"{URL}/{number}/contacts", {**new, "phone": "12"}, form=f"{URL}/{number}")
    assert "不是电话号码" in words_of(wrong.get_data(as_text=True))


def test_the_list_is_searched_by_any_name(wang: Browser) -> None:
    confirm(wang, SOUND)

    page = words_of(wang.text(f"{URL}?q=白小"))

    assert "安溪县白云中心学校" in page
    assert "石门" not in page
    assert "没有找到学校" in words_of(wang.text(f"{URL}?q=没有这样的"))


@pytest.mark.parametrize(("who", "status"), [("wang", 200), ("guan", 200), ("li", 403), ("zhou", 403)])
def test_heads_and_administrators_keep_the_register(office: Office, who: str, status: int) -> None:
    assert office.signed_in(who).get(URL).status_code == status
