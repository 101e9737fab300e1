"""The words of orders: each value of the code beside its word on the screen. Pure."""

from __future__ import annotations

from core.labels import Labelled


class OrderState(Labelled):
    DRAFT = "draft", "草稿"
    ISSUED = "issued", "已签发，待送达"
    DELIVERED = "delivered", "已送达，待签收"
    SIGNED = "signed", "已签收，待反馈"
    REPORTED = "reported", "已反馈，待核实"
    RETURNED = "returned", "已退回，待重报"
    VERIFIED = "verified", "核实通过"
    CANCELLED = "cancelled", "已撤销"


# What the school still owes something on, or the office still has to look at.
OPEN_ORDER_STATES = frozenset(
    {
        OrderState.ISSUED,
        OrderState.DELIVERED,
        OrderState.SIGNED,
        OrderState.REPORTED,
        OrderState.RETURNED,
    }
)


class OrderVerb(Labelled):
    DRAFT = "draft", "拟交办单"
    CHANGE = "change", "修改草稿"
    JUSTIFY = "justify", "说明为什么仍要开单"
    ISSUE = "issue", "签发"
    DISCARD = "discard", "弃用草稿"
    DELIVER = "deliver", "登记送达"
    SIGN = "sign", "登记签收"
    REPORT = "report", "登记反馈"
    REMIND = "remind", "催办"
    EXTEND = "extend", "同意学校延期"
    VERIFY = "verify", "核实通过"
    RETURN = "return", "退回学校重报"
    CANCEL = "cancel", "撤销"


class DeliveryWay(Labelled):
    """How an order reached the school; never by a messenger group, never by the public mailbox."""

    IN_PERSON = "in_person", "当面"
    OFFICE_SYSTEM = "office_system", "办公系统"
    EXCHANGE = "exchange", "公文交换"
    COURIER = "courier", "快递"


class ReminderWay(Labelled):
    PHONE = "phone", "电话"
    PAPER = "paper", "书面"
    OFFICE_SYSTEM = "office_system", "办公系统"


class Finding(Labelled):
    """What the school says about the matter; the office comes to a conclusion of its own."""

    TRUE = "true", "属实"
    PARTLY_TRUE = "partly_true", "部分属实"
    UNTRUE = "untrue", "不属实"
    UNVERIFIABLE = "unverifiable", "无法核实"


class ConsentGiven(Labelled):
    """How a complainant agreed."""

    RECORDING = "recording", "电话录音"
    MESSAGE = "message", "短信"
    MAIL = "mail", "邮件"
    WRITTEN = "written", "书面"
    IN_PERSON = "in_person", "当面"


class Disclosed(Labelled):
    """What a complainant has agreed to let the school know."""

    PUPIL = "pupil", "学生姓名"
    SCHOOL_CLASS = "school_class", "班级"
    PARENT = "parent", "家长姓名"
    PHONE = "phone", "电话"


class InquiryWay(Labelled):
    PAPERS = "papers", "查阅资料"
    VISIT = "visit", "现场查看"
    TALKS = "talks", "走访问询"
    PHONE = "phone", "电话了解"
    SPOT_CHECK = "spot_check", "面上检查"


class PaperKind(Labelled):
    """What a message in a ticket's course has to do with one of its orders."""

    ORDER = "order", "交办单"
    DELIVERY = "delivery", "送达凭证"
    SIGN_OFF = "sign_off", "签收回执"
    FEEDBACK = "feedback", "学校反馈"
    MAIL = "mail", "学校来信"
