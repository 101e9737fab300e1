"""What a situation report says: the bulletin's own sentences, and between them what people have written. Pure.

No figure of it can differ from the bulletin's: the sentences with figures are taken over as they were frozen, and a figure
in the people's own text that the bulletin does not have is found by `strange_figures`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from reports.contents import Bulletin, Chapter, Passage
from reports.render.words import close_up
from reports.situation.vocabulary import PaperKind
from tickets.calendar.words import full_date

_FIGURE = re.compile(r"(?<![\d.])(\d+(?:\.\d+)?)(件次|件|个事项|项|%)")
_PROBLEMS, _AHEAD = "五、", "六、"


@dataclass(frozen=True, kw_only=True)
class Source:
    """The bulletin a report is drawn from, as the report names it."""

    number: str
    digest: str  # of its Word file

    @property
    def words(self) -> str:
        return f"数据专报 {self.number}（校验值 {self.digest[:8]}）"


@dataclass(frozen=True, kw_only=True)
class Written:
    """What people have written and chosen."""

    kind: PaperKind
    addressee: str
    copies: str
    title: str
    opening: str
    shortcomings: str
    next_steps: str

    @property
    def own(self) -> str:
        """Everything in it that is nobody's but the writers'."""
        return f"{self.title}\n{self.opening}\n{self.shortcomings}\n{self.next_steps}"


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A situation report, finished: what paper, screen and archive hold. A draft has neither number nor day."""

    office: str
    kind: PaperKind
    title: str
    number: str
    addressee: str
    copies: str
    opening: tuple[str, ...]
    chapters: tuple[Chapter, ...]
    source: str
    bulletin_number: str
    signed_by: str = ""
    signed_on: date | None = None


def proposed_title(bulletin: Bulletin, kind: PaperKind) -> str:
    """A title to begin with; people change it as their campaign is called."""
    return f"{bulletin.office}关于{bulletin.span.label}课后服务群众诉求受理办理{kind.ending}"


def proposed_opening(bulletin: Bulletin) -> str:
    return f"现将{bulletin.span.label}课后服务群众诉求受理办理情况报告如下。"


def letter(
    bulletin: Bulletin,
    written: Written,
    source: Source,
    *,
    number: str = "",
    signed_by: str = "",
    signed_on: date | None = None,
) -> Letter:
    """The whole report: chapters one to four and the annexes are the bulletin's, five and six have people's texts besides."""
    return Letter(
        office=bulletin.office,
        kind=written.kind,
        title=written.title,
        number=number,
        addressee=written.addressee,
        copies=written.copies,
        opening=paragraphs_of(written.opening),
        chapters=_chapters(bulletin, written, source),
        source=f"本报告数据取自{source.words}，数据截至{bulletin.cutoff_words}",
        bulletin_number=source.number,
        signed_by=signed_by,
        signed_on=signed_on,
    )


def _chapters(bulletin: Bulletin, written: Written, source: Source) -> tuple[Chapter, ...]:
    """The bulletin's chapters with people's texts at the end of 五 and 六."""
    first, *others = bulletin.chapters
    # The bulletin's first sentence says that nobody has touched it, which a drafted report cannot say.
    period = (
        f"统计期间为{full_date(bulletin.span.first_day)}至{full_date(bulletin.span.last_day)}，"
        f"数据截至{bulletin.cutoff_words}，取自{source.words}。"
    )
    opening = first.passages[0]
    begun = replace(opening, paragraphs=(period, *opening.paragraphs[1:]))
    own = {
        _PROBLEMS: Passage(heading="（四）工作中的不足", paragraphs=paragraphs_of(written.shortcomings)),
        _AHEAD: Passage(paragraphs=paragraphs_of(written.next_steps)),
    }
    return (
        replace(first, passages=(begun, *first.passages[1:])),
        *(
            replace(chapter, passages=(*chapter.passages, *_added(own.get(chapter.heading[:2]))))
            for chapter in others
        ),
    )


def _added(passage: Passage | None) -> tuple[Passage, ...]:
    return (passage,) if passage is not None and passage.paragraphs else ()


def paragraphs_of(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def strange_figures(written: Written, bulletin: Bulletin) -> tuple[str, ...]:
    """Counts and shares in people's own texts that the bulletin does not have; there must be none when it is submitted."""
    there = {found for text in _texts(bulletin) for found in _figures(text)}
    counted = {
        str(cell)
        for annex in bulletin.annexes
        for table in annex.tables
        for row in (*table.rows, *((table.total,) if table.total else ()))
        for cell in row
        if isinstance(cell, int)
    }
    return tuple(
        dict.fromkeys(
            f"{number}{unit}"
            for number, unit in _figures(written.own)
            if (number, unit) not in there and (unit == "%" or number not in counted)
        )
    )


def _figures(text: str) -> list[tuple[str, str]]:
    return [(match[1], match[2]) for match in _FIGURE.finditer(close_up(text))]


def _texts(bulletin: Bulletin) -> Iterator[str]:
    for chapter in bulletin.chapters:
        for passage in chapter.passages:
            yield from passage.paragraphs
    for annex in bulletin.annexes:
        yield from annex.paragraphs
