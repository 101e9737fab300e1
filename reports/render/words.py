"""The few words that a form adds to what the bulletin says: 编号, 数据截至, 附件. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from reports.contents import Annex, Bulletin, Cell, Table

_GAP = re.compile(
    "(?<=[\u3001-\u9fff\uff01-\uff5e”’]) (?=[0-9A-Za-z])|(?<=[0-9A-Za-z%.]) (?=[\u3001-\u9fff\uff01-\uff5e“‘])"
)


def close_up(text: str) -> str:
    """The text without the blanks that a screen has between figures and characters: on paper an office writes 8件."""
    return _GAP.sub("", text)


def number_line(bulletin: Bulletin) -> str:
    """编号：…, or that it has none."""
    return f"编号：{bulletin.number}" if bulletin.number else "草稿（未编号）"


def made_line(bulletin: Bulletin) -> str:
    """（系统自动生成，数据截至…）: it was made without a signature, and it says so."""
    return f"（系统自动生成，数据截至{bulletin.cutoff_words}）"


def correction_line(bulletin: Bulletin) -> str:
    """Which bulletin this one corrects, and why."""
    reason = bulletin.correction_reason.rstrip("。；; ")
    return f"本期更正{bulletin.corrects}。" + (f"更正原因：{reason}。" if reason else "")


def annex_list(annexes: Sequence[Annex]) -> list[str]:
    """附件说明: a number each where there are several, no full stop."""
    if len(annexes) == 1:
        return [f"附件：{annexes[0].title}"]
    lines = [f"{annex.number}.{annex.title}" for annex in annexes]
    return [f"附件：{lines[0]}", *lines[1:]] if lines else []


def annex_mark(annex: Annex, annexes: Sequence[Annex]) -> str:
    """附件1, as it stands above an annex; the only one has no number."""
    return f"附件{annex.number}" if len(annexes) > 1 else "附件"


def note_line(table: Table) -> str:
    """The note under a table."""
    return table.note if table.note.startswith(("注", "说明")) else f"注：{table.note}"


def cell(value: Cell) -> str:
    """A table's cell as paper has it; nothing is empty, which is not the same as 0."""
    return "" if value is None else close_up(str(value))
