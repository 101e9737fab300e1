"""Bulletins as docx, laid out as official documents are (GB/T 9704-2012).

The words come from the bulletin; what is added here is what a form says: 编号, 附件, the page number.
"""

from __future__ import annotations

from reports.contents import Bulletin
from reports.render import words
from reports.render.word_paper import Paper


def render_docx(bulletin: Bulletin) -> bytes:
    """The bulletin as a docx; the same bulletin gives the same bytes."""
    paper = Paper(title=bulletin.title, author=bulletin.office, made=bulletin.cutoff)
    _head(paper, bulletin)
    paper.chapters(bulletin.chapters)
    paper.list_of_annexes(bulletin.annexes)
    paper.annexes(bulletin.annexes)
    return paper.finished()


def _head(paper: Paper, bulletin: Bulletin) -> None:
    paper.write("专报眉首", f"{words.number_line(bulletin)}\t{bulletin.office}")
    paper.blank()
    paper.title(bulletin.title)
    paper.write("Subtitle", words.made_line(bulletin))
    if bulletin.corrects:
        paper.write("更正说明", words.correction_line(bulletin))
    paper.blank()
