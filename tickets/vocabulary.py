"""The words of the office: each value of the code beside its word on the screen."""

from __future__ import annotations

from core.labels import Labelled


class Status(Labelled):
    PENDING = "pending", "待受理"
    ACCEPTED = "accepted", "已受理"
    IN_PROGRESS = "in_progress", "办理中"
    PENDING_REVIEW = "pending_review", "待审核"
    PENDING_CALLBACK = "pending_callback", "待回访"
    CLOSED = "closed", "已办结"
    SUSPENDED = "suspended", "暂停计时（挂起）"
    REJECTED = "rejected", "不予受理"
    TRANSFERRED = "transferred", "转办"
    MERGED = "merged", "合并办理"
    WITHDRAWN = "withdrawn", "反映人撤回"
    VOIDED = "voided", "作废"


OPEN_STATUSES = frozenset(
    {
        Status.PENDING,
        Status.ACCEPTED,
        Status.IN_PROGRESS,
        Status.PENDING_REVIEW,
        Status.PENDING_CALLBACK,
        Status.SUSPENDED,
    }
)


class Action(Labelled):
    REGISTER = "register", "登记"
    ACCEPT = "accept", "受理"
    ANSWER_NOW = "answer_now", "当场答复办结"
    START = "start", "开始办理"
    REFUSE = "refuse", "不予受理"
    HAND_OVER = "hand_over", "移交另一股室"
    TRANSFER_OUT = "transfer_out", "转办"
    MERGE = "merge", "合并办理"
    SPLIT = "split", "拆分"
    SUSPEND = "suspend", "暂停计时"
    RESUME = "resume", "恢复计时"
    REPORT_DONE = "report_done", "报请办结"
    APPROVE = "approve", "审核通过"
    SEND_BACK = "send_back", "退回补办"
    CALLED_BACK = "called_back", "登记回访"
    REDO = "redo", "重办"
    UPHOLD = "uphold", "维持结论并解释"
    REOPEN = "reopen", "重启办理"
    WITHDRAW = "withdraw", "反映人撤回"
    VOID = "void", "作废"
    ASSIGN = "assign", "指定经办人"
    CORRECT = "correct", "更正登记"
    RECOMPUTE = "recompute", "时限重算"
    EXTEND = "extend", "延期"
    SEND_ON = "send_on", "送请代办"
    NOTIFY = "notify", "登记告知"
    ANSWERED = "answered", "答复送达"
    UNDELIVERED = "undelivered", "答复未送达"
    RATED = "rated", "书面评价"
    WROTE_AGAIN = "wrote_again", "反映人又来信"
    ASK_FACTS = "ask_facts", "请反映人补充"
    NOTICE_BACK = "notice_back", "告知未送达"
    LEFT_AS_IS = "left_as_is", "来信已阅，维持办结"
    FEEDBACK = "feedback", "登记转办反馈"
    UNMERGE = "unmerge", "拆出"
    RELEASE = "release", "确认脱敏摘要"
    CONSENT = "consent", "同意披露"
    ORDER = "order", "交办单"
    INQUIRE = "inquire", "直接核查"
    PAPER = "paper", "核对书面意见"
    WRITE_OFF = "write_off", "销号"
    PRESSURE = "pressure", "登记打听施压"
    LEAK_INQUIRY = "leak_inquiry", "泄密核查"
    SEALED = "sealed", "密封移交"


class Channel(Labelled):
    PHONE = "phone", "电话"
    MAIL = "mail", "邮件"
    LETTER = "letter", "纸质来信"
    VISIT = "visit", "来访"
    HOTLINE_12345 = "12345", "12345转办"
    SUPERIOR = "superior", "上级转办"
    DISCIPLINE = "discipline", "县纪委监委转办"
    OTHER = "other", "其他"


class Anonymity(Labelled):
    NAMED = "named", "实名"
    CONFIDENTIAL = "confidential", "留电话、请保密"
    ANONYMOUS = "anonymous", "不留任何信息"


class CallerKind(Labelled):
    UNKNOWN = "unknown", "不明"
    PARENT = "parent", "家长"
    TEACHER = "teacher", "教师"
    PUPIL = "pupil", "学生"
    OTHER = "other", "其他"


