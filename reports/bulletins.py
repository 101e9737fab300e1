"""Makes a bulletin: reads, counts, checks that everything agrees, and puts it into words. It writes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from flask import current_app
from sqlalchemy.orm import Session

from config.office import CampaignSettings
from config.settings import Settings
from core.errors import DomainError
from reports import cases, figures, guarding, ledger_table, periods, reading, records, tables, wording
from reports.arriving import arrivals, received_before
from reports.cases import Setting
from reports.contents import Annex, Bulletin, Chapter, Integrity, Passage
from reports.facts import Arrivals, Pressing, Registers
from reports.figures import Course
from reports.integrity import integrity
from reports.periods import Cut
from reports.quality import quality
from reports.quality import sentences as quality_sentences
from reports.work.verbs import worked
from tickets import registers as ticket_registers
from tickets.suggestions.categories import read_categories
from tickets.vocabulary import Status


class Unbalanced(DomainError):
    """The figures do not agree: there is no bulletin, but a list of what does not."""

    def __init__(self, differences: Sequence[str]) -> None:
        self.differences = tuple(differences)
        super().__init__(
            f"数据对不平，没有生成专报，共 {len(differences)} 处差异：{'；'.join(differences[:5])}"
        )


@dataclass(frozen=True, kw_only=True)
class Issue:
    """What an issue is called; a draft has no number."""

    number: str = ""
    issue_no: int = 1
    corrects: str = ""
    correction_reason: str = ""


@dataclass(frozen=True, kw_only=True)
class _Material:
    """Everything read and counted, before it is put into words."""

    cut: Cut
    known: Registers
    courses: Sequence[Course]
    rows: Sequence[Arrivals]
    setting: Setting
    pressing: tuple[Pressing, ...]
    ban_words: dict[int, str]
    group_words: dict[int, str]
    campaign: CampaignSettings | None
    comparable: bool


def compose(session: Session, cut: Cut, issue: Issue) -> Bulletin:
    """The whole bulletin; Unbalanced with the list of differences if its figures do not agree."""
    material = _material(session, cut)
    courses = material.courses
    counted = figures.balance(courses)
    complete = integrity(session, cut, courses, material.known)
    ends = records.report_settings().period_ends
    last = records.last_bulletin(session, periods.previous(cut.span, ends))
    found = figures.differences(courses, material.rows, counted, last)
    found += [
        f"{tally.name}的去向加起来不等于总数 {tally.total}" for tally in complete.tallies if not tally.adds_up
    ]
    if found:
        raise Unbalanced(found)
    office = _settings().office
    original, current = figures.rates(courses)
    call_backs = figures.call_backs(courses)
    year_before = received_before(session, periods.a_year_before(cut), records.since(session))
    overdue = cases.overdue_cases(courses, material.setting)
    states = Counter(f"{row.kind}：{row.state}" for row in material.pressing)
    bare = Bulletin(
        office=office.name,
        title=wording.title(office.name, cut.span),
        span=cut.span,
        number=issue.number,
        issue_no=issue.issue_no,
        cutoff=cut.at,
        draft=cut.draft,
        corrects=issue.corrects,
        correction_reason=issue.correction_reason,
        balance=counted,
        matters=figures.matters(courses),
        sections=figures.section_balances(courses, material.known),
        breakdowns=figures.breakdowns(material.rows, material.known, comparable=material.comparable),
        answered_at_once=figures.answered_at_once(courses),
        outcomes=figures.outcomes(courses),
        call_backs=call_backs,
        in_time_original=original,
        in_time_current=current,
        quality=quality(courses, call_backs, year_before=year_before),
        overdue=cases.overdue_counts(overdue),
        overdue_cases=overdue,
        late_closed=cases.late_closed(courses, material.setting),
        extended=sum(row.approved_at >= cut.start for course in courses for row in course.ticket.extensions),
        suspended=sum(course.closing.status is Status.SUSPENDED for course in courses),
        worked=worked(
            session,
            start=cut.start,
            year_from=periods.start_of(periods.year_begins(cut.span, ends)),
            before=cut.before,
        ),
        bans=figures.bans(courses, material.ban_words),
        groups=figures.groups(courses, material.group_words),
        schools=figures.often_named(courses),
        pressing=tuple(sorted(states.items())),
        guarding=guarding.guarding(session, cut),
        open_cases=figures.open_cases(courses, material.known),
        reconciled=figures.reconciled(courses, material.known),
        integrity=complete,
    )
    return replace(bare, chapters=_chapters(bare, material), annexes=_annexes(bare, material))


def _settings() -> Settings:
    found: Settings = current_app.extensions["settings"]
    return found


def _material(session: Session, cut: Cut) -> _Material:
    known = reading.registers(session)
    tickets = records.pressed(session, reading.tickets_of(session, cut, known), cut.before)
    tree = read_categories(ticket_registers.CATEGORIES_FILE.read_text(encoding="utf-8"))
    ends = records.report_settings().period_ends
    before = periods.previous(cut.span, ends)
    campaign = _campaign(cut)
    codes, campaign_from = _codes(campaign, known), _campaign_from(campaign)
    before_from = periods.start_of(before.first_day)
    year_from = periods.start_of(periods.year_begins(cut.span, ends))
    rows = arrivals(
        session,
        cut,
        before_from=before_from,
        year_from=year_from,
        campaign_from=campaign_from,
        in_campaign=codes,
    )
    courses = [Course(ticket=ticket, cut=cut) for ticket in tickets]
    for course in courses:
        category = course.ticket.category
        in_campaign = campaign_from is not None and category is not None and category.code in codes
        windows = ((cut.start, True), (before_from, True), (year_from, True))
        rows += figures.moved_since(course, (*windows, (campaign_from or cut.start, in_campaign)))
    return _Material(
        cut=cut,
        known=known,
        courses=courses,
        rows=_town_only(rows, known) if campaign and campaign.town_only else rows,
        setting=Setting(
            calendar=ticket_registers.working_calendar(session),
            registers=known,
            reasons=records.reasons(session, cut.before),
        ),
        pressing=records.pressing(session, cut),
        ban_words=tree.bans,
        group_words=tree.groups,
        campaign=campaign,
        comparable=before.last_day >= records.since(session),
    )


def ban_words() -> dict[int, str]:
    """五严禁 by number, as the category file words them."""
    return read_categories(ticket_registers.CATEGORIES_FILE.read_text(encoding="utf-8")).bans


def _campaign(cut: Cut) -> CampaignSettings | None:
    return next((each for each in _settings().office.campaigns if each.year == cut.span.last_day.year), None)


def _campaign_from(campaign: CampaignSettings | None) -> datetime | None:
    if campaign is None:
        return None
    first = min((stage.first_day for stage in campaign.stages), default=None)
    return periods.start_of(first) if first else periods.start_of(date(campaign.year, 1, 1))


def _codes(campaign: CampaignSettings | None, known: Registers) -> list[str]:
    """The leaves that count in a campaign; a letter stands for all of its leaves."""
    wanted = campaign.categories if campaign else ()
    return [
        code for code in known.categories if any(code == each or code.startswith(each) for each in wanted)
    ]


def _town_only(rows: Sequence[Arrivals], known: Registers) -> list[Arrivals]:
    towns = {school_id for school_id, school in known.schools.items() if school.urban}
    return [row if row.school_id in towns else replace(row, campaign=0) for row in rows]


def _chapters(found: Bulletin, material: _Material) -> tuple[Chapter, ...]:
    counted = found.balance
    first = [wording.period_sentence(found.span, found.cutoff_words)]
    if found.corrects:
        first.append(f"本期为更正专报，代替 {found.corrects}。更正原因：{found.correction_reason}。")
    if found.nothing_came:
        first.append(wording.nothing_sentence(counted))
    first.append(wording.balance_sentence(counted, found.matters))
    if found.integrity.backfilled or found.integrity.loaded:
        first.append(
            f"本期新收中补录 {found.integrity.backfilled} 件，历史数据导入 {found.integrity.loaded} 件。"
        )
    first += [line for each in found.breakdowns if (line := wording.breakdown_sentence(each))]
    return wording.chapters(
        first=tuple(first),
        overview=(),
        handling=(
            Passage(
                heading="（一）件数平衡",
                tables=(tables.balance_table(counted, found.sections),),
            ),
            Passage(
                heading="（二）办理质效",
                paragraphs=(
                    *wording.rate_sentences(found.in_time_original, found.in_time_current),
                    *quality_sentences(found.quality, counted.received),
                    wording.counts_sentence("本期办结件的结论", found.outcomes),
                    wording.counts_sentence("回访情况", found.call_backs),
                    f"其中当场答复办结（即问即答）{found.answered_at_once} 件。",
                ),
            ),
            Passage(heading="（三）专项工作", paragraphs=(wording.work_sentence(found.worked),)),
            Passage(heading="（四）保护反映人情况", paragraphs=(guarding.sentence(found.guarding),)),
        ),
        late=_late(found),
        pressing=(
            Passage(
                paragraphs=(wording.pressing_sentence(material.pressing),),
                tables=(tables.pressing_table(material.pressing),) if material.pressing else (),
            ),
        ),
        problems=_problems(found, material),
        next_=_next(found),
    )


def _late(found: Bulletin) -> tuple[Passage, ...]:
    return (
        Passage(
            heading="（一）期末超期",
            paragraphs=(
                wording.overdue_sentence(found.overdue),
                *wording.case_sentences(found.overdue_cases),
            ),
        ),
        Passage(
            heading="（二）逾期办结、延期和暂停计时",
            paragraphs=(
                f"本期逾期后办结 {len(found.late_closed)} 件，批准延期 {found.extended} 件次，"
                f"期末暂停计时 {found.suspended} 件（不计入超期），清单见附件4。",
            ),
        ),
        Passage(
            heading="（三）上期未办结件对账", paragraphs=(wording.reconciled_sentence(found.reconciled),)
        ),
    )


def _problems(found: Bulletin, material: _Material) -> tuple[Passage, ...]:
    causes = Counter(
        case.reason.partition("：")[0] or "未填写" for case in (*found.overdue_cases, *found.late_closed)
    )
    schools = (
        f"反映 {figures.NAMED_FROM} 件次以上的学校：{'、'.join(f'{name} {count} 件次' for name, count in found.schools)}"
        "（按名称列，不排名）。"
        if found.schools
        else f"没有一所学校反映达到 {figures.NAMED_FROM} 件次。"
    )
    leaves = figures.leaf_counts(material.rows, material.known)
    return (
        Passage(
            heading="（一）主要问题",
            paragraphs=(
                wording.counts_sentence("涉及“五个严禁”", found.bans),
                wording.counts_sentence("涉及三类问题", found.groups),
                wording.counts_sentence("较集中的类别", leaves),
            ),
        ),
        Passage(heading="（二）反复出现的学校", paragraphs=(schools,)),
        Passage(
            heading="（三）未按期办理的原因",
            paragraphs=(wording.counts_sentence("按承办股室填报", sorted(causes.items())),),
        ),
    )


def _next(found: Bulletin) -> tuple[str, ...]:
    untold = sum(not case.reason for case in found.overdue_cases)
    late = len({case.number for case in found.overdue_cases})
    sentences = [
        f"期末在办 {found.balance.open_at_end} 件（其中超期 {late} 件、暂停计时 {found.suspended} 件）列入下期逐件对账。"
    ]
    if untold:
        sentences.append(f"超期件中有 {untold} 项尚未填写超期原因，由承办股室补填。")
    return tuple(sentences)


def _annexes(found: Bulletin, material: _Material) -> tuple[Annex, ...]:
    known, courses = material.known, material.courses
    arguments = (courses, material.setting, material.ban_words)
    campaign = material.campaign.name if material.campaign else ""
    return (
        Annex(
            number=1,
            title="统计表",
            tables=(
                tables.balance_table(found.balance, found.sections),
                *(tables.breakdown_table(each, campaign) for each in found.breakdowns),
                tables.counts_table(
                    "类别细项",
                    "本期新收按类别细项统计（件次）",
                    "类别",
                    figures.leaf_counts(material.rows, known),
                ),
                tables.counts_table("五严禁", "涉及“五个严禁”的件次", "事项", found.bans, "一件可涉及几项。"),
                tables.counts_table("三类问题", "涉及三类问题的件次", "事项", found.groups),
                tables.work_table(found.worked),
                tables.counts_table("结论", "本期办结件的结论", "结论", found.outcomes),
                tables.counts_table("回访", "本期办结件的回访情况", "回访", found.call_backs),
            ),
        ),
        Annex(
            number=2,
            title="问题整改台账",
            tables=(
                ledger_table.rectification_table(*arguments),
                ledger_table.registration_table(*arguments),
            ),
            landscape=True,
        ),
        Annex(
            number=3,
            title="超期未办结清单",
            tables=(tables.overdue_table(found.overdue_cases),),
            landscape=True,
        ),
        Annex(
            number=4,
            title="逾期办结、延期、暂停计时清单",
            tables=(
                tables.late_closed_table(found.late_closed),
                tables.extended_table(courses, known),
                tables.suspended_table(courses, known),
            ),
            landscape=True,
        ),
        Annex(number=5, title="上期未办结件对账表", tables=(tables.reconciled_table(found.reconciled),)),
        _completeness(found.integrity, found),
    )


def _completeness(complete: Integrity, found: Bulletin) -> Annex:
    return Annex(
        number=6,
        title="数据完整性说明",
        paragraphs=(*wording.integrity_sentences(complete, found.balance), *wording.RULES),
        tables=tuple(tables.tally_table(tally) for tally in complete.tallies),
    )
