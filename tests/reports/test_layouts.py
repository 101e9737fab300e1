"""导出格式: columns chosen, ordered, renamed and saved once; what is exported by them is released text and runs nowhere."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from flask import Flask

from accounts.vocabulary import Role
from core.db import db, transaction
from core.errors import DomainError
from reports.layouts.columns import Chosen, arranged, harmless, known_columns
from tests.accounts.people import Browser
from tests.accounts.people import Desk as People
from tests.desk.office import NAME, PHONE, Office, in_office, words_of
from tests.support.app import clock_of, make_app
from tickets.models import Ticket


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """Handler li and head wang of 中教股, leader zhou, head xu of the other section, clerk chen."""
    app: Flask = make_app(tmp_path / "data")
    people = People(app)
    people.account("chen", Role.CLERK, name="陈小燕")
    people.account("li", Role.HANDLER, name="李明")
    people.account("wang", Role.HEAD, name="王建国")
    people.account("zhou", Role.LEADER, name="周局")
    people.account("xu", Role.HEAD, sections=("chuyoujiao",), name="许丽")
    people.account("ji", Role.SUPERVISOR, sections=(), name="纪检")
    yield Office(app, people)
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def column(name: str) -> int:
    return known_columns().index(name)


def saved(browser: Browser, name: str = "市局月报", **columns: str) -> str:
    """A layout with 编号 first and 反映问题 second under another heading; the address of its export."""
    section = browser.text("/reports/layouts/new").split('<option value="')[1].split('"')[0]
    fields = {
        "name": name,
        "section": section,
        f"use-{column('反映问题')}": "1",
        f"place-{column('反映问题')}": "2",
        f"heading-{column('反映问题')}": "反映的主要问题",
        f"use-{column('编号')}": "1",
        f"place-{column('编号')}": "1",
        f"use-{column('登记日期')}": "1",
        **columns,
    }
    answer = browser.post("/reports/layouts/new", fields)
    assert answer.status_code == 303, words_of(answer.get_data(as_text=True))
    found = re.search(r'action="(/reports/layouts/\d+/export)"', browser.text("/reports/layouts"))
    assert found is not None
    return found[1]


def test_a_layout_gives_its_columns_in_its_order_under_its_headings(office: Office) -> None:
    number = office.assigned(to="li")
    office.ticket(section="chuyoujiao")
    li = office.signed_in("li")
    export = saved(li)

    book = openpyxl.load_workbook(io.BytesIO(li.client.get(f"{export}?format=xlsx").data))
    rows = list(book["导出"].iter_rows(values_only=True))
    assert rows[0] == ("编号", "反映的主要问题", "登记日期")
    assert [row[0] for row in rows[1:]] == [number], "the other section's case is not theirs"
    assert hasattr(rows[1][2], "year"), "a day is a day that can be sorted"

    text = li.client.get(f"{export}?format=csv").data.decode("utf-8-sig")
    assert next(csv.reader(io.StringIO(text))) == ["编号", "反映的主要问题", "登记日期"]
    asked = [data for action, _, data in office.desk.audited() if action == "tickets.exported"]
    assert [data["rows"] for data in asked] == [1, 1]


def test_an_export_holds_released_text_and_nothing_of_who_complained(office: Office) -> None:
    number = office.assigned("王老师在三班点名。", to="li")
    wang = office.signed_in("wang")
    everything = {f"use-{place}": "1" for place in range(len(known_columns()))}
    export = saved(wang, **everything)
    text = wang.client.get(f"{export}?format=csv").data.decode("utf-8-sig")
    assert number in text
    assert "摘要待确认" in text
    for word in (NAME, PHONE, "王老师", "三班"):
        assert word not in text
    for heading in ("姓名", "电话", "反映人", "署名"):
        assert all(heading not in name for name in known_columns())


def test_a_released_text_that_looks_like_a_formula_stays_a_text(office: Office) -> None:
    number = office.assigned(to="li")
    with office.app.app_context(), transaction() as session:
        ticket = session.query(Ticket).filter_by(number=number).one()
        ticket.released_text, ticket.released_at = "=HYPERLINK(1)", clock_of(office.app).moment
    li = office.signed_in("li")
    export = saved(li)
    text = li.client.get(f"{export}?format=csv").data.decode("utf-8-sig")
    assert "'=HYPERLINK(1)" in text
    book = openpyxl.load_workbook(io.BytesIO(li.client.get(f"{export}?format=xlsx").data))
    assert book["导出"]["B2"].data_type == "s"


@pytest.mark.parametrize("text", ["=1+1", "+86", "-2", "@x", " =1", "＝1", "＋1", "－1", "＠x"])
def test_what_a_spreadsheet_would_reckon_out_gets_an_apostrophe(text: str) -> None:
    assert harmless(text).startswith("'")


def test_control_signs_are_dropped_and_figures_stay_figures() -> None:
    assert harmless("a\x00b\x01c") == "abc"
    assert harmless(-3) == "-3"
    assert harmless(None) == ""


def test_which_tickets_and_from_when(office: Office) -> None:
    first = office.ticket()
    clock_of(office.app).moment = in_office("2026-12-02T09:00")
    second = office.ticket()
    li = office.signed_in("li")
    export = saved(li)

    def numbers(query: str) -> list[str]:
        text = li.client.get(f"{export}?format=csv&{query}").data.decode("utf-8-sig")
        return [row[0] for row in csv.reader(io.StringIO(text))][1:]

    assert numbers("which=new&from=2026-12-01&to=2026-12-31") == [second]
    assert numbers("which=open&from=2026-12-01&to=2026-12-31") == [first, second]
    assert numbers("which=closed&from=2026-11-01&to=2026-12-31") == []
    assert numbers("which=nonsense&from=never") == [second]
    assert li.get(f"{export}?from=2026-12-31&to=2026-12-01").status_code == 422


def test_a_layout_is_its_section_s_alone(office: Office) -> None:
    export = saved(office.signed_in("li"))
    layout = export.removesuffix("/export")
    xu = office.signed_in("xu")
    assert xu.get(layout).status_code == 404
    assert xu.get(export).status_code == 404
    assert "市局月报" not in xu.text("/reports/layouts")
    assert office.signed_in("zhou").get(export).status_code == 200
    assert office.signed_in("zhou").get(layout).status_code == 403
    assert office.signed_in("ji").get("/reports/layouts").status_code == 403
    assert office.signed_in("chen").get("/reports/layouts").status_code == 403


def test_a_layout_is_changed_and_retired(office: Office) -> None:
    li = office.signed_in("li")
    export = saved(li)
    layout = export.removesuffix("/export")
    fields = {"name": "市局月报2", "version": "1", f"use-{column('编号')}": "1"}
    assert li.post(layout, fields).status_code == 303
    assert "1 列" in words_of(li.text("/reports/layouts"))
    assert li.post(layout, fields).status_code == 409
    assert li.post(f"{layout}/retired", form=layout).status_code == 303
    assert "市局月报" not in li.text("/reports/layouts").partition("还没有导出格式")[2]


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"name": ""}, "起个名字"),
        ({f"heading-{column('编号')}": "反映的主要问题"}, "表头重复"),
        ({"section": "99999"}, "您所在的股室"),
        ({"section": "x"}, "您所在的股室"),
    ],
)
def test_what_cannot_be_saved_is_shown_as_it_was_typed(
    office: Office, changed: dict[str, str], sentence: str
) -> None:
    li = office.signed_in("li")
    section = li.text("/reports/layouts/new").split('<option value="')[1].split('"')[0]
    fields = {
        "name": "市局月报",
        "section": section,
        f"use-{column('编号')}": "1",
        f"use-{column('反映问题')}": "1",
        f"heading-{column('反映问题')}": "反映的主要问题",
    }
    answer = li.post("/reports/layouts/new", {**fields, **changed})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert sentence in page
    assert "反映的主要问题" in page


def test_two_layouts_of_one_name_are_refused(office: Office) -> None:
    li = office.signed_in("li")
    saved(li)
    with pytest.raises(AssertionError, match="请换个名字"):
        saved(li)


def test_columns_stand_in_the_order_asked_for_and_unknown_ones_are_nothing() -> None:
    assert arranged([("编号", "", 2), ("反映问题", "问题", 1), ("没有的列", "", 0)]) == (
        Chosen("反映问题", "问题"),
        Chosen("编号", "编号"),
    )
    with pytest.raises(DomainError, match="至少选一列"):
        arranged([])
