"""Mail written by programs: what it is, and by which rule. The rules are asked in their order; the first one decides.

A wrong guess loses nothing: the mail lies in a tray that a person looks at. But nobody must get an acknowledgement
for a bounce, and two programs must never answer each other.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from mail_ingest.reading.headers import Headers
from mail_ingest.vocabulary import MailKind


@dataclass(frozen=True)
class Signs:
    """What the rules look at."""

    headers: Headers
    subject: str
    from_name: str
    from_address: str
    part_types: frozenset[str]
    text: str

    def header(self, name: str) -> str:
        return self.headers.text(name).lower()


_Rule = tuple[MailKind, str, Callable[[Signs], bool]]

_DAEMONS = re.compile(
    r"(?:^|[^a-z])(?:mailer[-_. ]?daemon|mail[-_. ]?daemon|post[-_.]?master|mdaemon|mmdf|bounce-?admin)(?:$|[^a-z])"
)
_DELIVERY_NAMES = re.compile(
    r"mail(?:er)?[-_. ]*(?:delivery|administrator)|delivery (?:sub)?system|internet mail delivery|系统退信|退信通知|邮件投递"
)
_BOUNCE_SUBJECT = re.compile(
    r"^\W*(?:undeliver(?:able|ed)\b|undelivered mail|returned (?:mail|to sender)|return(?:ed)? receipt? failure"
    r"|(?:mail|message) (?:delivery|delivering) (?:fail|error|status|problem|system)|delivery (?:status notification|failure|failed|error|problem|report|notification|unsuccessful)"
    r"|failure notice|(?:mail|message) (?:could )?not (?:be )?deliver|non[- ]?deliver|mail (?:system )?error|mail failure|email delivery failure"
    r"|(?:message|mail) (?:undeliverable|status|returned|rejected)|warning: (?:message|could not send|e?-?mail)|nondeliverable|bounced mail|unable to deliver|could not (?:be )?deliver"
    r"|undeliverable (?:mail|message)|投递失败|系统退信|退信通知|邮件退回|无法投递|邮件投递失败|mail (?:could )?not (?:be )?sent|delayed mail|mail delayed|delivery delayed"
    r"|problem delivering|dsn: )"
)
_AUTO_SUBJECT = re.compile(
    r"^\W*(?:自动回复|自动答复|自動回覆|外出自动|休假自动|\[?auto(?:matic|matische|mated)?[- ]?(?:reply|response|antwort|responder)\b|auto-?reply\b|autoreply\b|autorespon"
    r"|auto(?:matische)? antwort|out[- ]of[- ](?:the[- ])?office|abwesenheit|réponse automatique|respuesta autom|risposta automatica|i am out of|on vacation|away from (?:my )?(?:mail|desk|office)|vacation (?:reply|message)|auto: )"
)
_RECEIPT_SUBJECT = re.compile(
    r"^\W*(?:已读[:：]|已读回执|read: |read receipt|已讀|lu : |gelesen: |not read: |未读[:：])"
)
_NO_REPLY = re.compile(
    r"^(?:no|not|do-?not|don-?t)[-_.]?(?:reply|response|answer)|^noreply|[-_.]no-?reply$|^(?:mailer-daemon|postmaster|root|nobody|bounces?)(?:$|[-+=])"
)
_BOUNCE_WORDS = re.compile(
    r"(?:could not be delivered|undeliverable|unable to deliver|delivery (?:to the following|failed|has failed)|permanent (?:fatal )?error|not delivered to|returned to (?:its|the) sender"
    r"|user unknown|unknown user|mailbox (?:full|unavailable)|无法送达|投递失败|退回)",
    re.IGNORECASE,
)
_SERVER_SAYS = re.compile(
    r"this (?:message|e-?mail|is an? automatic\w*(?: generated)?(?: message| notification)?) (?:was |has been )?(?:created |generated )?(?:automatically )?by (?:the )?(?:mail|postfix|internet|smtp|exim|delivery)"
    r"|hi\. this is the (?:qmail|deliver)|this is the (?:postfix|mail (?:delivery )?system|qmail|sendmail)|i'm sorry to have to inform you that (?:the|your) message"
    r"|your (?:message|mail|e-mail)(?: to [^\n]{1,80})? (?:could not|cannot|was not|wasn't|couldn't) be(?:en)? delivered|the following (?:recipient|address)(?:\(?e?s\)?)? (?:could not|cannot|failed|had)"
    r"|^\{\s*\"(?:notificationtype|eventtype)\"|此邮件由(?:系统|邮件服务器)自动|您发送的邮件[^\n]{0,40}(?:退回|未能送达|无法送达)|抱歉，您的邮件被退回",
    re.IGNORECASE,
)


def _null_sender(signs: Signs) -> bool:
    raw = signs.headers.raw("return-path")
    return raw is not None and raw.strip().replace(b" ", b"") == b"<>"


def _from_daemon(signs: Signs) -> bool:
    local = signs.from_address.lower().rpartition("@")[0] or signs.from_address.lower()
    if _DAEMONS.search(local) or _DAEMONS.fullmatch(signs.from_name.lower().strip()):
        return True
    return bool(_DELIVERY_NAMES.search(signs.from_name.lower())) and _speaks_of_failure(signs)


def _begins_as_bounce(signs: Signs) -> bool:
    """The first lines that mail servers write; further down they may be quoted by a person who asks about them."""
    own = [line for line in signs.text[:200].splitlines() if not line.lstrip().startswith(">")]
    return bool(_SERVER_SAYS.search("\n".join(own)))


def _speaks_of_failure(signs: Signs) -> bool:
    return bool(_BOUNCE_SUBJECT.search(signs.subject.lower()) or _BOUNCE_WORDS.search(signs.text[:5000]))


def _report(kind: str) -> Callable[[Signs], bool]:
    def reports(signs: Signs) -> bool:
        if f"message/{kind}" in signs.part_types:
            return True
        declared = signs.headers.parameter("content-type", "report-type") or ""
        return declared.strip().lower() == kind

    return reports


def _auto_submitted(signs: Signs) -> bool:
    value = signs.header("auto-submitted")
    return bool(value) and not value.startswith("no")


def _marked_automatic(signs: Signs) -> bool:
    names = (
        "x-autoreply",
        "x-autorespond",
        "x-auto-reply",
        "x-mail-autoreply",
        "x-autoreply-from",
        "x-auto-responder",
        "x-vacation",
    )
    if any(signs.header(name) not in ("", "no", "none") for name in names):
        return True
    return signs.header("precedence") in ("auto_reply", "auto-reply") or "autoresponder" in signs.header(
        "delivered-to"
    )


def _sent_to_many(signs: Signs) -> bool:
    names = ("list-id", "list-unsubscribe", "list-post", "list-help", "x-mailing-list", "mailing-list")
    return any(signs.headers.has(name) for name in names) or signs.header("precedence") in (
        "bulk",
        "list",
        "junk",
    )


RULES: tuple[_Rule, ...] = (
    (MailKind.ABUSE_REPORT, "含反滥用报告（ARF）", _report("feedback-report")),
    (MailKind.RECEIPT, "含已读回执（MDN）", _report("disposition-notification")),
    (MailKind.BOUNCE, "含投递状态报告（DSN）", _report("delivery-status")),
    (MailKind.BOUNCE, "含投递状态报告（DSN）", _report("global-delivery-status")),
    (MailKind.BOUNCE, "发件人是邮件系统", _from_daemon),
    (
        MailKind.BOUNCE,
        "空发件人且内容是退信",
        lambda signs: _null_sender(signs) and _speaks_of_failure(signs),
    ),
    (
        MailKind.BOUNCE,
        "含失败收件人标记（X-Failed-Recipients）",
        lambda signs: signs.headers.has("x-failed-recipients"),
    ),
    (MailKind.RECEIPT, "主题是已读回执", lambda signs: bool(_RECEIPT_SUBJECT.search(signs.subject.lower()))),
    (MailKind.AUTO_REPLY, "主题是自动回复", lambda signs: bool(_AUTO_SUBJECT.search(signs.subject.lower()))),
    (MailKind.BOUNCE, "主题是退信通知", lambda signs: bool(_BOUNCE_SUBJECT.search(signs.subject.lower()))),
    (MailKind.BOUNCE, "正文开头是邮件系统的退信", _begins_as_bounce),
    (MailKind.AUTO_REPLY, "标记为自动发送（Auto-Submitted）", _auto_submitted),
    (MailKind.AUTO_REPLY, "标记为自动回复（X-Autoreply 等）", _marked_automatic),
    (
        MailKind.AUTO_REPLY,
        "空发件人的回信（Return-Path: <>）",
        # A first mail without a sender may still be a complaint that lost it on the way; it is only never answered.
        lambda signs: _null_sender(signs) and signs.headers.has("in-reply-to"),
    ),
    (MailKind.LIST, "群发或邮件列表标记（List-*、Precedence）", _sent_to_many),
)


def kind_of(signs: Signs) -> tuple[MailKind, str]:
    """What the mail is and the rule that says so, in words; an ordinary mail has no rule."""
    return next(((kind, rule) for kind, rule, applies in RULES if applies(signs)), (MailKind.ORDINARY, ""))


def wants_no_reply(signs: Signs, kind: MailKind) -> bool:
    """Whether an acknowledgement would loop, bounce or annoy a program."""
    if kind is not MailKind.ORDINARY or not signs.from_address:
        return True
    return _null_sender(signs) or bool(_NO_REPLY.search(signs.from_address.lower().partition("@")[0]))
