"""The sentences and chapters of a bulletin. Pure; all three forms of the bulletin print these very words."""

from __future__ import annotations

from collections.abc import Sequence

from reports.contents import (
    Balance,
    Breakdown,
    Chapter,
    Integrity,
    NumberRun,
    OverdueCase,
    OverdueCount,
    Passage,
    Rate,
    Reconciled,
    Span,
    Table,
    Tally,
    Worked,
)
from reports.facts import Pressing
from reports.tables import change_words, days_words
from tickets.calendar.words import full_date

SHOWN_IN_TEXT = 10
RULES = (
    "统计口径：按登记入账时间统计，截止时间之后入账的计入下期；来件早于本期、本期才登记的另列“补录”。",
    "件次与事项：一人一次反映为 1 件次；并入同一主件的多件合为 1 个事项。",
    "按期办结率（原定时限）＝本期应办结件中在原定时限内答复的件数÷本期应办结件数；按批准延期后时限的算法相同。"
    "本期应办结件指到期日在本期内的件，含尚未答复的；到期前已合并、撤回、作废或无法联系而终止的不计。",
    "不足 10 件的不计算百分比。类别、学校按专报生成时的登记；单列学校须满 3 件。",
    "超期分受理、办理、学校反馈、回访、法定期限五类，分别统计、不相加；内部时限按工作日，法定期限按自然日。",
    "反映问题一律使用经人确认的脱敏摘要，未确认的只写类别并注明“摘要待确认”；本专报不含反映人任何信息。",
)


def title(office: str, span: Span) -> str:
    return f"{office}群众诉求受理办理情况数据专报（{span.label}）"


def period_sentence(span: Span, cutoff: str) -> str:
    return (
        f"统计期间为{full_date(span.first_day)}至{full_date(span.last_day)}，数据截至{cutoff}。"
        "本专报由系统自动生成，不加任何人工修改。"
    )


def balance_sentence(counted: Balance, matters: int) -> str:
    """The sentence with its sum: whoever reads it can add it up."""
    came = (counted.opening, counted.received, counted.restored)
    went = (
        counted.closed,
        counted.rejected,
        counted.transferred,
        counted.merged,
        counted.withdrawn,
        counted.voided,
        counted.open_at_end,
    )
    sums = f"{'+'.join(map(str, came))}={'+'.join(map(str, went))}={counted.into}"
    return (
        f"上期结转 {counted.opening} 件，本期新收 {counted.received} 件（{matters} 个事项），重启重办 {counted.restored} 件；"
        f"本期办结 {counted.closed} 件，不予受理 {counted.rejected} 件，转出 {counted.transferred} 件，"
        f"合并 {counted.merged} 件，撤回 {counted.withdrawn} 件，作废 {counted.voided} 件，"
        f"期末在办 {counted.open_at_end} 件。（{sums}）"
    )


def nothing_sentence(counted: Balance) -> str:
    return (
        f"本期未收到群众反映，实行零报告。上期结转 {counted.opening} 件，本期办结 {counted.closed} 件，"
        f"期末在办 {counted.open_at_end} 件。"
    )


def breakdown_sentence(found: Breakdown) -> str:
    """来源：电话 20 件（比上期 +3）、邮件 11 件；nothing where nothing came."""
    lines = [line for line in found.lines if line.now]
    if not lines:
        return ""
    words = []
    for line in lines:
        change = change_words(line.now, line.before)
        words.append(f"{line.label} {line.now} 件" + ("" if change == "—" else f"（比上期 {change}）"))
    return f"按{found.name}：{'、'.join(words)}。"


def work_sentence(rows: Sequence[Worked]) -> str:
    done = [f"{row.label} {row.now} {row.unit}" for row in rows if row.now]
    return f"本期登记的专项工作：{'、'.join(done)}。" if done else "本期没有登记专项工作。"


def rate_sentences(original: Rate, current: Rate) -> tuple[str, ...]:
    return (f"按期办结率（原定时限）：{original.words}；按期办结率（批准延期后时限）：{current.words}。",)


def counts_sentence(intro: str, counts: Sequence[tuple[str, int]]) -> str:
    words = [f"{label} {count} 件" for label, count in counts if count]
    return f"{intro}：{'、'.join(words) if words else '无'}。"


def overdue_sentence(counts: Sequence[OverdueCount]) -> str:
    words = []
    for each in counts:
        longest = f"（最长 {each.longest} {each.unit}）" if each.tickets and each.longest else ""
        words.append(f"{each.label} {each.tickets} 件{longest}")
    return f"期末超期：{'、'.join(words)}。"


