"""How well it was handled, in the figures the commission asks for besides: each with what it is a share of. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reports.contents import Quality, Rate
from reports.figures import Course, rates
from reports.ledger_table import PROVEN
from tickets.vocabulary import Satisfaction, Status

_CONTENT = (Satisfaction.SATISFIED, Satisfaction.MOSTLY)
_SAID = (*_CONTENT, Satisfaction.DISSATISFIED)


def quality(
    courses: Sequence[Course], call_backs: Sequence[tuple[str, int]], *, year_before: int | None
) -> Quality:
    """`year_before`: how many came in in the same period of last year; None where nothing was counted then."""
    extensions = [
        row for course in courses for row in course.ticket.extensions if row.approved_at >= course.cut.start
    ]
    never_suspended = [course for course in courses if not course.ticket.suspensions]
    said = dict(call_backs)
    return Quality(
        in_time_never_suspended=rates(never_suspended)[1],
        rectified=sum(_rectified(course) for course in courses),
        satisfied=_share(said, _CONTENT, _SAID),
        approved_on_paper=Rate(due=len(extensions), in_time=sum(row.on_paper for row in extensions)),
        year_before=year_before,
    )


def _rectified(course: Course) -> bool:
    """Whether a problem that was found there was settled within the period, and still is."""
    return (
        course.closing.status is Status.CLOSED
        and course.closing.outcome in PROVEN
        and any(
            event.to_status is Status.CLOSED and event.from_status is not Status.CLOSED
            for event in course.events
        )
    )


def _share(counts: Mapping[str, int], part: Sequence[Satisfaction], whole: Sequence[Satisfaction]) -> Rate:
    return Rate(
        due=sum(counts.get(each.label, 0) for each in whole),
        in_time=sum(counts.get(each.label, 0) for each in part),
    )


def sentences(found: Quality, received: int) -> tuple[str, ...]:
    """What stands under 办理质效."""
    lines = [f"推动整改问题 {found.rectified} 个（本期办结且属实、部分属实的）。"]
    if found.satisfied.due:
        lines.append(f"回访满意（含基本满意）{found.satisfied.words}，分母为作出评价的件。")
    never = found.in_time_never_suspended
    lines.append(f"按期办结率（批准延期后时限，不含曾暂停计时的件）：{never.words}。")
    paper = found.approved_on_paper
    if paper.due:
        lines.append(f"本期批准延期 {paper.due} 件次，其中纸质审批补录 {paper.in_time} 件次。")
    if found.year_before is not None:
        change = received - found.year_before
        words = "持平" if not change else f"{'增加' if change > 0 else '减少'} {abs(change)} 件"
        lines.append(f"去年同期新收 {found.year_before} 件，同比{words}。")
    return tuple(lines)
