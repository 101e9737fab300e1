"""The words of guarding a complainant: each value of the code beside its word on the screen."""

from __future__ import annotations

from core.labels import Labelled


class PressureKind(Labelled):
    """What somebody did who wanted to know who complained, or to make it stop."""

    ASKED = "asked", "打听反映人"
    PRESSED = "pressed", "施压或要求撤回"
    RETALIATED = "retaliated", "报复、区别对待"


class PressureWay(Labelled):
    PHONE = "phone", "电话"
    IN_PERSON = "in_person", "当面"
    MESSAGE = "message", "微信、短信"
    MEETING = "meeting", "会议、公开场合"
    OTHER = "other", "其他"


class InquiryResult(Labelled):
    """What an inquiry after a leak has found."""

    BY_STAFF = "by_staff", "本局人员泄露"
    BY_PAPER = "by_paper", "发出的材料使反映人被认出"
    BY_OTHERS = "by_others", "由局外人员或反映人自己说出"
    NOT_FOUND = "not_found", "未发现泄露"
    UNCLEAR = "unclear", "无法查明"


class SealedContent(Labelled):
    """What lies in the sealed envelope."""

    IDENTITY = "identity", "反映人身份和联系方式"
    WITH_WORDS = "with_words", "反映人身份、联系方式和反映原话"


class SealedState(Labelled):
    ASKED = "asked", "等待两人批准"
    APPROVED = "approved", "已批准，待打印装封"
    PRINTED = "printed", "已打印装封，待移交"
    HANDED_OVER = "handed_over", "已移交"
    REFUSED = "refused", "不予移交"


class SealedVerb(Labelled):
    APPROVE = "approve", "批准"
    REFUSE = "refuse", "不批准"
    HAND_OVER = "hand_over", "登记移交"


class NoticeKind(Labelled):
    """Why a head or leader is told something about secrecy."""

    MANY_REVEALS = "many_reveals", "查看联系方式过多"
    PRESSURE = "pressure", "打听、施压"
    LEAK_INQUIRY = "leak_inquiry", "泄密核查"
    SEALED = "sealed", "密封移交待批准"


class SearchReason(Labelled):
    """Why somebody looks for cases by a telephone number."""

    CALLS_AGAIN = "calls_again", "反映人再次来电，要接在原件上"
    DOUBLE = "double", "核对是否重复登记"
    MISSED_CALL = "missed_call", "回拨未接来电"
