"""A bulletin as a page for the printer: whole in one file, the same words as on paper."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import docx
from flask import render_template

from reports.contents import Annex, Breakdown, Bulletin, Counted
from reports.render.docx import render_docx
from reports.render.html import TEMPLATE, page_of, render_html
from reports.tables import breakdown_table
from tests.reports.render.samples import A_BALANCE, FULL, ZERO, huge
from tests.support.app import end_app, make_app

CATEGORIES = Breakdown(
    name="类别",
    lines=(
        Counted(label="违规收费", now=12, before=4, this_year=30),
        Counted(label="强制参加", now=3, before=0, this_year=9),
    ),
)
CHARTED = replace(
    FULL, chapters=(), annexes=(Annex(number=1, title="统计表", tables=(breakdown_table(CATEGORIES, ""),)),)
)


def plain(page: str) -> str:
    return re.sub(r"\s+", "", unescape(re.sub(r"<[^>]+>", "", page.partition("<main")[2])))


def on_paper(bulletin: Bulletin) -> list[str]:
    document = docx.Document(io.BytesIO(render_docx(bulletin)))
    cells = [
        cell.text
        for table in document.tables
        if len(table.rows) < 50
        for row in table.rows
        for cell in row.cells
    ]
    return [re.sub(r"\s+", "", text) for text in (*(each.text for each in document.paragraphs), *cells)]


def test_the_same_bulletin_is_the_same_text() -> None:
    assert render_html(FULL) == render_html(FULL)


def test_the_file_asks_for_no_other() -> None:
    page = render_html(FULL)
    addresses = re.findall(r'(?:href|src)="([^"]*)"', page)
    assert addresses
    assert all(address.startswith("data:") for address in addresses)
    assert "style=" not in page


def test_page_and_paper_say_the_same() -> None:
    for bulletin in (FULL, ZERO):
        page = plain(render_html(bulletin))
        assert [text for text in on_paper(bulletin) if text not in page] == []


def test_markup_in_a_text_stays_text() -> None:
    table = replace(A_BALANCE, rows=(("<script>alert(1)</script>", *(0,) * 10),))
    chapter = replace(FULL.chapters[0].passages[0], tables=(table,), paragraphs=("<b>",))
    page = render_html(replace(FULL, chapters=(replace(FULL.chapters[0], passages=(chapter,)),)))
    assert "<script>alert" not in page
    assert "<b>" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_a_table_of_the_workbook_only_is_not_printed() -> None:
    hidden = replace(A_BALANCE, title="登记台账（本期新收）", printed=False)
    page = render_html(replace(FULL, annexes=(replace(FULL.annexes[0], tables=(hidden,)),)))
    assert "登记台账（本期新收）" not in page


def test_wide_annexes_lie_lengthwise() -> None:
    assert render_html(FULL).count("bulletin-leaf bulletin-lengthwise") == 3


def test_three_thousand_lines_are_all_there() -> None:
    assert render_html(huge()).count("<tr>") > 3_000


def test_the_application_shows_it_from_the_same_template(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    with app.test_request_context("/"):
        page = render_template(TEMPLATE, **page_of(FULL))
        end_app(app)
    assert "/static/css/bulletin.css?v=" in page
    assert plain(page).startswith(plain(render_html(FULL))[:40])


def test_a_breakdown_is_drawn_above_its_table_with_its_figures_in_words() -> None:
    page = render_html(CHARTED)
    chart = page.partition('<svg class="chart"')[2].partition("</svg>")[0]
    assert "本期新收按类别统计" in chart
    assert ">12<" in chart
    assert "style=" not in chart
    assert page.index(chart) < page.index("<caption>本期新收按类别统计")
    assert page == render_html(CHARTED)
