"""What a mail is and what became of it, each value beside its word on the screen."""

from __future__ import annotations

from core.labels import Labelled


class MailKind(Labelled):
    """What a mail is, by rules that look at its headers and its sender."""

    ORDINARY = "ordinary", "普通邮件"
    BOUNCE = "bounce", "退信"
    AUTO_REPLY = "auto_reply", "自动回复"
    RECEIPT = "receipt", "回执"
    LIST = "list", "群发邮件"
    ABUSE_REPORT = "abuse_report", "垃圾邮件举报报告"
    HEARTBEAT = "heartbeat", "系统自检"
    WORK = "work", "疑似工作邮件"


class ItemState(Labelled):
    """What became of a mail."""

    NEW = "new", "待处理"
    LINKED = "linked", "已关联诉求件"
    SET_ASIDE = "set_aside", "已搁置"
    QUARANTINED = "quarantined", "待人工识别"


class ItemReason(Labelled):
    """Why a mail was set aside."""

    NOT_A_CASE = "not_a_case", "不是诉求"
    SPAM = "spam", "疑似垃圾"
    MACHINE = "machine", "系统自动邮件"
    DUPLICATE = "duplicate", "重复邮件"
    BEFORE_START = "before_start", "启用前的邮件"


class LedgerState(Labelled):
    """How far one mail on the server has come."""

    STORED = "stored", "已存储"
    DONE = "done", "已处理"
    FAILED = "failed", "处理失败"
    VANISHED = "vanished", "服务器上已不存在"


class LinkRole(Labelled):
    """Why a mail belongs to a ticket."""

    ORIGIN = "origin", "来件"
    COPY = "copy", "相同来信"
    REPLY = "reply", "后续来信"