class TargetKind(Labelled):
    UNKNOWN = "unknown", "不明"
    SCHOOL = "school", "学校"
    TEACHER = "teacher", "教师"
    HEADMASTER = "headmaster", "校长或学校负责人"
    PARENT_COMMITTEE = "parent_committee", "家委会"
    COMPANY = "company", "机构"
    BUREAU = "bureau", "本局人员"
    OTHER = "other", "其他"


class Urgency(Labelled):
    NORMAL = "normal", "普通"
    WATCH = "watch", "关注"
    URGENT = "urgent", "紧急"


class Alarm(Labelled):
    Y1 = "Y1", "生命安全或侵害"
    Y2 = "Y2", "人身安全"
    Y3 = "Y3", "稳定"


class Secrecy(Labelled):
    ORDINARY = "ordinary", "常规保密"
    STRICT = "strict", "重点保密"
    RESTRICTED = "restricted", "限制知悉"


class Outcome(Labelled):
    TRUE = "true", "属实"
    PARTLY_TRUE = "partly_true", "部分属实"
    UNTRUE = "untrue", "不属实"
    UNVERIFIABLE = "unverifiable", "无法核实"
    NOT_APPLICABLE = "not_applicable", "不适用（咨询建议）"
    PASSED_ON = "passed_on", "移送，不作结论"


class Satisfaction(Labelled):
    SATISFIED = "satisfied", "满意"
    MOSTLY = "mostly", "基本满意"
    DISSATISFIED = "dissatisfied", "不满意"
    UNREACHABLE = "unreachable", "无法联系"
    DECLINED = "declined", "不愿评价"
    WRITTEN_UNRATED = "written_unrated", "书面答复，未评价"
    ANONYMOUS = "anonymous", "匿名无法回访"
    NOT_SAMPLED = "not_sampled", "未抽中"


class Direction(Labelled):
    INBOUND = "inbound", "来自反映人"
    OUTBOUND = "outbound", "对反映人"
    SCHOOL_IN = "school_in", "来自学校"
    SCHOOL_OUT = "school_out", "对学校"
    NOTE = "note", "内部材料"
    REMARK = "remark", "便签"


class Stage(Labelled):
    """School stages; which section looks after which stands in office.toml."""

    KINDERGARTEN = "kindergarten", "幼儿园"
    PRIMARY = "primary", "小学"
    JUNIOR = "junior", "初中"
    SENIOR = "senior", "高中"
    VOCATIONAL = "vocational", "中职"


class ContactRole(Labelled):
    """Whom the office calls at a school."""

    HEADMASTER = "headmaster", "校长"
    DEPUTY = "deputy", "分管副校长"
    LIAISON = "liaison", "联络员"


class SuspensionReason(Labelled):
    COMPLAINANT = "complainant", "待反映人补充"
    AUTHORITY = "authority", "待司法或其他机关结论"
    HOLIDAY = "holiday", "学校放假无法核查"
    FORCE_MAJEURE = "force_majeure", "不可抗力"


class OverdueReason(Labelled):
    SCHOOL_SILENT = "school_silent", "学校未反馈"
    SCHOOL_REDO = "school_redo", "反馈不合格退回"
    SEVERAL_OFFICES = "several_offices", "需多部门核查"
    REFUND = "refund", "退费清退需时间"
    COMPLAINANT = "complainant", "待反映人补充"
    VACANCY = "vacancy", "经办人离岗无人接手"
    OUTAGE = "outage", "系统或邮箱中断"
    OTHER = "other", "其他"


class CheckResult(Labelled):
    """What a spot check has found."""

    RIGHT = "right", "合格"
    WRONG = "wrong", "不合格"


class AskedHow(Labelled):
    """How somebody asked about what is late."""

    PHONE = "phone", "电话"
    IN_PERSON = "in_person", "当面"
    PAPER = "paper", "来函"
    MEETING = "meeting", "会议"


class RefusalReason(Labelled):
    """Why a matter is not taken on; what belongs elsewhere is transferred instead, never refused."""

    LEGAL_REMEDY = "legal_remedy", "已经或者依法应当通过诉讼、仲裁、行政复议等法定途径解决"
    HANDLED_ELSEWHERE = "handled_elsewhere", "有权处理的机关已经受理或者正在办理同一事项"
    FINAL_OPINION = "final_opinion", "已有处理（复查、复核）意见，仍以同一事实和理由提出（不再受理）"
    INFORMATION_REQUEST = "information_request", "申请政府信息公开（告知申请渠道）"
    INCOMPLETE = "incomplete", "没有具体对象和事实，且无法联系补充（要素不全，留存参考）"