def case_sentences(cases: Sequence[OverdueCase]) -> tuple[str, ...]:
    """Case by case in the text, as far as it can be read; the rest stands in the annex."""
    found = []
    for place, case in enumerate(cases[:SHOWN_IN_TEXT], start=1):
        expected = f"，预计 {full_date(case.expected_on)}办结" if case.expected_on else ""
        moved = "" if case.current_day == case.original_day else f"，经批准延至 {full_date(case.current_day)}"
        found.append(
            f"{place}. {case.number}，{case.school}，{case.subject.rstrip('。；;. ')}：{case.label} {days_words(case)}，"
            f"原定 {full_date(case.original_day)}{moved}；{case.waits_for or '—'}，责任人{case.handler}；"
            f"原因：{case.reason or '未填写'}{expected}。"
        )
    if len(cases) > SHOWN_IN_TEXT:
        found.append(f"其余 {len(cases) - SHOWN_IN_TEXT} 项见附件3。")
    return tuple(found)


def reconciled_sentence(rows: Sequence[Reconciled]) -> str:
    settled = sum(row.settled for row in rows)
    return f"上期未办结 {len(rows)} 件，本期销账 {settled} 件，仍在办 {len(rows) - settled} 件，逐件对账见附件5。"


def pressing_sentence(rows: Sequence[Pressing]) -> str:
    if not rows:
        return "本期没有新的督办事项，也没有未落实的督办事项。"
    new = sum(row.new for row in rows)
    done = sum(row.done for row in rows)
    late = sum(row.late for row in rows)
    return f"本期新登记督办 {new} 项，在列 {len(rows)} 项，已落实 {done} 项，未落实 {len(rows) - done} 项，其中逾期未答复 {late} 项。"


def number_sentences(runs: Sequence[NumberRun]) -> tuple[str, ...]:
    """编号连续性, prefix by prefix."""
    found = []
    for run in runs:
        gaps = (
            f"缺号 {len(run.missing)} 个：{'、'.join(run.missing[:20])}{'等' if len(run.missing) > 20 else ''}"
            if run.missing
            else "无缺号"
        )
        found.append(f"本期编号自 {run.first} 起至 {run.last}，共 {run.count} 件，{gaps}。")
    return tuple(found) or ("本期没有新编号。",)


def tally_sentences(tallies: Sequence[Tally]) -> tuple[str, ...]:
    """What became of everything that reached the office by one way, with its sum."""
    found = []
    for tally in tallies:
        parts = "、".join(f"{label} {count}" for label, count in tally.parts)
        sums = "+".join(str(count) for _, count in tally.parts)
        found.append(f"{tally.name}共 {tally.total}，其中{parts or '无'}。（{sums or 0}={tally.total}）")
        found += tally.sentences
    return tuple(found)


def integrity_sentences(found: Integrity, counted: Balance) -> tuple[str, ...]:
    """数据完整性说明: everything by which figures could have been made prettier."""
    anchor = (
        f"审计校验：截止时点审计记录共 {found.anchor_seq} 条，末条校验值 {found.anchor_mac}。"
        if found.anchor_seq
        else "审计校验：截止时点还没有审计记录。"
    )
    return (
        *number_sentences(found.numbers),
        *tally_sentences(found.tallies),
        f"补录 {found.backfilled} 件（来件在先、事后登记），历史数据导入 {found.loaded} 件，待人工识别 {found.needs_reading} 件。",
        f"撤回 {counted.withdrawn} 件，作废 {counted.voided} 件，并入其他件 {counted.merged} 件。",
        f"更正登记 {found.corrections} 次，其中人工改为专项范围外 {found.scope_changed} 次，人工调低缓急 {found.urgency_lowered} 次。",
        f"放假安排未公布、暂按推算而不判超期的时限 {found.provisional} 项。",
        anchor,
    )


def chapters(
    *,
    first: tuple[str, ...],
    handling: tuple[Passage, ...],
    late: tuple[Passage, ...],
    pressing: tuple[Passage, ...],
    problems: tuple[Passage, ...],
    next_: tuple[str, ...],
    overview: tuple[Table, ...],
) -> tuple[Chapter, ...]:
    """The six chapters, in their order."""
    return (
        Chapter(heading="一、总体情况", passages=(Passage(paragraphs=first, tables=overview),)),
        Chapter(heading="二、受理办理情况", passages=handling),
        Chapter(heading="三、超期及未办结情况", passages=late),
        Chapter(heading="四、督办事项落实情况", passages=pressing),
        Chapter(heading="五、反映的主要问题及原因", passages=problems),
        Chapter(heading="六、下一步工作", passages=(Passage(paragraphs=next_),)),
    )
