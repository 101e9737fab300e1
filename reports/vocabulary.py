"""The words of reporting and supervision."""

from __future__ import annotations

import enum

from core.labels import Labelled


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
