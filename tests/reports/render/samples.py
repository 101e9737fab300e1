"""Whole bulletins as an office gets them: a full month, one in which nothing came, a very long one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from reports.contents import (
    Annex,
    Balance,
    Bulletin,
    BulletinKind,
    Cell,
    CellKind,
    Chapter,
    Column,
    Integrity,
    NumberRun,
    Passage,
    Rate,
    Span,
    Table,
)


def text(title: str, width: int = 8, *, printed: bool = True) -> Column:
    return Column(title=title, width=width, printed=printed)


def number(title: str, width: int = 4, *, printed: bool = True) -> Column:
    return Column(title=title, width=width, kind=CellKind.NUMBER, printed=printed)


def day(title: str, *, printed: bool = True) -> Column:
    return Column(title=title, width=6, kind=CellKind.DATE, printed=printed)


BALANCE_HEADS = (
    "上期结转",
    "本期新收",
    "重启重办",
    "办结",
    "不予受理",
    "转出",
    "合并",
    "撤回",
    "作废",
    "期末在办",
)
A_BALANCE = Table(
    name="件数平衡",
    title="件数平衡表",
    columns=(text("股室", 6), *(number(head) for head in BALANCE_HEADS)),
    rows=(("中教股", 5, 12, 1, 11, 0, 2, 1, 0, 0, 4), ("初幼教股", 3, 19, 0, 15, 1, 1, 1, 0, 0, 4)),
    total=("合计", 8, 31, 1, 26, 1, 3, 2, 0, 0, 8),
    note="上期结转＋本期新收＋重启重办＝办结＋不予受理＋转出＋合并＋撤回＋作废＋期末在办；按期末承办股室列。",
)
BY_CHANNEL = Table(
    name="按来源",
    title="本期新收按来源统计（件次）",
    columns=(
        text("来源"),
        number("本期"),
        number("上期"),
        text("增减", 6),
        number("本年累计"),
        number("专项累计"),
    ),
    rows=(
        ("电话", 17, 12, "+5（+41.7%）", 168, 140),
        ("邮件", 11, 13, "−2（−15.4%）", 121, 98),
        ("来访", 1, None, "—", 9, None),
        ("县纪委监委转办", 2, 2, "持平", 6, 6),
    ),
    note="专项累计指“点题整治课后服务”计入的类别。",
)
OVERDUE_COLUMNS = (
    number("序号", 2),
    text("编号", 9),
    text("超期类别", 5),
    text("涉及学校"),
    text("反映事项", 14),
    text("股室", 4),
    text("责任人", 4),
    text("超期天数", 6),
    text("当前环节", 6),
    day("原定期限"),
    day("现行期限"),
    text("延期（次数、天数、批准人）", 8),
    number("暂停天数", printed=False),
    text("超期原因", 10),
    day("预计办结"),
)
OVERDUE = Table(
    name="超期清单",
    title="超期未办结清单",
    columns=OVERDUE_COLUMNS,
    rows=(
        (1, "ZJ20261103-0001", "办理超期", "凤鸣中学", "要求退还未参加课后服务期间的费用", "中教股", "王军",
         "3 个工作日", "等学校反馈", "2026-11-17", "2026-11-25", "1 次，共 5 工作日，苏敏批准", 0, "退费名单核对中", "2026-12-03"),
        (2, "CY20261105-0004", "学校反馈超期", "城厢中心小学", "课后服务时间由机构人员上收费课（摘要待确认）", "初幼教股", "陈丽",
         "不足 1 个工作日", "等学校反馈", "2026-11-30", "2026-11-30", "未延期", 8, "未填写", None),
    ),
    note="五类超期分别列示，不相加；一件可有几类。内部时限按工作日、法定期限按自然日计。",
    empty="期末没有超期未办结的件。",
)  # fmt: skip
LEDGER_COLUMNS = (
    number("序号", 2),
    text("编号", 9),
    day("登记日期"),
    day("来件日期", printed=False),
    text("来源", 6),
    text("反映问题", 14),
    text("问题类别", 6),
    text("五严禁", 4, printed=False),
    text("涉及学校", 8),
    text("城区/乡镇", 4, printed=False),
    text("责任股室、责任人", 6),
    text("是否属实", 4),
    text("整改措施", 12),
    day("整改时限（原定）", printed=False),
    day("整改时限"),
    text("当前环节", 5),
    day("办结（答复）日期"),
    text("是否超期", 5),
    text("超期原因、预计办结", 8),
    number("延期次数", printed=False),
    text("备注", 8, printed=False),
)


def ledger_row(place: int) -> tuple[Cell, ...]:
    """One line of the ledger; every third is open and late."""
    late = place % 3 == 0
    return (
        place,
        f"{'ZJ' if place % 2 else 'CY'}202611{place % 28 + 1:02d}-{place:04d}",
        f"2026-11-{place % 28 + 1:02d}",
        f"2026-11-{place % 28 + 1:02d}",
        ("电话", "邮件", "县纪委监委转办 纪办函5号")[place % 3],
        ("课后服务期间集中讲授新课，家长要求停止并公示安排", "按学期收取材料费，未开具票据", "校外机构进校开班，收费由机构直接收取，未见公示")[place % 3],
        ("集体讲新课", "另收费用", "机构进校")[place % 3],
        "严禁" if place % 2 else None,
        ("凤鸣中学", "城厢中心小学", "蓬莱镇第二中心小学")[place % 3],
        "城区" if place % 2 else "乡镇",
        ("中教股 王军", "初幼教股 陈丽")[place % 2],
        ("属实", "部分属实")[place % 2],
        "责令立即停止，退还所收费用并在校门口公示退费名单，约谈校长" if place % 4 else "已退费",
        "2026-11-17",
        "2026-11-25",
        "等学校反馈" if late else "已办结",
        None if late else "2026-11-24",
        "办理超期" if late else "否",
        "退费名单核对中，预计 2026-12-03 办结" if late else None,
        place % 3,
        "补录" if place % 50 == 0 else None,
    )  # fmt: skip


def ledger(rows: int) -> Table:
    return Table(
        name="问题整改台账",
        title="问题整改台账",
        columns=LEDGER_COLUMNS,
        rows=tuple(ledger_row(place) for place in range(1, rows + 1)),
        note="只列属实和部分属实的件；反映问题为经人确认的脱敏摘要，未确认的只写类别。",
        empty="本期没有属实或部分属实的件。",
    )


RECONCILED = Table(
    name="对账表",
    title="上期未办结件对账表",
    columns=(number("序号", 2), text("编号", 9), text("股室", 5), text("上期期末", 7), text("本期期末", 12), text("是否销账", 4)),
    rows=((1, "ZJ20261020-0003", "中教股", "办理中", "2026-11-06 办结", "是"), (2, "CY20261027-0001", "初幼教股", "待回访", "待回访（第 2 次联系）", "否")),
    empty="上期没有未办结的件。",
)  # fmt: skip
LATE_CLOSED = Table(
    name="逾期办结", title="逾期后办结清单", columns=(text("编号", 9), text("涉及学校"), day("现行期限"), day("答复日期"), text("逾期天数", 6)),
    rows=(("ZJ20261020-0003", "凤鸣中学", "2026-11-03", "2026-11-06", "3 个工作日"),), empty="本期没有逾期后办结的件。",
)  # fmt: skip
EXTENDED = replace(
    LATE_CLOSED, name="延期清单", title="本期批准延期清单", rows=(), empty="本期没有批准延期的件。"
)
MAILS = Table(
    name="邮件去向", title="邮件去向表", columns=(text("去向", 16), number("数量")),
    rows=(("登记成件", 28), ("关联已有件", 9), ("工作邮件", 162), ("自动邮件", 11), ("广告", 4), ("待识别", 0)), total=("合计", 214),
)  # fmt: skip

FULL = Bulletin(
    office="安溪县教育局",
    title="投诉举报受理办理情况数据专报（2026年11月）",
    span=Span(
        kind=BulletinKind.MONTHLY,
        name="2026-11",
        label="2026年11月",
        first_day=date(2026, 11, 1),
        last_day=date(2026, 11, 30),
    ),
    number="ZB-2026-11",
    issue_no=1,
    cutoff=datetime(2026, 11, 30, 16, tzinfo=UTC),
    balance=Balance(opening=8, received=31, restored=1, closed=26, rejected=1, transferred=3, merged=2, open_at_end=8),
    matters=29,
    in_time_original=Rate(due=20, in_time=18),
    in_time_current=Rate(due=20, in_time=19),
    integrity=Integrity(
        numbers=(NumberRun(first="ZJ20261103-0001", last="ZJ20261103-0004", count=4),), anchor_seq=7, anchor_mac="ab" * 32
    ),
    chapters=(
        Chapter(
            heading="一、总体情况",
            passages=(
                Passage(
                    heading="（一）收件情况",
                    paragraphs=(
                        "上期结转 8 件，本期新收 31 件（29 个事项），重办 1 件；本期办结 26 件，不予受理 1 件，转出 3 件，合并 2 件，撤回 0 件，作废 0 件，期末在办 8 件。",
                        "其中电话 17 件，邮件 11 件，来访 1 件，县纪委监委转办 2 件；城区 13 件，乡镇 18 件。",
                    ),
                    tables=(A_BALANCE,),
                ),
                Passage(heading="（二）累计情况", paragraphs=("本年累计收件 304 件，“点题整治”专项以来累计 244 件。",), tables=(BY_CHANNEL,)),
            ),
        ),
        Chapter(
            heading="二、受理办理情况",
            passages=(
                Passage(paragraphs=("按期办结率（原定时限）18/20（90.0%），按期办结率（批准延期后时限）19/20（95.0%）。按期办结率（原定时限）=本期应办结件中在原定时限内答复的件数÷本期应办结件数。本期应办结件指到期日在本期内的件，含尚未办结的。",)),
            ),
        ),
        Chapter(
            heading="三、超期及未办结情况",
            passages=(Passage(paragraphs=("期末在办 8 件中，办理超期 1 件（最长 3 个工作日），学校反馈超期 1 件。", "1.ZJ20261103-0001，凤鸣中学，要求退还未参加课后服务期间的费用，超期 3 个工作日，等学校反馈，原因：退费名单核对中，预计2026年12月3日办结，责任人王军。")),),
        ),
        Chapter(heading="四、督办事项落实情况", passages=(Passage(paragraphs=("本期没有督办事项。",)),)),
        Chapter(heading="五、反映的主要问题及原因", passages=(Passage(heading="（一）五严禁", paragraphs=("涉及“严禁随意扩大范围”0 件，“严禁强制学生参加”4 件，“严禁增加学生课业负担”2 件，“严禁以课后服务名义乱收费”9 件，“严禁集体教学”3 件。",)), Passage(heading="（二）反复出现的学校", paragraphs=("本期有 3 件以上反映的学校：凤鸣中学 5 件，城厢中心小学 3 件。",)))),
    ),
    annexes=(
        Annex(number=1, title="统计表", tables=(A_BALANCE, BY_CHANNEL)),
        Annex(number=2, title="问题整改台账", tables=(ledger(23),), landscape=True),
        Annex(number=3, title="超期未办结清单", tables=(OVERDUE,), landscape=True),
        Annex(number=4, title="逾期办结、延期、暂停计时清单", tables=(LATE_CLOSED, EXTENDED), landscape=True),
        Annex(number=5, title="上期未办结件对账表", tables=(RECONCILED,)),
        Annex(
            number=6,
            title="数据完整性说明",
            paragraphs=(
                "本期编号自 ZJ20261103-0001 起连续，无缺号；系统共接收邮件 214 封，其中登记成件 28 封、关联已有件 9 封、工作邮件 162 封、自动邮件 11 封、广告 4 封、待识别 0 封。",
                "中教股邮箱 10月1日 21:10 至 10月4日 11:20 因授权码失效中断 62 小时，恢复后补收 17 封，均已登记或甄别，无遗漏。",
                f"审计记录第 7 条，校验值 {'ab' * 32}。",
            ),
            tables=(MAILS,),
        ),
    ),
)  # fmt: skip

ZERO = replace(
    FULL,
    number="ZB-2026-12",
    title="投诉举报受理办理情况数据专报（2026年12月）",
    balance=Balance(opening=2, closed=1, open_at_end=1),
    matters=0,
    chapters=(
        Chapter(
            heading="一、总体情况",
            passages=(
                Passage(paragraphs=("本期未收到课后服务方面的群众反映，实行零报告。上期结转 2 件，本期办结 1 件，期末在办 1 件。",)),
            ),
        ),
    ),
    annexes=(
        Annex(number=1, title="统计表", tables=(replace(BY_CHANNEL, rows=(), note="", empty="本期和本年无来件。"),)),
        Annex(number=2, title="问题整改台账", tables=(ledger(0),), landscape=True),
        Annex(number=3, title="超期未办结清单", tables=(replace(OVERDUE, rows=()),), landscape=True),
    ),
)  # fmt: skip


def huge(rows: int = 3_000) -> Bulletin:
    """A year of a city: so many lines in the ledger."""
    annexes = tuple(
        replace(each, tables=(ledger(rows),)) if each.number == 2 else each for each in FULL.annexes
    )
    return replace(FULL, annexes=annexes)
