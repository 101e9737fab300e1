"""A document on official paper (GB/T 9704-2012), written from top to bottom: the one file that knows python-docx."""

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
from docx.shared import Mm, Pt
from docx.text.paragraph import Paragraph
from lxml.etree import ProcessingInstruction, tostring

from core.text import clean_text
from reports.contents import Annex, Chapter, Passage, Table
from reports.render import cells, words
from reports.render.archive import repacked
from reports.render.paper import LENGTHWISE, TITLE_ROOM, UPRIGHT, Sheet, empty_document
from reports.render.word_table import FIVE, SMALL_FIVE, table_parts

_LONG_RUN = re.compile("[!-~]{16,}")


class Paper:
    """A document being written from top to bottom."""

    def __init__(self, *, title: str, author: str, made: datetime) -> None:
        self._document: Document = docx.Document(io.BytesIO(empty_document()))
        self._sheet = UPRIGHT
        self._tables: dict[bytes, Iterator[str]] = {}
        self._describe(title, author, made)
        self._number_pages(self._document.sections[0])

    def write(self, style: str, text: str, *, right: float = 0.0) -> None:
        """A paragraph; control signs, which no document may hold, are dropped. `right`: so many characters of 三号 free."""
        paragraph = self._document.add_paragraph(words.close_up(clean_text(text)), style=style)
        if right:
            paragraph.paragraph_format.right_indent = Pt(right * 16)

    def body(self, text: str) -> None:
        """Running text; a long sum or a check value is broken anywhere, else its line would be spread over the whole width."""
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

    def chapters(self, chapters: Sequence[Chapter]) -> None:
        """一、 … with its passages."""
        for chapter in chapters:
            self.write("heading 1", chapter.heading)
            for passage in chapter.passages:
                self._passage(passage)

    def _passage(self, passage: Passage) -> None:
        if passage.heading:
            self.write("heading 2", passage.heading)
        for text in passage.paragraphs:
            self.body(text)
        for table in passage.tables:
            self.table(table)

    def list_of_annexes(self, annexes: Sequence[Annex]) -> None:
        """附件：1.… under the text, one line each."""
        if annexes:
            self.blank()
        for place, line in enumerate(words.annex_list(annexes)):
            self.write("附件说明首行" if place == 0 else "附件说明", line)

    def annexes(self, annexes: Sequence[Annex]) -> None:
        """The annexes themselves, each on a sheet of its own."""
        for annex in annexes:
            self.turn_page(LENGTHWISE if annex.landscape else UPRIGHT)
            self.write("附件标识", words.annex_mark(annex, annexes))
            self.title(annex.title, style="附件标题")
            for text in annex.paragraphs:
                self.body(text)
            for table in annex.tables:
                self.table(table, captioned=table.title != annex.title)

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
