"""What the office does besides single cases (专项工作), and in what it is counted."""

from __future__ import annotations

from core.labels import Labelled


class WorkKind(Labelled):
    MEETING = "meeting", "召开推进会"
    INSPECTION = "inspection", "检查学校（机构）"
    CIRCULATED = "circulated", "通报典型案例"
    TALK = "talk", "约谈"
    RULE = "rule", "出台制度"
    SURVEY = "survey", "问卷调查"
    CASE = "case", "查处问题"
    PEOPLE = "people", "批评教育帮助和处理"
    DISCIPLINE = "discipline", "其中党纪政务处分"
    REFUND = "refund", "退费金额"
    REFUNDED = "refunded", "退费涉及学生"

    @property
    def unit(self) -> str:
        return _UNITS[self.value]


_UNITS = {
    "meeting": "次",
    "inspection": "个次",
    "circulated": "起",
    "talk": "人次",
    "rule": "项",
    "survey": "份",
    "case": "起",
    "people": "人",
    "discipline": "人",
    "refund": "元",
    "refunded": "人",
}
