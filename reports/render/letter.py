"""Situation reports as docx in the full dress of GB/T 9704-2012: 发文机关标志, 发文字号, 主送, text, 署名, 附注, annexes, 版记."""

from __future__ import annotations

from datetime import UTC, datetime, time

from reports.contents import Bulletin
from reports.render import cells
from reports.render.word_paper import Paper
from reports.situation.contents import Letter
from tickets.calendar.words import full_date

_FREE = 4  # characters between the day and the margin
_BLANK = "　　　"


def render_letter(letter: Letter, bulletin: Bulletin) -> bytes:
    """The report with the bulletin's annexes; the same report gives the same bytes."""
    made = datetime.combine(letter.signed_on, time(), UTC) if letter.signed_on else bulletin.cutoff
    paper = Paper(title=letter.title, author=letter.office, made=made)
    _head(paper, letter)
    for text in letter.opening:
        paper.body(text)
    paper.chapters(letter.chapters)
    paper.list_of_annexes(bulletin.annexes)
    _foot(paper, letter)
    paper.annexes(bulletin.annexes)
    _end_notice(paper, letter)
    return paper.finished()


def number_words(letter: Letter) -> str:
    """The number, or that there is none yet."""
    return letter.number or "（送审稿，未编号）"


def _head(paper: Paper, letter: Letter) -> None:
    paper.write("发文机关标志", f"{letter.office}文件" if letter.kind.upward else letter.office)
    if letter.kind.upward:
        paper.write("发文字号签发人", f"　{number_words(letter)}\t签发人：{letter.signed_by or _BLANK}")
    else:
        paper.write("发文字号", number_words(letter))
    paper.blank()
    paper.blank()
    paper.title(letter.title)
    paper.blank()
    paper.write("主送机关", f"{letter.addressee}：")


def _foot(paper: Paper, letter: Letter) -> None:
    day = full_date(letter.signed_on) if letter.signed_on else "年　月　日"
    between = (cells.width_of(day) - cells.width_of(letter.office)) / 2
    paper.blank()
    paper.blank()
    paper.write("署名", letter.office, right=_FREE + max(between, 0))
    paper.write("成文日期", day, right=_FREE + max(-between, 0))
    paper.write("附注", f"（{letter.source}）")


def _end_notice(paper: Paper, letter: Letter) -> None:
    paper.blank()
    if letter.copies:
        paper.write("版记", f"抄送：{letter.copies}。")
    day = f"\t{full_date(letter.signed_on)}印发" if letter.signed_on else ""
    paper.write("版记", f"{letter.office}{day}")
