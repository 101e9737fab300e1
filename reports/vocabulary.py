"""The words of reporting and supervision."""

from __future__ import annotations

import enum

from core.labels import Labelled
from tickets.opening_rules import Opening
from tickets.vocabulary import Action


class FileFormat(Labelled):
    DOCX = "docx", "Word 文档"
    XLSX = "xlsx", "Excel 工作簿"
    HTML = "html", "打印页"


MEDIA_TYPES = {
    FileFormat.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    FileFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    FileFormat.HTML: "text/html; charset=utf-8",
}


class Delivered(Labelled):
    """How a bulletin reached somebody."""

    MAIL = "mail", "邮件通知"
    PAPER = "paper", "纸质送达"
    IN_PERSON = "in_person", "当面送交"
    SYSTEM = "system", "登录系统查阅"


class OrderKind(Labelled):
    """A supervision order (督办): the first two are the office's own, the next three 纪委's, then others' from above."""

    REMINDER = "reminder", "催办单"
    INTERNAL = "internal", "督办单"
    SPOKEN = "spoken", "口头提醒"
    YELLOW = "yellow", "工作提示（黄牌）"
    RED = "red", "督办函（红牌）"
    INSTRUCTION = "instruction", "领导批示"
    SUPERIOR = "superior", "上级转办"


OWN_KINDS = frozenset({OrderKind.REMINDER, OrderKind.INTERNAL})
DISCIPLINE_KINDS = frozenset({OrderKind.SPOKEN, OrderKind.YELLOW, OrderKind.RED})


class ReceivedBy(Labelled):
    """How an order came."""

    PHONE = "phone", "电话"
    PAPER = "paper", "纸质"
    SYSTEM = "system", "系统内下达"


class OrderState(Labelled):
    OPEN = "open", "待书面说明"
    ANSWERED = "answered", "已说明，待审核"
    RETURNED = "returned", "退回补充"
    ACCEPTED = "accepted", "已采纳，办结"


class Verdict(enum.StrEnum):
    ACCEPT = "accept"
    RETURN = "return"


_ACTS = {
    **{each.value: each.label for each in Opening},
    "report.frozen": "专报生成",
    "report.downloaded": "下载专报",
    "report.delivered": "登记专报送达",
    "work.noted": "登记专项工作",
    "situation.drafted": "情况报告拟稿",
    "situation.edited": "修改情况报告",
    "situation.submitted": "情况报告送核稿",
    "situation.checked": "情况报告核稿",
    "situation.returned": "退回情况报告",
    "situation.signed": "签发情况报告",
    "situation.scanned": "签字盖章件归卷",
    "situation.delivered": "登记情况报告报送",
    "situation.dropped": "作废情况报告草稿",
    "situation.downloaded": "下载情况报告",
    "situation.printed": "打印情况报告",
    "situation.scan_opened": "打开签字盖章件",
    "supervision.recorded": "登记督办",
    "supervision.answered": "提交书面说明",
    "supervision.returned": "退回书面说明",
    "supervision.accepted": "采纳书面说明",
    "supervision.case_opened": "查看单件",
    "supervision.school_opened": "查看学校一页",
    "supervision.printed": "打印督办材料",
    "supervision.scan_opened": "打开督办扫描件",
    "ticket.overdue_reason": "填写超期原因",
    "checks.drawn": "抽查抽件",
    "checks.settled": "登记抽查结果",
    "inquiry.frozen": "留存应询快照",
    "inquiry.opened": "打开应询快照",
    "audit.read": "查看审计记录",
    "secrecy.read": "看过保密提醒",
    "secrecy.searched": "按电话号码查件",
    "login.completed": "登录",
    "login.failed": "登录失败",
    "login.ended": "退出登录",
    "login.code_refused": "动态口令不对",
    "account.password_changed": "修改密码",
    "account.totp_enrolled": "绑定动态口令",
    "mail.made_ticket": "邮件登记成件",
    "mail.set_aside": "搁置邮件",
    "mail.taken_back": "取回邮件",
    "mail.read_again": "重新识别邮件",
    "mailbox.code_changed": "更换邮箱授权码",
    "mailbox.recovered": "邮箱恢复",
    "outbox.cancelled": "取消发信",
    "outbox.send_again": "重新发信",
    "tickets.exported": "导出诉求件",
    "export_layout.saved": "保存导出格式",
    "export_layout.retired": "停用导出格式",
    "schools.loaded": "更新学校名册",
    "schools.edited": "修改学校资料",
    "schools.renamed": "学校改名",
    "schools.merged": "学校合并",
    "schools.contact": "登记学校联系人",
    "installation.office_changed": "改动系统设置",
    "retention.destroyed": "到期销毁",
}


def act_words(act: str) -> str:
    """What an entry of the audit log is about, as far as these pages know its word."""
    area, _, name = act.partition(".")
    if area == "ticket" and name in {each.value for each in Action}:
        return Action(name).label
    return _ACTS.get(act, "其他操作")
