"""What leaves, and how far it has come. Pure."""

from __future__ import annotations

from core.labels import Labelled


class OutboxState(Labelled):
    QUEUED = "queued", "待发送"
    INFLIGHT = "inflight", "发送中"
    SENT = "sent", "已发出"
    RETRY = "retry", "等待重发"
    FAILED = "failed", "发送失败"
    UNKNOWN = "unknown", "是否送达不明"
    CANCELLED = "cancelled", "已取消"


class OutboxKind(Labelled):
    ANSWER = "answer", "答复"
    NOTICE = "notice", "告知"
    ACKNOWLEDGEMENT = "acknowledgement", "登记回执"
    REPORT = "report", "专报通知"
    STAFF = "staff", "工作提醒"
    HEARTBEAT = "heartbeat", "系统自检"


class CancelReason(Labelled):
    """Why a person takes a mail back before it left."""

    TOLD_OTHERWISE = "told_otherwise", "已用电话、信函或当面告知"
    WRONG_ADDRESS = "wrong_address", "收件地址不对"
    REPEATED = "repeated", "重复，已另外发出"
    NO_LONGER_RIGHT = "no_longer_right", "内容已不适用"
