"""The fixed wording around an order: beginnings, demands, what is said when a school is reminded. Pure."""

from __future__ import annotations

from datetime import date

BEGINS = "据反映，"

DEMANDS = (
    "逐项核查，如实反馈：是否属实；涉及年级、人数、金额；已采取的整改措施、完成时间、责任人；"
    "佐证材料（公示照片、收费票据、退费凭证等）。\n"
    "属实的立即纠正，同类问题一并自查，不得只改一处。"
)
DEMANDS_REFUND = (
    "对本学期已缴费但请假、转学、退出的学生全面清查，应退尽退，并反馈清查总人数、应退金额、已退金额，附退费凭证。\n"
    "属实的立即纠正，同类问题一并自查，不得只改一处。"
)
SECRECY = (
    "不得查找、打听、猜测、议论反映人；不得要求家长、教师、学生作出未反映、撤回反映的说明；"
    "不得对可能的反映人及其子女区别对待、打击报复。",
    "被反映的人员不参与核查、不经手本单。本单仅限校长及其指定的核查人员阅知，不得拍照转发微信群、QQ群。"
    "违反的，依规依纪依法处理。",
)
_WEEKDAYS = "一二三四五六日"


def full_day(day: date) -> str:
    """2026年12月3日（星期四）"""
    return f"{day.year}年{day.month}月{day.day}日（星期{_WEEKDAYS[day.weekday()]}）"


def short_day(day: date) -> str:
    """12月3日（星期四）"""
    return f"{day.month}月{day.day}日（星期{_WEEKDAYS[day.weekday()]}）"


def order_word(office: str) -> str:
    """What an office's orders are called: 安溪县教育局 → 安教交."""
    place = office.removesuffix("教育局").removesuffix("委")
    return f"{place[:1]}教交"


def proposed_summary(school: str, category: str) -> str:
    """A beginning for the released text that says nothing but school and category; a person goes on from it."""
    return f"{BEGINS}{school or '有关学校'}存在“{category or '课后服务'}”方面的问题。"


def proposed_demands(category_code: str) -> str:
    """Refunds without a consent are asked for as a check of everybody, so that no name is needed."""
    return DEMANDS_REFUND if category_code in _REFUNDS else DEMANDS


_REFUNDS = frozenset({"B4"})


def reminder(number: str, due: date, *, until: date, contact: str, overdue: bool) -> str:
    """What is read out or sent to a school that has not answered."""
    so_far = "至今未收到" if overdue else "目前还没有收到"
    return (
        f"{number}要求贵校 {short_day(due)}前反馈，{so_far}。请于 {short_day(until)} 17:30 前报送；"
        f"确有困难，请在此之前书面说明。逾期情况将如实列入向县纪委监委报送的清单。联系：{contact}。"
    )
