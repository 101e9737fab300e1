"""A bulletin as docx: the page of GB/T 9704-2012, tables that go over pages, the same bytes every time."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import zipfile
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import docx
import pytest
from docx.document import Document
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn

from reports.contents import Annex, Bulletin, Chapter, Passage
from reports.render.docx import render_docx
from tests.reports.render.samples import A_BALANCE, FULL, LEDGER_COLUMNS, ZERO, huge, ledger


def opened(bulletin: Bulletin) -> Document:
    return docx.Document(io.BytesIO(render_docx(bulletin)))


def words_of(document: Document) -> list[str]:
    return [paragraph.text for paragraph in document.paragraphs]


def east_asian_face(document: Document, style: str) -> str:
    return str(document.styles[style].element.rPr.rFonts.get(qn("w:eastAsia")))


def test_the_same_bulletin_is_the_same_bytes_and_no_part_says_when_it_was_made() -> None:
    made = render_docx(FULL)
    assert made == render_docx(FULL)
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert archive.testzip() is None


def test_its_properties_name_the_office_and_the_cut_off() -> None:
    about = opened(FULL).core_properties
    assert (about.title, about.author, about.last_modified_by) == (FULL.title, "安溪县教育局", "安溪县教育局")
    assert about.created == about.modified == datetime.fromisoformat("2026-11-30T16:00:00+00:00")


def test_the_sheet_has_the_margins_and_the_22_lines_of_official_paper() -> None:
    section = opened(FULL).sections[0]
    sides = (section.top_margin, section.bottom_margin, section.left_margin, section.right_margin)
    assert [round(side.mm) for side in sides if side is not None] == [37, 35, 28, 26]
    (pitch,) = section._sectPr.xpath("./w:docGrid/@w:linePitch")
    assert int(225 / 25.4 * 1440 / int(pitch)) == 22


@pytest.mark.parametrize(
    ("style", "face", "points"),
    [
        ("Title", "方正小标宋简体", 22),
        ("Heading 1", "黑体", None),
        ("Heading 2", "楷体_GB2312", None),
        ("附件标识", "黑体", None),
        ("小表文", "宋体", 9),
    ],
)
def test_each_kind_of_line_has_its_face(style: str, face: str, points: float | None) -> None:
    document = opened(FULL)
    assert east_asian_face(document, style) == face
    size = document.styles[style].font.size
    assert (size.pt if size else None) == points


def test_running_text_is_three_fangsong_with_two_characters_of_indent_and_a_substitute_is_named() -> None:
    with zipfile.ZipFile(io.BytesIO(render_docx(FULL))) as archive:
        styles = archive.read("word/styles.xml").decode()
        fonts = archive.read("word/fontTable.xml").decode()
    assert 'w:eastAsia="仿宋_GB2312"' in styles.partition("</w:docDefaults>")[0]
    assert '<w:sz w:val="32"/>' in styles.partition("</w:docDefaults>")[0]
    assert re.search(r'"Body Text".*?firstLineChars="200"', styles)
    assert '<w:font w:name="仿宋_GB2312"><w:altName w:val="仿宋"/>' in fonts


def test_it_says_what_the_bulletin_says_in_its_order() -> None:
    said = words_of(opened(FULL))
    order = [
        "编号：ZB-2026-11\t安溪县教育局",
        "（系统自动生成，数据截至2026年11月30日24时）",
        "一、总体情况",
        "（一）收件情况",
    ]
    assert [line for line in said if line in order] == order
    assert "投诉举报受理办理情况数据专报\n（2026年11月）" in said
    assert any(line.startswith("上期结转8件，本期新收31件（29个事项），重办1件；") for line in said)
    assert said.index("附件：1.统计表") < said.index("2.问题整改台账") < said.index("附件1")


def test_pages_are_numbered_outside_on_both_sides() -> None:
    document = opened(FULL)
    assert document.settings.odd_and_even_pages_header_footer
    first = document.sections[0]
    odd, even = first.footer.paragraphs[0], first.even_page_footer.paragraphs[0]
    assert [odd.text, even.text] == ["— 1 —", "— 1 —"]
    assert [odd.style.name, even.style.name] == ["单页码", "双页码"] if odd.style and even.style else False
    assert all("PAGE" in paragraph._p.xml for paragraph in (odd, even))
    assert all(section.footer.is_linked_to_previous for section in list(document.sections)[1:])


def test_wide_annexes_lie_lengthwise_and_the_others_stand() -> None:
    sections = list(opened(FULL).sections)
    assert [section.orientation for section in sections[1:]] == [
        WD_ORIENT.LANDSCAPE if annex.landscape else WD_ORIENT.PORTRAIT for annex in FULL.annexes
    ]


def test_the_ledger_has_its_fifteen_printed_columns_and_its_head_on_every_page() -> None:
    table = next(table for table in opened(FULL).tables if len(table.rows) == 24)
    assert [cell.text.replace("\n", "") for cell in table.rows[0].cells] == [
        column.title for column in LEDGER_COLUMNS if column.printed
    ]
    assert len(table.columns) == 15
    heads = [row._tr.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None for row in table.rows]
    assert heads == [True] + [False] * 23
    assert all(row._tr.find(f"{qn('w:trPr')}/{qn('w:cantSplit')}") is not None for row in table.rows)


def test_every_table_is_as_wide_as_its_page_allows() -> None:
    document = opened(FULL)
    for table in document.tables:
        total = sum(map(int, table._tbl.xpath("./w:tblGrid/w:gridCol/@w:w")))
        assert total in {8844, 14570}


def test_a_table_of_the_workbook_only_is_not_printed() -> None:
    hidden = replace(A_BALANCE, title="登记台账", printed=False)
    document = opened(replace(FULL, annexes=(Annex(number=1, title="统计表", tables=(hidden,)),)))
    assert "登记台账" not in words_of(document)


def test_a_table_without_rows_says_so_under_its_head() -> None:
    document = opened(ZERO)
    assert "本期没有属实或部分属实的件。" in [table.rows[1].cells[0].text for table in document.tables]
    assert any("实行零报告" in line for line in words_of(document))


def test_a_draft_and_a_correction_say_what_they_are() -> None:
    assert words_of(opened(replace(FULL, number="", draft=True)))[0].startswith("草稿（未编号）")
    corrected = opened(
        replace(FULL, number="ZB-2026-11-2", corrects="ZB-2026-11", correction_reason="漏计2件。")
    )
    assert "本期更正ZB-2026-11。更正原因：漏计2件。" in words_of(corrected)


def test_signs_that_no_document_may_hold_are_dropped_and_markup_stays_text() -> None:
    nasty = "坏\x00\x07字符 <w:tbl> & <?table 0?>\n第二行"
    table = replace(A_BALANCE, rows=((nasty, *(0,) * 10),))
    chapter = Chapter(heading="一、总体情况", passages=(Passage(paragraphs=(nasty,), tables=(table,)),))
    document = opened(replace(FULL, chapters=(chapter,)))
    assert "坏字符 <w:tbl> & <?table 0?>\n第二行" in document.tables[0].rows[1].cells[0].text
    assert any("<?table 0?>" in line for line in words_of(document))


def test_three_thousand_lines_are_all_there() -> None:
    table = next(table for table in opened(huge()).tables if len(table._tbl.tr_lst) > 3_000)
    assert len(table._tbl.tr_lst) == 3_001
    assert ledger(3_000).rows[-1][1] in table._tbl.tr_lst[-1].xpath("string(.)")


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="needs LibreOffice")
def test_a_full_page_has_22_lines_of_28_characters(tmp_path: Path) -> None:
    chapter = Chapter(heading="一、总体情况", passages=(Passage(paragraphs=("国" * 28 * 60,)),))
    (tmp_path / "a.docx").write_bytes(render_docx(replace(FULL, chapters=(chapter,), annexes=())))
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [
        "soffice",
        profile,
        "--headless",
        "--convert-to",
        "pdf",
        "--outdir",
        str(tmp_path),
        str(tmp_path / "a.docx"),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    text = subprocess.run(
        ["pdftotext", "-f", "2", "-l", "2", "-layout", str(tmp_path / "a.pdf"), "-"],
        check=True,
        capture_output=True,
    ).stdout.decode()
    assert [line.strip() for line in text.splitlines() if "国" in line] == ["国" * 28] * 22
