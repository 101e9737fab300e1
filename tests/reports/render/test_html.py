"""A bulletin as a page for the printer: whole in one file, the same words as on paper."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import docx
from flask import render_template

from reports.contents import Bulletin
from reports.render.docx import render_docx
from reports.render.html import TEMPLATE, page_of, render_html
from tests.reports.render.samples import A_BALANCE, FULL, ZERO, huge
from tests.support.app import end_app, make_app


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
