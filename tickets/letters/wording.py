"""What all letters have in common: who signs, how a day is written, how a text becomes a letter. Pure.

A letter never repeats what was complained of, names nobody, and promises no result.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from tickets.calendar.words import full_date, full_weekday
from tickets.letters.filling_in import Text, filled_text


@dataclass(frozen=True, kw_only=True)
class Signature:
    """Who writes: the office, its section, and the number to be called; it may have none."""

    office: str
    section: str
    phone: str = ""


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A finished letter; `aloud` says the same in words to be read on the telephone, `text_used` from which text it was made."""

    subject: str
    body: str
    aloud: str
    text_used: str = ""


def letter(sign: Signature, number: str, text: Text, **blanks: str) -> Letter:
    """Fills a text in for a ticket. The number always stands in the subject: that keeps two letters from being alike."""
    common = {"编号": number, "单位": sign.office, "股室": sign.section, "电话": sign.phone}
    done = filled_text(text, {**common, **blanks})
    return Letter(
        subject=f"{done.subject}〔编号 {number}〕",
        body=done.body + "\n",
        aloud=done.aloud,
        text_used=text.used,
    )


def dated(day: date) -> str:
    """2026年12月7日（星期一）"""
    return f"{full_date(day)}（{full_weekday(day)}）"


def month_and_day(day: date) -> str:
    return f"{day.month}月{day.day}日"


def sentence(text: str) -> str:
    """What somebody typed, closed with a full stop."""
    text = text.strip()
    return text if not text or text[-1] in "。！？；.!?" else f"{text}。"


def clause(text: str) -> str:
    """What somebody typed, to stand inside a sentence."""
    return text.strip().rstrip("。；;.，,")
