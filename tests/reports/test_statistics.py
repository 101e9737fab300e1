"""Statistics whose figures lead to their lists, charts beside their tables, a page a school without a rank."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from accounts.vocabulary import Role
from core.db import db, transaction
from reports.contents import Breakdown, Column, Counted, Table
from reports.render.charts import Bars, bar_chart, chart_of
from reports.tables import breakdown_table, number
from tests.accounts.people import Desk as People
from tests.desk.office import NAME, Office, in_office, words_of
from tests.support.app import clock_of, make_app
from tickets.models import School, Ticket, TicketSchool
from tickets.vocabulary import Secrecy, Stage


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """Handler li and leader zhou of 中教股, supervisor ji, head xu of the other section."""
    app: Flask = make_app(tmp_path / "data")
    people = People(app)
    people.account("li", Role.HANDLER, name="李明")
    people.account("zhou", Role.LEADER, name="周局")
    people.account("xu", Role.HEAD, sections=("chuyoujiao",), name="许丽")
    people.account("ji", Role.SUPERVISOR, sections=(), name="纪检")
    yield Office(app, people)
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def school(office: Office, *numbers: str) -> int:
    """城东中学, which these cases are about."""
    with office.app.app_context(), transaction() as session:
        row = School(name="安溪县城东中学", urban=True, stage=Stage.JUNIOR)
        session.add(row)
        session.flush()
        ids = session.scalars(sa.select(Ticket.id).where(Ticket.number.in_(numbers)))
        session.add_all(TicketSchool(ticket_id=key, school_id=row.id, confirmed_by="li") for key in ids)
        return row.id


def test_every_figure_leads_to_as_many_cases_as_it_says(office: Office) -> None:
    for _ in range(3):
        office.ticket()
    office.ticket(section="chuyoujiao")
    clock_of(office.app).moment = in_office("2026-12-14T10:00")
    ji = office.signed_in("ji")
    page = ji.text("/supervision/statistics")
    figures = re.findall(r'<a href="(/supervision/statistics\?[^"]*#list)">(\d+)</a>', page)
    assert len(figures) > 8
    for address, count in figures:
        listed = ji.text(address.replace("&amp;", "&").partition("#")[0])
        rows = re.findall(r'href="/supervision/cases/[A-Z]{2}\d{8}-\d{4}"', listed)
        assert len(rows) == int(count), address


def test_the_months_stand_as_a_chart_beside_their_table(office: Office) -> None:
    office.ticket()
    page = office.signed_in("ji").text("/supervision/statistics")
    assert '<svg class="chart" role="img"' in page
    assert "近十二个月登记的件" in page
    assert "2026年11月" in page
    assert "style=" not in page.partition("<svg")[2].partition("</svg>")[0]


def test_until_ends_what_is_counted(office: Office) -> None:
    first = office.ticket()
    clock_of(office.app).moment = in_office("2026-12-14T10:00")
    second = office.ticket()
    ji = office.signed_in("ji")
    page = ji.text("/supervision/statistics?until=2026-11-30")
    assert first in page
    assert second not in page
    assert ji.get("/supervision/statistics?until=9999-99-99&since=0001-01-01").status_code == 200


def test_a_school_s_page_shows_its_cases_masked_with_deadlines_and_says_what_it_holds_back(
    office: Office,
) -> None:
    number = office.assigned("王老师在三班点名。", to="li")
    secret, elsewhere = office.ticket("内部补贴没发。"), office.ticket()
    with office.app.app_context(), transaction() as session:
        session.execute(sa.update(Ticket).where(Ticket.number == secret).values(secrecy=Secrecy.RESTRICTED))
    key = school(office, number, secret)
    ji = office.signed_in("ji")
    page = words_of(ji.text(f"/supervision/schools/{key}"))
    assert number in page
    assert "还剩" in page
    assert "未开单" in page
    assert "1 件，不随学校列出" in page
    for word in (secret, elsewhere, NAME, "三班", "王老师"):
        assert word not in page
    assert ("supervision.school_opened", "ji") in [row[:2] for row in office.desk.audited()]
    assert number not in office.signed_in("xu").text(f"/supervision/schools/{key}")
    assert ji.get("/supervision/schools/99999").status_code == 404


def test_schools_are_listed_by_name_from_three_on_and_lead_to_their_page(office: Office) -> None:
    key = school(office, *(office.ticket() for _ in range(3)))
    page = office.signed_in("zhou").text("/supervision/statistics")
    assert f'href="/supervision/schools/{key}"' in page
    charts = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
    assert charts
    assert not any("城东中学" in chart for chart in charts), "a chart of schools would be a ranking"


CATEGORIES = Breakdown(
    name="类别",
    lines=(
        Counted(label="违规收费", now=12, before=4, this_year=30),
        Counted(label="<强制>参加", now=3, before=0, this_year=9),
    ),
)


def test_a_breakdown_has_a_chart_with_its_figures_in_words() -> None:
    chart = str(chart_of(breakdown_table(CATEGORIES, "")))
    assert chart.count("<rect") == 2 + 4
    for figure in (">12<", ">4<", ">3<", ">0<"):
        assert figure in chart
    assert "&lt;强制&gt;" in chart
    assert chart == str(chart_of(breakdown_table(CATEGORIES, "")))


def test_without_a_period_before_there_is_one_bar_a_line() -> None:
    alone = Breakdown(
        name="类别",
        lines=tuple(Counted(label=str(place), now=place, before=None, this_year=0) for place in (1, 2)),
    )
    assert str(chart_of(breakdown_table(alone, ""))).count("<rect") == 2


@pytest.mark.parametrize(
    "table",
    [
        Table(name="x", title="x", columns=(Column(title="a"), number("b")), rows=(("x", 1), ("y", 2))),
        Table(name="x", title="x", columns=(Column(title="a"), number("本期"), number("上期")), rows=()),
    ],
)
def test_other_tables_have_none(table: Table) -> None:
    assert not chart_of(table)


def test_nothing_and_too_much_have_no_chart() -> None:
    assert not bar_chart("x", ("a",), [Bars("x", (0,)), Bars("y", (None,))])
    assert not bar_chart("x", ("a",), [Bars(str(place), (place,)) for place in range(40)])
