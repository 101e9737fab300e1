"""What all letters have in common: how they begin, who signs, how a day is written. Pure.

A letter never repeats what was complained of, names nobody, and promises no result.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from tickets.calendar.words import full_date, full_weekday


@dataclass(frozen=True, kw_only=True)
class Signature:
    """Who writes: the office, its section, and the number to be called; it may have none."""

    office: str
    section: str
    phone: str = ""


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A finished letter; `aloud` says the same in words to be read on the telephone."""

    subject: str
    body: str
    aloud: str


def letter(
    sign: Signature, number: str, about: str, *paragraphs: str, aloud: str, on: date | None = None
) -> Letter:
    """Puts a letter together; empty paragraphs are left out."""
    day = f"　{full_date(on)}" if on else ""
    parts = ["您好：", *(each for each in paragraphs if each), f"{sign.office}{sign.section}{day}"]
    return Letter(subject=f"{about}〔编号 {number}〕", body="\n\n".join(parts) + "\n", aloud=aloud)


def dated(day: date) -> str:
    """2026年12月7日（星期一）"""
    return f"{full_date(day)}（{full_weekday(day)}）"


def sentence(text: str) -> str:
    """What somebody typed, closed with a full stop."""
    text = text.strip()
    return text if not text or text[-1] in "。！？；.!?" else f"{text}。"


def clause(text: str) -> str:
    """What somebody typed, to stand inside a sentence."""
    return text.strip().rstrip("。；;.，,")


def ask_by_phone(sign: Signature, what: str = "对本告知有疑问") -> str:
    """Whom to ask; no name is needed."""
    return f"{what}，请拨打 {sign.phone}（不必说姓名，报编号即可）。" if sign.phone else ""
