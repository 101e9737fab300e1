"""Bulletins as docx, laid out as official documents are (GB/T 9704-2012): the one file that knows python-docx.

The words come from the bulletin; what is added here is what a form says: 编号, 附件, the page number.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import docx
from docx.document import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.section import Section
from docx.shared import Mm
from docx.text.paragraph import Paragraph
from lxml.etree import ProcessingInstruction, tostring

from core.text import clean_text
from reports.contents import Annex, Bulletin, Passage, Table
from reports.render import cells, words
from reports.render.archive import repacked
from reports.render.paper import LENGTHWISE, TITLE_ROOM, UPRIGHT, Sheet, empty_document
from reports.render.word_table import FIVE, SMALL_FIVE, table_parts

_LONG_RUN = re.compile("[!-~]{24,}")


def render_docx(bulletin: Bulletin) -> bytes:
    """The bulletin as a docx; the same bulletin gives the same bytes."""
    paper = _Paper(title=bulletin.title, author=bulletin.office, made=bulletin.cutoff)
    _head(paper, bulletin)
    for chapter in bulletin.chapters:
        paper.write("heading 1", chapter.heading)
        for passage in chapter.passages:
            _passage(paper, passage)
    _list_of_annexes(paper, bulletin.annexes)
    for annex in bulletin.annexes:
        _annex(paper, annex, words.annex_mark(annex, bulletin.annexes))
    return paper.finished()


def _head(paper: _Paper, bulletin: Bulletin) -> None:
    paper.write("专报眉首", f"{words.number_line(bulletin)}\t{bulletin.office}")
    paper.blank()
    paper.title(bulletin.title)
    paper.write("Subtitle", words.made_line(bulletin))
    if bulletin.corrects:
        paper.write("更正说明", words.correction_line(bulletin))
    paper.blank()


def _passage(paper: _Paper, passage: Passage) -> None:
    if passage.heading:
        paper.write("heading 2", passage.heading)
    for text in passage.paragraphs:
        paper.body(text)
    for table in passage.tables:
        paper.table(table)


def _list_of_annexes(paper: _Paper, annexes: Sequence[Annex]) -> None:
    if annexes:
        paper.blank()
    for place, line in enumerate(words.annex_list(annexes)):
        paper.write("附件说明首行" if place == 0 else "附件说明", line)


def _annex(paper: _Paper, annex: Annex, mark: str) -> None:
    paper.turn_page(LENGTHWISE if annex.landscape else UPRIGHT)
    paper.write("附件标识", mark)
    paper.title(annex.title, style="附件标题")
    for text in annex.paragraphs:
        paper.body(text)
    for table in annex.tables:
        paper.table(table, captioned=table.title != annex.title)


class _Paper:
    """A document being written from top to bottom."""

    def __init__(self, *, title: str, author: str, made: datetime) -> None:
        self._document: Document = docx.Document(io.BytesIO(empty_document()))
        self._sheet = UPRIGHT
        self._tables: dict[bytes, Iterator[str]] = {}
        self._describe(title, author, made)
        self._number_pages(self._document.sections[0])

    def write(self, style: str, text: str) -> Paragraph:
        """A paragraph; control signs, which no document may hold, are dropped."""
        return self._document.add_paragraph(words.close_up(clean_text(text)), style=style)

    def body(self, text: str) -> None:
        """Running text; a check value of 64 signs is broken anywhere, else its line would be spread over the whole width."""
        self.write("长串正文" if _LONG_RUN.search(text) else "Body Text", text)

    def blank(self) -> None:
        self._document.add_paragraph()

    def title(self, text: str, *, style: str = "Title") -> None:
        """A title in 二号, broken where a reader would pause."""
        self.write(style, "\n".join(cells.title_lines(text, TITLE_ROOM)))

    def table(self, table: Table, *, captioned: bool = True) -> None:
        """A table with its caption above and its note below; one that only a workbook has is left out."""
        if not table.printed:
            return
        shown = cells.on_paper(table)
        if captioned:
            self.write("表题", shown.title)
        face = SMALL_FIVE if self._sheet is LENGTHWISE else FIVE
        # A mark that no text can look like. Thousands of rows as elements would take 150 MB.
        mark = ProcessingInstruction("table", str(len(self._tables)))
        body: Any = self._document.element.body
        body.insert_element_before(mark, "w:sectPr")
        self._tables[tostring(mark)] = table_parts(shown, room=self._sheet.room, face=face)
        # Two tables with nothing in between would become one.
        if shown.note:
            self.write("表注", words.note_line(shown))
        else:
            self.write("表后", "")

    def turn_page(self, sheet: Sheet) -> None:
        """The next sheet; page numbers go on."""
        section = self._document.add_section(WD_SECTION.NEW_PAGE)
        # The old section ends in a paragraph of its own: in full height it could need a page of its own too.
        self._document.paragraphs[-1].style = self._document.styles["节末"]
        self._sheet = sheet
        section.orientation = WD_ORIENT.LANDSCAPE if sheet.width > sheet.height else WD_ORIENT.PORTRAIT
        section.page_width, section.page_height = Mm(sheet.width), Mm(sheet.height)
        section.top_margin, section.bottom_margin = Mm(sheet.top), Mm(sheet.bottom)
        section.left_margin, section.right_margin = Mm(sheet.left), Mm(sheet.right)
        section.footer_distance = Mm(sheet.foot)

    def finished(self) -> bytes:
        out = io.BytesIO()
        self._document.save(out)
        return repacked(out.getvalue(), fillings=self._tables, into="word/document.xml")

    def _describe(self, title: str, author: str, made: datetime) -> None:
        about = self._document.core_properties
        about.title, about.author, about.last_modified_by = title, author, author
        about.comments, about.language, about.revision = "", "zh-CN", 1
        about.created = about.modified = made.astimezone(UTC).replace(tzinfo=None)

    def _number_pages(self, section: Section) -> None:
        for footer, style in ((section.footer, "单页码"), (section.even_page_footer, "双页码")):
            paragraph = footer.paragraphs[0]
            paragraph.style = self._document.styles[style]
            paragraph.add_run("— ")
            _field(paragraph, "PAGE")
            paragraph.add_run(" —")


def _field(paragraph: Paragraph, instruction: str) -> None:
    """A place that the word processor fills in."""
    for kind in ("begin", "", "separate", "1", "end"):
        run = paragraph.add_run("1" if kind == "1" else "")
        if kind == "1":
            continue
        element = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            element.set(qn("w:fldCharType"), kind)
        else:
            element.set(qn("xml:space"), "preserve")
            element.text = instruction
        run._r.append(element)  # fields have no interface of their own
