"""The words of situation reports (情况报告)."""

from __future__ import annotations

from core.labels import Labelled


class PaperKind(Labelled):
    """文种: what the paper is called, which decides how its title ends."""

    REPORT = "report", "情况报告"
    LETTER = "letter", "函"
    BRIEF = "brief", "情况汇报"

    @property
    def ending(self) -> str:
        """With what a title of this kind ends."""
        return {"report": "情况的报告", "letter": "情况的函", "brief": "的情况汇报"}[self.value]

    @property
    def upward(self) -> bool:
        """Whether it goes to those above, so that the head of the paper names who signed it."""
        return self is not PaperKind.LETTER


class SituationState(Labelled):
    DRAFT = "draft", "拟稿中"
    TO_CHECK = "to_check", "待核稿"
    TO_SIGN = "to_sign", "待签发"
    SIGNED = "signed", "已签发"
    DROPPED = "dropped", "已作废"


class SituationAct(Labelled):
    """One step on the way of a situation report."""

    DRAFTED = "drafted", "拟稿"
    EDITED = "edited", "修改"
    SUBMITTED = "submitted", "送核稿"
    CHECKED = "checked", "核稿"
    RETURNED = "returned", "退回修改"
    SIGNED = "signed", "签发"
    SCANNED = "scanned", "签字盖章件归卷"
    DELIVERED = "delivered", "报送"
    DROPPED = "dropped", "作废草稿"


class SignedHow(Labelled):
    """Whether the leader signed in the system, or on paper, which is then written down."""

    SYSTEM = "system", "本人在系统内签发"
    PAPER = "paper", "纸质签发，补录"
