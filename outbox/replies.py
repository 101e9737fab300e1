"""What a mail server's refusal means for us: wait, stop until tomorrow, stop and call a person, or give this mail up. Pure.

163.com answers with few numbers and many words: the number alone does not tell a full recipient from a banned sender, so
its own marks (MI:, DT:, HL:, RP:) are looked at first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

from core.labels import Labelled


class Stage(Labelled):
    """How far a mail had come when the server said no."""

    CONNECT = "connect", "连接"
    LOGIN = "login", "登录"
    SENDER = "sender", "声明发件人"
    RECIPIENT = "recipient", "声明收件人"
    DATA = "data", "递交正文"


class Verdict(Labelled):
    WAIT = "wait", "稍后再发"
    TOMORROW = "tomorrow", "明天再发"
    ALARM = "alarm", "停发，需要人处理"
    REJECTED_TEXT = "rejected_text", "这封信的内容被拒收"
    BAD_ADDRESS = "bad_address", "收件地址不能用"


# These end one mail; the others hold up all mails of a sender, or this mail for a while.
FINAL = frozenset({Verdict.REJECTED_TEXT, Verdict.BAD_ADDRESS})


@dataclass(frozen=True, kw_only=True)
class Meaning:
    """What to do. `whole_sender`: every mail of this sender would meet the same; `tries`: after so many it is final."""

    verdict: Verdict
    words: str
    whole_sender: bool = False
    wait: timedelta | None = None
    tries: int | None = None


_QUARTER = timedelta(minutes=15)
_LOGIN_AGAIN = timedelta(hours=2)
_BANNED_AGAIN = timedelta(hours=6)
_SPAM_AGAIN = timedelta(minutes=2)
_SPAM_TRIES = 3

_LOGIN_REFUSED = Meaning(
    verdict=Verdict.ALARM,
    words="邮箱服务器拒绝登录：授权码可能已失效。请到邮箱网页重新取得授权码，粘贴后会自动继续发送。",
    whole_sender=True,
    wait=_LOGIN_AGAIN,
)
_QUOTA = Meaning(
    verdict=Verdict.WAIT,
    words="发得太快，邮箱服务器要求稍后再发；会自动再发。",
    whole_sender=True,
    wait=_QUARTER,
)
_LINE = Meaning(
    verdict=Verdict.WAIT,
    words="邮箱服务器暂时限制本单位网络的连接，会自动再发。",
    whole_sender=True,
    wait=_QUARTER,
)
_DAY_IS_FULL = Meaning(
    verdict=Verdict.TOMORROW,
    words="这个邮箱今天的发信量已到邮箱服务商的上限，明天自动接着发。",
    whole_sender=True,
)
_BANNED = Meaning(
    verdict=Verdict.ALARM,
    words="邮箱服务商停用了本单位网络的发信（网络地址在黑名单里）。请联系网络管理员和邮箱服务商解除。",
    whole_sender=True,
    wait=_BANNED_AGAIN,
)
_FROM_DIFFERS = Meaning(
    verdict=Verdict.ALARM,
    words="邮箱服务器要求发件人与登录的邮箱一致。请管理员核对 office.toml 里的 username 和邮箱地址。",
    whole_sender=True,
    wait=_BANNED_AGAIN,
)
_SPAM_SOFT = Meaning(
    verdict=Verdict.WAIT,
    words="邮箱服务器怀疑这封信是垃圾邮件，过几分钟再试，最多三次。",
    wait=_SPAM_AGAIN,
    tries=_SPAM_TRIES,
)
_SPAM = Meaning(
    verdict=Verdict.REJECTED_TEXT,
    words="邮箱服务器把这封信的内容当作垃圾邮件拒收，原样再发也不会成功。请改用电话告知，或改写后另发。",
)
_TOO_LARGE = Meaning(
    verdict=Verdict.REJECTED_TEXT, words="这封信太大，对方邮箱不收。请改用电话告知，或缩短后另发。"
)
_NO_SUCH_ADDRESS = Meaning(
    verdict=Verdict.BAD_ADDRESS,
    words="收件人的邮箱不存在或已停用。请核对地址，或改用电话、信函告知。",
)
_NOT_NOW = Meaning(verdict=Verdict.WAIT, words="对方邮箱暂时不收信，会自动再发。")
_REFUSED = Meaning(
    verdict=Verdict.REJECTED_TEXT, words="邮箱服务器拒收这封信，没有说明能否再发。请改用电话告知。"
)
_SENDER_REFUSED = Meaning(
    verdict=Verdict.ALARM,
    words="邮箱服务器不接受这个发件邮箱。请登录邮箱网页查看是否被停用。",
    whole_sender=True,
    wait=_LOGIN_AGAIN,
)


@dataclass(frozen=True)
class _Rule:
    """One line of the table: the first that fits decides. `hard`: 5xx, else 4xx; None: both."""

    words: re.Pattern[str]
    meaning: Meaning
    hard: bool | None = None


def _rule(pattern: str, meaning: Meaning, *, hard: bool | None = None) -> _Rule:
    return _Rule(re.compile(pattern, re.IGNORECASE), meaning, hard)


_RULES = (
    _rule(r"too much fail authentication|authentication (?:failed|is required)", _LOGIN_REFUSED),
    _rule(r"\bMI:STC\b|\bRP:TRC\b", _DAY_IS_FULL, hard=True),
    _rule(r"\bMI:SFQ\b|\bMI:STC\b|\bRP:TRC\b", _QUOTA, hard=False),
    _rule(r"\bHL:IHU\b|\bIP\b.{0,40}\bblack ?list", _BANNED),
    _rule(r"\bHL:(?:ICC|IFC|REP)\b", _LINE),
    _rule(r"\bHL:", _BANNED, hard=True),
    _rule(r"\bHL:", _LINE, hard=False),
    _rule(r"\bDT:SUM\b|must equal authorized user", _FROM_DIFFERS),
    _rule(r"\bDT:SPM\b", _SPAM_SOFT, hard=False),
    _rule(r"\bDT:SPM\b|\bspam\b", _SPAM, hard=True),
    _rule(
        r"invalid user|user suspended|user (?:not found|unknown)|unknown user|no such user|mailbox (?:not found|unavailable)",
        _NO_SUCH_ADDRESS,
        hard=True,
    ),
)


def meaning_of(stage: Stage, code: int, text: str) -> Meaning:
    """What an answer of 4xx or 5xx asks for; every answer has a meaning."""
    hard = code >= 500
    for rule in _RULES:
        if rule.hard in {None, hard} and rule.words.search(text):
            return rule.meaning
    return _by_stage(stage, code, hard=hard)


def _by_stage(stage: Stage, code: int, *, hard: bool) -> Meaning:
    match stage:
        case Stage.CONNECT:
            return _BANNED if hard else _LINE
        case Stage.LOGIN:
            return _LOGIN_REFUSED if hard else _LINE
        case Stage.SENDER:
            return _SENDER_REFUSED if hard else _QUOTA
        case Stage.RECIPIENT | Stage.DATA if (
            code == 421
        ):  # the server closes: nothing is said about this mail
            return _LINE
        case Stage.RECIPIENT:
            return _NO_SUCH_ADDRESS if hard else _NOT_NOW
        case Stage.DATA:
            return (_TOO_LARGE if code == 552 else _REFUSED) if hard else _NOT_NOW