class Duty(Labelled):
    """What can be sent to somebody else when nobody left in the section may do it."""

    REVIEW = "review", "审核审批"
    CALL_BACK = "call_back", "回访"


class ContactData(Labelled):
    """What happens to the complainant's contact data when a matter is passed on."""

    WITHHELD = "withheld", "不附联系方式"
    WITH_CONSENT = "with_consent", "经反映人同意附联系方式"


class ToldBy(Labelled):
    """How somebody was told something."""

    PHONE = "phone", "电话"
    MAIL = "mail", "邮件"
    LETTER = "letter", "书面邮寄"
    IN_PERSON = "in_person", "当面"


class Decision(Labelled):
    """What somebody says to what another has asked for."""

    AGREE = "agree", "同意"
    DISAGREE = "disagree", "不同意"


class PaperVerdict(Labelled):
    """What the one who signed says to what was entered in that name."""

    RIGHT = "right", "无误"
    DISPUTED = "disputed", "有异议"


class WriteOffState(Labelled):
    PROPOSED = "proposed", "待批准"
    APPROVED = "approved", "已销号"
    DECLINED = "declined", "不同意"


class NoticeState(Labelled):
    """How far a notice has come."""

    OWED = "owed", "还没有告知"
    ON_ITS_WAY = "on_its_way", "邮件等着发出"
    TOLD = "told", "已告知"
    CAME_BACK = "came_back", "邮件被退回，还没有告知"
    FAILED = "failed", "邮件没有发出，还没有告知"


class LetterKind(Labelled):
    """What has to be said to a complainant after an act."""

    ACCEPTED = "accepted", "受理告知"
    REFUSED = "refused", "不予受理告知"
    TRANSFERRED = "transferred", "转出告知"
    PASSED_ON = "passed_on", "移送告知"
    MERGED = "merged", "合并告知"
    EXTENDED = "extended", "延期告知"
    ANSWER = "answer", "办结答复"
    SPLIT = "split", "拆分告知"
    FACTS = "facts", "请补充情况"


class FactWanted(Labelled):
    """What a complainant may be asked to add; a fixed list, so that nothing has to be reviewed before it leaves."""

    SCHOOL = "school", "学校的全称"
    WHEN = "when", "事情发生的时间"
    GRADE = "grade", "涉及的年级"
    AMOUNT = "amount", "收费的项目、金额和方式"
    PROOF = "proof", "票据、通知、聊天记录等照片"
    PLACE = "place", "具体的地点"
    WISH = "wish", "希望怎样解决"


class LetterName(Labelled):
    """The texts of letters that the bureau can change."""

    ACKNOWLEDGED = "acknowledged", "来信已登记（自动回执）"
    ACKNOWLEDGED_REST = "acknowledged_rest", "来信已登记（同日其余来信，次日一封）"
    ACCEPTED = "accepted", "受理告知"
    REFUSED_LEGAL_REMEDY = "refused_legal_remedy", "不予受理：应走法定途径"
    REFUSED_HANDLED_ELSEWHERE = "refused_handled_elsewhere", "不予受理：有权机关已在办"
    REFUSED_FINAL_OPINION = "refused_final_opinion", "不再受理：已有处理意见"
    REFUSED_INFORMATION_REQUEST = "refused_information_request", "申请渠道告知：信息公开"
    TRANSFERRED = "transferred", "转出告知"
    PASSED_ON = "passed_on", "移送告知"
    MERGED = "merged", "合并告知"
    EXTENDED = "extended", "延期告知"
    SPLIT = "split", "拆分告知"
    ANSWER = "answer", "办结答复"
    ANSWER_CONSULTATION = "answer_consultation", "咨询答复"
    ANSWER_PASSED_ON = "answer_passed_on", "移送件答复"
    OUTLINE_TRUE = "outline_true", "答复提纲：属实"
    OUTLINE_PARTLY_TRUE = "outline_partly_true", "答复提纲：部分属实"
    OUTLINE_UNTRUE = "outline_untrue", "答复提纲：未发现所反映情况"
    OUTLINE_UNVERIFIABLE = "outline_unverifiable", "答复提纲：无法核实"
    OUTLINE_CONSULTATION = "outline_consultation", "答复提纲：咨询建议"
    FACTS = "facts", "请补充情况"
