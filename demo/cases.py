"""The demonstration's cases: invented, one in every status, each brought there by the acts of the people themselves.

A case is told in working days before today, so that whoever starts the demonstration sees fresh, due and overdue ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from tickets.identity import Person
from tickets.orders.words import OrderVerb
from tickets.vocabulary import Action, Anonymity, CallerKind, Channel, TargetKind


@dataclass(frozen=True, kw_only=True)
class Step:
    """An act so many working days ago, by one of the people; 3.9 is earlier than 3.1."""

    days: float
    who: str
    action: Action | OrderVerb
    fields: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, kw_only=True)
class Case:
    key: str
    days: float  # how many working days ago it came in
    by: str
    matter: str
    school: str
    grade: str = ""
    request: str = ""
    channel: Channel = Channel.PHONE
    person: Person | None = None
    caller_kind: CallerKind = CallerKind.PARENT
    target_kind: TargetKind = TargetKind.SCHOOL
    wants_callback: bool = False
    steps: tuple[Step, ...] = ()


def _parent(name: str, last: str, *, callback: bool = True) -> Person:
    return Person(
        name=name,
        phone=f"1380000{last}",
        contact_note="请在下班后联系，不要打到单位",
        anonymity=Anonymity.CONFIDENTIAL,
        wants_callback=callback,
    )


def _accept(days: float, who: str, handler: str) -> Step:
    return Step(days=days, who=who, action=Action.ACCEPT, fields={"handler": handler})


def _start(days: float, who: str) -> Step:
    return Step(days=days, who=who, action=Action.START)


def _done(days: float, who: str, outcome: str, measures: str, answer: str) -> Step:
    fields = {
        "outcome": outcome,
        "measures": measures,
        "evidence": "学校情况说明、现场照片",
        "answer": answer,
    }
    return Step(days=days, who=who, action=Action.REPORT_DONE, fields=fields)


_ANSWER = "您反映的情况我们已核实：学校确有不规范之处，现已责令改正，多收的费用将于本周内退还。感谢您的监督。"

CASES = (
    Case(
        key="fresh",
        days=0.02,
        by="chenjie",
        matter="孩子在初二，班主任说课后服务全班都要参加，不参加的要写说明，家长群里点名。",
        school="安溪县云岭第二中学",
        grade="初二",
        request="希望学校真正做到自愿，不要点名。",
        person=_parent("李小兰", "1021"),
    ),
    Case(
        key="waits too long",
        days=6.1,
        by="linfang",
        matter="课后服务费这学期从 360 元涨到 480 元，没有看到公示，问老师说是统一规定。",
        school="安溪县茶山中学",
        grade="初一",
        request="请公开收费依据。",
        person=_parent("陈大明", "1022"),
    ),
    Case(
        key="accepted",
        days=2.2,
        by="huanglan",
        matter="一年级放学后没有人看管，孩子们在操场等到五点半，下雨天也没有地方去。",
        school="安溪县清源实验小学",
        grade="一年级",
        person=_parent("吴秀英", "1023"),
        steps=(_accept(1.1, "laimei", "huanglan"),),
    ),
    Case(
        key="in progress",
        days=5.2,
        by="chenjie",
        matter="周三、周五的课后服务时间数学老师上新课，没参加的孩子第二天听不懂。",
        school="安溪县凤鸣中学",
        grade="初三",
        request="停止借课后服务上新课。",
        person=_parent("张建华", "1024"),
        wants_callback=True,
        steps=(_accept(4.2, "sumin", "wangjun"), _start(4.1, "wangjun")),
    ),
    Case(
        key="overdue",
        days=13.2,
        by="huanglan",
        matter="上学期没参加课后服务也扣了钱，找了学校三次都说在走流程，一直没退。",
        school="安溪县石鼓中心学校",
        grade="四年级",
        request="退还上学期的 320 元。",
        person=_parent("郭丽", "1025"),
        steps=(_accept(12.2, "laimei", "xieyun"), _start(11.3, "xieyun")),
    ),
    Case(
        key="extended",
        days=9.2,
        by="linfang",
        matter="校外机构的老师来校上编程课，课上推销寒假班，加家长微信。",
        school="安溪县云岭第一中学",
        grade="高一",
        person=_parent("周文彬", "1026"),
        steps=(
            _accept(8.2, "sumin", "linfang"),
            _start(8.1, "linfang"),
            Step(
                days=2.3,
                who="linfang",
                action=Action.EXTEND,
                fields={"days": "3", "reason": "需向市场监管部门核实机构资质，等待回函。"},
            ),
            Step(
                days=2.1, who="sumin", action=Action.EXTEND, fields={"decision": "agree", "reason": "同意。"}
            ),
        ),
    ),
    Case(
        key="in review",
        days=9.2,
        by="chenjie",
        matter="课后服务名额不够，报名系统一开就满，我家孩子连续两个学期没报上。",
        school="安溪县云岭实验小学",
        grade="二年级",
        person=_parent("林美珍", "1027"),
        wants_callback=True,
        steps=(
            _accept(8.2, "laimei", "xieyun"),
            _start(8.1, "xieyun"),
            _done(1.2, "xieyun", "true", "学校增开两个班，本周五前补报到位。", _ANSWER),
        ),
    ),
    Case(
        key="to be called back",
        days=8.3,
        by="chenjie",
        matter="晚托延时到七点，校门口没有保安，家长接送很乱，担心安全。",
        school="安溪县清源中学",
        grade="高二",
        person=_parent("许志强", "1028"),
        wants_callback=True,
        steps=(
            _accept(7.4, "sumin", "wangjun"),
            _start(7.3, "wangjun"),
            _done(2.4, "wangjun", "true", "学校安排值班保安和护学岗，调整接送时段。", _ANSWER),
            Step(days=1.3, who="sumin", action=Action.APPROVE),
        ),
    ),
    Case(
        key="closed",
        days=15.3,
        by="chenjie",
        matter="兴趣班只有写作业，通知上写的篮球和书法一次都没上过。",
        school="安溪县晨光小学",
        grade="五年级",
        person=_parent("蔡宏伟", "1029"),
        wants_callback=True,
        steps=(
            _accept(14.3, "laimei", "huanglan"),
            _start(14.2, "huanglan"),
            _done(8.3, "huanglan", "partly_true", "学校补齐书法课，篮球课下周开课，公示课表。", _ANSWER),
            Step(days=7.3, who="laimei", action=Action.APPROVE),
            Step(
                days=7.2,
                who="chenjie",
                action=Action.ANSWERED,
                fields={"how": "phone", "reason": "电话逐条答复，反映人表示清楚。"},
            ),
            Step(
                days=6.2,
                who="chenjie",
                action=Action.CALLED_BACK,
                fields={"satisfaction": "satisfied", "reason": "课已经开起来了，谢谢。"},
            ),
        ),
    ),
    Case(
        key="answered at once",
        days=3.3,
        by="linfang",
        matter="想问一下初中课后服务一周最多几天、最晚到几点。",
        school="",
        grade="初一",
        person=None,
        steps=(
            Step(
                days=3.29,
                who="linfang",
                action=Action.ANSWER_NOW,
                fields={
                    "answer": "已告知：周一至周五，每天至少两小时，初中晚自习结束时间不晚于 20:30。",
                    "category": "I1",
                },
            ),
        ),
    ),
    Case(
        key="suspended",
        days=8.3,
        by="linfang",
        matter="老师收了课后服务材料费，没有票据，说是代收。",
        school="安溪县双桥中学",
        grade="初二",
        person=_parent("柯丽华", "1030"),
        steps=(
            _accept(7.3, "sumin", "linfang"),
            _start(7.2, "linfang"),
            Step(
                days=1.4,
                who="sumin",
                action=Action.SUSPEND,
                fields={"why": "complainant", "until": "+5", "reason": "请反映人补充转账截图，已电话告知。"},
            ),
        ),
    ),
    Case(
        key="refused",
        days=7.2,
        by="chenjie",
        matter="初一托管费退费的事，我已经起诉学校合作的机构，也请教育局再处理一次。",
        school="安溪县白鹤中学",
        grade="初一",
        person=_parent("洪志明", "1031"),
        steps=(
            Step(
                days=6.2,
                who="sumin",
                action=Action.REFUSE,
                fields={
                    "why": "legal_remedy",
                    "reason": "同一退费纠纷法院已立案，请等待判决；判决后可申请执行。",
                },
            ),
        ),
    ),
    Case(
        key="transferred",
        days=6.4,
        by="chenjie",
        matter="学校食堂承包商拖欠供货款，我是供货的，学校说不管。",
        school="安溪县溪尾中学",
        grade="初中",
        caller_kind=CallerKind.OTHER,
        person=_parent("叶茂盛", "1032"),
        steps=(
            Step(
                days=5.3,
                who="sumin",
                action=Action.TRANSFER_OUT,
                fields={
                    "to": "县市场监督管理局",
                    "reason": "供货合同纠纷，不属于教育部门职权。",
                    "contact_data": "withheld",
                    "feedback_by": "+10",
                },
            ),
        ),
    ),
    Case(
        key="merged",
        days=4.4,
        by="chenjie",
        matter="凤鸣中学课后服务时间上新课，物理也在上，群里很多家长有意见。",
        school="安溪县凤鸣中学",
        grade="初三",
        person=_parent("孙玉梅", "1033"),
        steps=(
            Step(
                days=3.4,
                who="wangjun",
                action=Action.MERGE,
                fields={"into": "=in progress", "reason": "与先来的诉求是同一事项。"},
            ),
        ),
    ),
    Case(
        key="withdrawn",
        days=9.5,
        by="huanglan",
        matter="孩子说课后服务的老师批评他了，想问问情况。",
        school="安溪县云岭第一小学",
        grade="三年级",
        person=_parent("曾国平", "1034"),
        steps=(
            _accept(8.5, "laimei", "huanglan"),
            Step(
                days=6.5,
                who="huanglan",
                action=Action.WITHDRAW,
                fields={"reason": "反映人来电说已和老师沟通好，不再反映。"},
            ),
            Step(
                days=6.3,
                who="chenjie",
                action=Action.WITHDRAW,
                fields={"reason": "已拨打登记电话核实，确为本人意思。", "decision": "agree"},
            ),
            Step(days=6.25, who="laimei", action=Action.WITHDRAW, fields={"decision": "agree"}),
        ),
    ),
    Case(
        key="voided",
        days=3.6,
        by="chenjie",
        matter="测试登记，请忽略。",
        school="安溪县石鼓中学",
        person=None,
        steps=(
            Step(days=3.5, who="chenjie", action=Action.VOID, fields={"reason": "误按登记，没有来电。"}),
            Step(
                days=3.4,
                who="sumin",
                action=Action.VOID,
                fields={"decision": "agree", "reason": "情况属实。"},
            ),
        ),
    ),
    Case(
        key="headmaster",
        days=1.3,
        by="sumin",
        channel=Channel.LETTER,
        matter="校长安排亲戚的公司承包课后服务的餐点，价格高、质量差，教师不敢说。",
        school="安溪县茶山中心学校",
        caller_kind=CallerKind.TEACHER,
        target_kind=TargetKind.HEADMASTER,
        person=_parent("匿名教师", "1035"),
    ),
)
